"""Writing tags: which way, and what the answers mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.shopify.tags import ShopifyTags
from connectors.shopify.writes import writes
from syncd.errors import CredentialsError, FatalError, RetriableError, SyncdError
from syncd.model import Action, Change, ContactStatus, Outcome, OutcomeState
from syncd.ports import Host, Store
from tests.unit.shopify.scripted import (
    UPLOADS,
    ScriptedShop,
    Variables,
    cost,
    data,
    fails,
    operation,
    status,
)

CHANGED = "2026-11-21T08:00:00Z"
CHANGED_AT = 1795248000


def change(subject: object, label: str = "vip", action: Action = Action.ADD) -> Change:
    return Change(target="main", label=label, segment="s", subject=str(subject), action=action)


def remove(subject: object, label: str = "vip") -> Change:
    return change(subject, label, Action.REMOVE)


def states(outcomes: Iterable[Outcome]) -> list[str]:
    return [outcome.state.value for outcome in outcomes]


def payload(*tags: str, says: str | None = None) -> dict[str, Any]:
    errors = [] if says is None else [{"field": ["id"], "message": says}]
    return {"node": {"id": "x", "tags": list(tags), "updatedAt": CHANGED}, "userErrors": errors}


def nobody(says: str = "Customer does not exist") -> dict[str, Any]:
    return {"node": None, "userErrors": [{"field": ["id"], "message": says}]}


def until_it_fails(outcomes: Iterable[Outcome]) -> tuple[list[str], SyncdError | None]:
    found = []
    try:
        for outcome in outcomes:
            found.append(outcome.state.value)  # noqa: PERF401  # what came before the error counts
    except SyncdError as error:
        return found, error
    return found, None


def under_way(**operations: list[str]) -> dict[str, Any]:
    states = ("created", "running", "canceling")
    return data(**{state: {"nodes": [{"id": it} for it in operations.get(state, [])]} for state in states})  # type: ignore[return-value]


class TestNormalise:
    def test_space_around_a_tag_goes(self, store: Store) -> None:
        assert store.tags.normalise("  Größe 1 ") == "Größe 1"

    @pytest.mark.parametrize(("label", "says"), [("", "empty"), (" \n", "empty"), ("a,b", "comma"), ("x" * 256, "255")])
    def test_what_cannot_be_a_tag_is_refused(self, store: Store, label: str, says: str) -> None:
        with pytest.raises(ValueError, match=says):
            store.tags.normalise(label)

    @given(st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), min_size=1, max_size=255))
    def test_a_normal_tag_stays_as_it_is(self, label: str) -> None:
        if label.strip():
            once = ShopifyTags.normalise(None, label)  # type: ignore[arg-type]  # it looks at nothing else
            assert ShopifyTags.normalise(None, once) == once  # type: ignore[arg-type]


class TestGrouping:
    def test_removals_come_first_and_one_mutation_takes_all_tags_of_a_customer(self) -> None:
        todo = writes([change(1, "a"), remove(2), change(1, "b"), remove(1, "c")])
        assert [(write.mutation, write.customer[-1], write.tags) for write in todo] == [
            ("tagsRemove", "2", ["vip"]),
            ("tagsRemove", "1", ["c"]),
            ("tagsAdd", "1", ["a", "b"]),
        ]

    @given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from("abc"), st.sampled_from([Action.ADD, Action.REMOVE]))))
    def test_every_change_is_in_exactly_one_mutation(self, drawn: list[tuple[int, str, Action]]) -> None:
        changes = [change(*each) for each in drawn]
        told = [each for write in writes(changes) for each in write.changes]
        assert sorted(map(id, told)) == sorted(map(id, changes))


class TestDirect:
    def test_a_tag_that_the_answer_shows_is_applied(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        shop.on("WriteTags", data(m0=payload("a", "VIP")))
        (outcome,) = store.tags.apply([change(1, "vip")])
        assert outcome == Outcome(
            change=change(1, "vip"), state=OutcomeState.APPLIED, changed_at=CHANGED_AT, labels=("a", "VIP")
        )
        assert shop.variables("WriteTags") == [{"i0": "gid://shopify/Customer/1", "t0": ["vip"]}]
        assert host.calls == {"write": 1}

    def test_a_tag_that_the_answer_shows_gone_is_removed(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("WriteTags", data(m0=payload("a"), m1=payload("vip")))
        assert states(store.tags.apply([remove(1), remove(2)])) == ["applied", "unknown"]

    def test_what_the_store_gives_a_reason_for_is_refused_in_its_words(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("WriteTags", data(m0=nobody(), m1=payload("a", says="Tags cannot be more than 250")))
        outcomes = list(store.tags.apply([change(1), change(2)]))
        assert states(outcomes) == ["refused", "refused"]
        assert [outcome.answer for outcome in outcomes] == ["Customer does not exist", "Tags cannot be more than 250"]

    def test_a_reason_beside_a_tag_that_is_there_is_no_refusal(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("WriteTags", data(m0=payload("vip", says="Tags cannot be more than 250")))
        assert states(store.tags.apply([change(1), change(1, "new")])) == ["applied", "refused"]

    @pytest.mark.parametrize(
        "result",
        [payload("other"), {"node": None, "userErrors": []}, {"node": {"id": "x"}, "userErrors": []}, None],
    )
    def test_what_the_answer_does_not_name_is_unknown(self, shop: ScriptedShop, store: Store, result: Any) -> None:
        shop.on("WriteTags", data(m0=result))
        assert states(store.tags.apply([change(1)])) == ["unknown"]

    def test_one_mutation_that_failed_leaves_the_others_alone(self, shop: ScriptedShop, store: Store) -> None:
        body = data(m0=payload("vip"), m1=None)
        body["errors"] = [{"message": "boom", "path": ["m1"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]  # type: ignore[index]
        shop.on("WriteTags", body)
        outcomes = list(store.tags.apply([change(1), change(2)]))
        assert states(outcomes) == ["applied", "unknown"]
        assert outcomes[1].answer == "boom"

    def test_one_customer_whom_the_store_will_not_have_is_found_and_the_others_are_tagged(
        self, shop: ScriptedShop, store: Store
    ) -> None:
        def answer(asked: Variables) -> Any:
            if "gid://shopify/Customer/7" in asked.values():
                return fails("RESOURCE_NOT_FOUND", "invalid id")
            return data(**{f"m{n}": payload("vip") for n in range(len(asked) // 2)})

        shop.on("WriteTags", answer)
        outcomes = {it.change.subject: it for it in store.tags.apply([change(n) for n in range(1, 21)])}
        assert [subject for subject, it in outcomes.items() if it.state is not OutcomeState.APPLIED] == ["7"]
        assert (outcomes["7"].state, outcomes["7"].answer) == (OutcomeState.REFUSED, "invalid id")
        assert len(shop.variables("WriteTags")) == 9

    def test_many_customers_go_in_several_calls(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("WriteTags", lambda asked: data(**{f"m{n}": payload("vip") for n in range(len(asked) // 2)}))
        _afford(store, shop)
        assert states(store.tags.apply([change(n) for n in range(1, 61)])) == ["applied"] * 60
        assert [len(asked) // 2 for asked in shop.variables("WriteTags")] == [25, 25, 10]

    def test_no_answer_leaves_what_was_in_flight_unknown_and_the_rest_surely_undone(
        self, shop: ScriptedShop, store: Store
    ) -> None:
        good = data(**{f"m{n}": payload("vip") for n in range(25)})
        _afford(store, shop)
        shop.on("WriteTags", good, status(502))
        found, error = until_it_fails(store.tags.apply([change(n) for n in range(1, 61)]))
        assert found == ["applied"] * 25 + ["unknown"] * 25
        assert isinstance(error, RetriableError)
        assert not error.unknown_fate

    def test_an_answer_that_refuses_the_call_leaves_nothing_in_doubt(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("WriteTags", fails("THROTTLED", cost_told=cost(available=0)))
        found, error = until_it_fails(store.tags.apply([change(1)]))
        assert (found, isinstance(error, RetriableError)) == ([], True)

    def test_a_failure_before_a_refusal_leaves_the_call_in_doubt(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("WriteTags", status(502), status(403))
        found, error = until_it_fails(store.tags.apply([change(1)]))
        assert (found, isinstance(error, RetriableError)) == (["unknown"], True)

    def test_a_missing_scope_ends_it_with_nothing_done(self, shop: ScriptedShop, store: Store) -> None:
        denied = {
            "message": "no",
            "path": ["m0"],
            "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "write_customers"},
        }
        shop.on("WriteTags", {"data": {"m0": None}, "errors": [denied]})
        found, error = until_it_fails(store.tags.apply([change(1)]))
        assert found == []
        assert isinstance(error, CredentialsError)
        assert "write_customers" in str(error)

    def test_what_must_not_be_sent_is_refused_here(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        outcomes = list(store.tags.apply([change("x@example.com"), change(1, "a,b"), change("", "c")]))
        assert states(outcomes) == ["refused"] * 3
        assert host.calls == {}

    def test_nothing_to_do_is_nothing_done(self, store: Store, host: Host) -> None:
        assert list(store.tags.apply([])) == []
        assert host.calls == {}


def _afford(store: Store, shop: ScriptedShop) -> None:
    """Let the store's bucket be known, and full."""
    shop.on("CustomersCount", data(whole={"count": 1, "precision": "EXACT"}))
    store.source.customers.count()


class TestByFile:
    """More than the bucket affords goes as a file that the store works through."""

    @pytest.fixture(autouse=True)
    def uploads(self, shop: ScriptedShop) -> list[bytes]:
        """Take files, and keep them."""
        taken: list[bytes] = []

        def take(request: Any) -> tuple[int, dict[str, str], str]:
            taken.append(request.body)
            return 201, {}, "<PostResponse/>"

        def stage(asked: Variables) -> Any:
            keys = [f"tmp/{n}" for n in range(1, len(asked["input"]) + 1)]
            targets = [
                {"url": UPLOADS, "parameters": [{"name": "policy", "value": "p"}, {"name": "key", "value": key}]}
                for key in keys
            ]
            return data(staged={"stagedTargets": targets, "userErrors": []})

        shop.on("StageUpload", stage)
        shop.mocked.add_callback(responses.POST, UPLOADS, callback=take)
        shop.on("RunBulkWrite", data(run={"bulkOperation": {"id": "gid://shopify/BulkOperation/w"}, "userErrors": []}))
        return taken

    @pytest.fixture
    def finish(self, shop: ScriptedShop) -> Callable[..., None]:
        """Let the store finish a file with these results, by the numbers of its lines."""

        def finish(results: dict[int, Any], state: str = "COMPLETED", mutation: str = "tagsAdd", **more: Any) -> None:
            rows = [{"data": {mutation: result}, "__lineNumber": number} for number, result in results.items()]
            content = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
            link = "url" if state == "COMPLETED" else "partialDataUrl"
            described = {link: shop.file(f"result-{mutation}", content)} | more
            shop.on("PollBulkOperation", data(operation=operation("w", state, type="MUTATION", **described)))

        return finish

    def test_each_change_is_judged_by_its_line_in_whatever_order(
        self, shop: ScriptedShop, store: Store, finish: Any, uploads: list[bytes], host: Host
    ) -> None:
        results: dict[int, Any] = {n: payload("vip") for n in reversed(range(30))}
        results[4] = nobody()
        results[5] = payload("other")
        del results[6]
        finish(results)
        outcomes = {outcome.change.subject: outcome for outcome in store.tags.apply([change(n) for n in range(30)])}
        assert len(outcomes) == 30
        odd = {subject: outcome.state.value for subject, outcome in outcomes.items() if outcome.state != "applied"}
        assert odd == {"4": "refused", "5": "unknown", "6": "unknown"}
        assert b'{"id":"gid://shopify/Customer/29","tags":["vip"]}\n' in uploads[0]
        assert uploads[0].index(b'name="policy"') < uploads[0].index(b'name="key"') < uploads[0].index(b'name="file"')
        assert shop.variables("RunBulkWrite")[0]["path"] == "tmp/1"
        assert {name.split()[0] for name in host.calls} == {"write"}
        assert host.memo == {}

    def test_removals_are_a_file_of_their_own_and_go_first(
        self, shop: ScriptedShop, store: Store, uploads: list[bytes]
    ) -> None:
        shop.on("PollBulkOperation", data(operation=operation("w")))
        outcomes = list(store.tags.apply([*(change(n) for n in range(30)), *(remove(n) for n in range(30, 60))]))
        assert states(outcomes) == ["unknown"] * 60
        assert [outcome.change.action.value for outcome in outcomes] == ["remove"] * 30 + ["add"] * 30
        inner = [asked["mutation"] for asked in shop.variables("RunBulkWrite")]
        assert ["tagsRemove" in each for each in inner] == [True, False]
        assert [asked["path"] for asked in shop.variables("RunBulkWrite")] == ["tmp/1", "tmp/2"]
        assert len(uploads) == 2
        assert len(shop.variables("StageUpload")) == 1

    def test_a_few_removals_beside_many_additions_go_by_a_call_of_their_own(
        self, shop: ScriptedShop, store: Store, finish: Any, uploads: list[bytes]
    ) -> None:
        finish({n: payload("vip") for n in range(30)})
        shop.on("WriteTags", data(**{f"m{n}": payload() for n in range(5)}))
        outcomes = list(store.tags.apply([*(change(n) for n in range(30)), *(remove(n) for n in range(30, 35))]))
        assert states(outcomes) == ["applied"] * 35
        assert [name for name, _ in shop.asked if name != "PollBulkOperation"] == [
            "WriteTags",
            "StageUpload",
            "RunBulkWrite",
        ]
        assert len(uploads) == 1

    def test_a_line_with_an_error_of_its_own_is_unknown(self, shop: ScriptedShop, store: Store) -> None:
        content = b'{"errors":[{"message":"Internal error"}],"__lineNumber":0}\n'
        shop.on("PollBulkOperation", data(operation=operation("w", url=shop.file("r", content))))
        first = next(iter(store.tags.apply([change(n) for n in range(30)])))
        assert (first.state, first.answer) == (OutcomeState.UNKNOWN, "Internal error")

    @pytest.mark.parametrize("state", ["FAILED", "CANCELED", "EXPIRED"])
    def test_a_file_that_was_not_finished_is_known_as_far_as_the_store_tells(
        self, store: Store, finish: Any, state: str
    ) -> None:
        finish({0: payload("vip")}, state)
        assert sorted(states(store.tags.apply([change(n) for n in range(30)]))) == ["applied"] + ["unknown"] * 29

    def test_an_account_that_cannot_be_read_leaves_all_unknown(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("PollBulkOperation", data(operation=operation("w", url=shop.file("r", b"<html>\n"))))
        assert states(store.tags.apply([change(n) for n in range(30)])) == ["unknown"] * 30

    def test_a_file_that_could_not_be_uploaded_leaves_nothing_in_doubt(
        self, shop: ScriptedShop, store: Store, host: Host
    ) -> None:
        shop.mocked.replace(responses.POST, UPLOADS, status=503)
        found, error = until_it_fails(store.tags.apply([change(n) for n in range(30)]))
        assert (found, isinstance(error, RetriableError)) == ([], True)
        assert not error.unknown_fate  # type: ignore[union-attr]
        assert host.memo == {}

    def test_a_file_that_the_store_does_not_take_is_told(self, shop: ScriptedShop, store: Store) -> None:
        shop.mocked.replace(responses.POST, UPLOADS, status=403)
        with pytest.raises(FatalError, match="refused"):
            list(store.tags.apply([change(n) for n in range(30)]))

    def test_a_file_that_the_store_has_no_place_for_is_told(self, shop: ScriptedShop, store: Store) -> None:
        shop.on("StageUpload", data(staged={"stagedTargets": None, "userErrors": [{"field": None, "message": "full"}]}))
        with pytest.raises(FatalError, match="full"):
            list(store.tags.apply([change(n) for n in range(30)]))

    def test_a_start_without_an_answer_is_in_doubt_and_waited_for_before_anything_else(
        self, shop: ScriptedShop, store: Store, host: Host
    ) -> None:
        shop.on("RunBulkWrite", status(502))
        found, error = until_it_fails(store.tags.apply([change(n) for n in range(30)]))
        assert found == ["unknown"] * 30
        assert isinstance(error, RetriableError)
        assert "bulk write" in host.memo

    def test_a_file_still_at_work_after_a_crash_is_waited_for_before_tags_are_read(
        self, shop: ScriptedShop, store: Store, host: Host, finish: Any
    ) -> None:
        host.memo["bulk write"] = "tagsAdd"
        shop.on("WritesUnderWay", under_way(running=["gid://shopify/BulkOperation/w"]))
        shop.on(
            "PollBulkOperation",
            data(operation=operation("w", "RUNNING")),
            data(operation=operation("w", "RUNNING")),
            data(operation=operation("w")),
        )
        shop.on("ReadTags", data(nodes=[]))
        assert list(store.tags.read(["1"])) == []
        assert [name for name, _ in shop.asked] == [
            "WritesUnderWay",
            *["PollBulkOperation"] * 3,
            "ReadTags",
        ]
        assert host.memo == {}

    def test_a_file_that_never_ends_is_cancelled_and_then_read_back(
        self, shop: ScriptedShop, store: Store, host: Host
    ) -> None:
        host.memo["bulk write"] = "tagsAdd"
        shop.on("WritesUnderWay", under_way(running=["gid://shopify/BulkOperation/w"]))
        shop.on(
            "PollBulkOperation",
            lambda _: data(
                operation=operation("w", "CANCELED" if shop.variables("CancelBulkOperation") else "RUNNING")
            ),
        )
        shop.on("CancelBulkOperation", data(cancel=None))
        shop.on("ReadTags", data(nodes=[]))
        assert list(store.tags.read(["1"])) == []
        assert host.memo == {}

    def test_a_poll_that_is_given_up_leaves_the_file_in_doubt(
        self, shop: ScriptedShop, store: Store, host: Host
    ) -> None:
        shop.on("PollBulkOperation", status(503))
        found, error = until_it_fails(store.tags.apply([change(n) for n in range(30)]))
        assert found == ["unknown"] * 30
        assert isinstance(error, RetriableError)
        assert "bulk write" in host.memo

    def test_large_files_are_cut(self, store: Store, finish: Any, uploads: list[bytes], monkeypatch: Any) -> None:
        monkeypatch.setattr("connectors.shopify.bulk_writes._MOST_BYTES", 1000)
        finish({n: payload("vip") for n in range(30)})
        assert states(store.tags.apply([change(n) for n in range(60)])) == ["applied"] * 60
        assert len(uploads) == 3


class TestChoosing:
    @pytest.mark.parametrize(
        ("available", "customers", "by_file"),
        [(2000, 200, False), (2000, 201, True), (500, 50, False), (500, 51, True), (0, 25, False), (20_000, 201, True)],
    )
    def test_what_the_bucket_affords_now_goes_by_calls(
        self, shop: ScriptedShop, store: Store, available: float, customers: int, *, by_file: bool
    ) -> None:
        told = cost(available=available, maximum=20_000, rate=0.001)
        shop.on("CustomersCount", data(whole={"count": 1}) | {"extensions": {"cost": told}})
        store.source.customers.count()
        shop.on("WriteTags", data())
        shop.on("StageUpload", status(404))
        until_it_fails(store.tags.apply([change(n) for n in range(customers)]))
        assert bool(shop.variables("StageUpload")) is by_file


class TestRead:
    def test_customers_are_read_by_id_with_all_their_tags(self, shop: ScriptedShop, store: Store, host: Host) -> None:
        def nodes(asked: Variables) -> Any:
            found = [
                {
                    "id": gid,
                    "tags": ["a", "VIP"],
                    "updatedAt": CHANGED,
                    "defaultEmailAddress": {"emailAddress": "anna@example.com", "marketingState": "SUBSCRIBED"},
                }
                for gid in asked["ids"]
            ]
            return data(nodes=[None, *found[1:]])

        shop.on("ReadTags", nodes)
        contacts = list(store.tags.read([str(n) for n in range(1, 301)]))
        assert host.calls == {"tags": 2}
        assert len(contacts) == 298
        assert contacts[0].subject == "2"
        assert (contacts[0].labels, contacts[0].changed_at) == (("a", "VIP"), CHANGED_AT)
        assert (contacts[0].email, contacts[0].status) == ("anna@example.com", ContactStatus.SUBSCRIBED)

    def test_what_is_no_customers_id_is_not_asked_for(self, store: Store, host: Host) -> None:
        assert list(store.tags.read(["anna@example.com"])) == []
        assert host.calls == {}

    def test_a_customer_without_an_address_has_none(self, shop: ScriptedShop, store: Store) -> None:
        node = {"id": "gid://shopify/Customer/1", "tags": [], "updatedAt": CHANGED, "defaultEmailAddress": None}
        shop.on("ReadTags", data(nodes=[node, {"id": "gid://shopify/Order/2"}]))
        (contact,) = store.tags.read(["1", "2"])
        assert (contact.email, contact.status) == ("", ContactStatus.TRANSACTIONAL)
