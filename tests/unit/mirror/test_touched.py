"""Whatever changes in the mirror, by whoever's doing, leaves a note of whom it concerns; what stays the same, none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from syncd.mirror import (
    backups,
    doubts,
    erasing,
    gate,
    ledger,
    merges,
    optouts,
    shapes,
    stores,
    touched,
    turned_away,
    undone,
)
from syncd.mirror.database import Mirror
from syncd.mirror.erasing import Erasure
from syncd.mirror.forgotten import Whom
from syncd.mirror.opening import open_mirror
from syncd.mirror.restoring import restore
from syncd.mirror.shelves import Shelf
from syncd.model import (
    Action,
    Change,
    Checkout,
    Collection,
    Companies,
    ContactStatus,
    Metafields,
    Outcome,
    OutcomeState,
    Wish,
)
from tests.unit.mirror.looked_at import (
    BOUGHT,
    CHECKOUT,
    FIELD,
    HANGING,
    LATER,
    NOW,
    PEOPLE,
    TEA,
    contact,
    customer,
    later,
    line,
    marks,
    order,
    put,
    settle,
    within,
)

ADD = Change(target="main", label="vip", segment="vips", subject="1", action=Action.ADD)
OF_NEWS = msgspec.structs.replace(ADD, target="news", subject="a@x.example")
WISH = Wish(target="main", label="vip", segment="vips", stores=("main",), feeding=("main",), why="x")
SUBJECT_1, SUBJECT_3, SUBJECT_4 = (("subject", "main", number) for number in "134")
A = ("subject", "news", "a@x.example")
CATALOGUE = {("kind", "main", "products")}
PULLED: dict[str, tuple[str, Any, set[Any]]] = {
    "a new customer": ("customers", customer(9, "n@x.example"), {9}),
    "a customer with a tag more": ("customers", customer(1, "a@x.example", tags=("old", "new")), {1}),
    "a customer with another name": ("customers", customer(3, "c@x.example", first_name="C"), {3}),
    "a customer with another address": ("customers", customer(3, "d@x.example"), {3, ("address", "c@x.example")}),
    "a customer without an address any more": ("customers", customer(3), {3, ("address", "c@x.example")}),
    "a customer's time of change alone": ("customers", customer(3, "c@x.example", updated_at=LATER), set()),
    "an order's time of change alone": ("orders", order(3, 3, updated_at=LATER), {3}),
    "an order with other lines": ("orders", order(1, 1, "a@x.example", lines=(line(1), line(2))), {1}),
    "an order that was cancelled": ("orders", order(3, 3, cancelled_at=LATER), {3}),
    "an order that changes hands": ("orders", order(3, 4), {3, 4}),
    "an order that a guest gets an account for": (
        "orders",
        order(2, 4, "guest@x.example"),
        {4, ("address", "guest@x.example")},
    ),
    "a guest's new order": ("orders", order(9, None, "new@x.example"), {("address", "new@x.example")}),
    "an order of nobody": ("orders", order(9, None), set()),
    "a checkout that was completed": ("checkouts", later(CHECKOUT, completed_at=LATER), {1}),
    "a checkout of nobody": ("checkouts", Checkout(id=2, created_at=NOW, updated_at=NOW), set()),
    "a metafield of another value": (
        "metafields",
        Metafields(id=1, updated_at=NOW, values=(msgspec.structs.replace(FIELD, value="w"),)),
        {1},
    ),
    "metafields without any": ("metafields", Metafields(id=1, updated_at=LATER), {1}),
    "metafields' time of change alone": ("metafields", later(HANGING["metafields"][0]), set()),
    "a company more": ("companies", Companies(id=1, updated_at=NOW, companies=(5, 6)), {1}),
    "a product that was bought": ("products", later(TEA), set()),
    "a product with another tag": ("products", later(TEA, tags=("cold",)), CATALOGUE),
    "a product in a collection": (
        "products",
        later(TEA, collections=(Collection(1, "C", "c"),)),
        CATALOGUE,
    ),
    "a product of another category": ("products", later(TEA, category="Food"), CATALOGUE),
    "a contact who left": ("contacts", contact("a@x.example", ContactStatus.UNSUBSCRIBED), {A}),
    "a contact with a label more": ("contacts", contact("a@x.example", ContactStatus.SUBSCRIBED, "vip"), {A}),
    "a contact's time of change alone": ("contacts", contact("a@x.example", at=LATER), set()),
}


@pytest.mark.parametrize(("feed", "row", "noted"), PULLED.values(), ids=PULLED)
def test_what_a_pull_brings_is_noted(mirror: Mirror, feed: str, row: Any, noted: set[Any]) -> None:
    put(mirror, feed, row)

    assert marks(mirror) == noted


def test_what_is_read_again_and_says_the_same_leaves_no_note(mirror: Mirror) -> None:
    before = mirror.raw.total_changes

    put(mirror, "customers", *PEOPLE)
    put(mirror, "orders", *BOUGHT)
    for feed, rows in HANGING.items():
        put(mirror, feed, *rows)
    put(mirror, "contacts", contact("a@x.example"), contact("b@x.example", ContactStatus.UNSUBSCRIBED, "mine"))

    assert marks(mirror) == set()
    assert mirror.raw.total_changes == before


REMOVED = {
    "customers": ([3], {3, ("address", "c@x.example")}),
    "orders": ([2, 3], {3, ("address", "guest@x.example")}),
    "checkouts": ([1], {1}),
    "metafields": ([1], {1}),
    "companies": ([1], {1}),
    "credit": ([1], {1}),
    "products": ([1], CATALOGUE),
    "contacts": (["b@x.example"], {("subject", "news", "b@x.example")}),
}


@pytest.mark.parametrize(("feed", "keys", "noted"), [(feed, *it) for feed, it in REMOVED.items()], ids=REMOVED)
def test_what_the_service_no_longer_has_is_noted(mirror: Mirror, feed: str, keys: list[Any], noted: set[Any]) -> None:
    Shelf(mirror, "news" if feed == "contacts" else "main", feed, shapes.FEEDS[feed]).remove(keys)

    assert marks(mirror) == noted


def refused(change: Change, *, final: bool = False) -> Outcome:
    return Outcome(change=change, state=OutcomeState.REFUSED, answer="no", final=final)


def merged(mirror: Mirror) -> None:
    """Somebody with our label went, and their order and the label are somebody else's: only then is it ours there."""
    put(mirror, "orders", order(3, 4, updated_at=LATER))
    put(mirror, "customers", customer(4, tags=("kept",), updated_at=LATER))
    Shelf(mirror, "main", "customers", shapes.CUSTOMERS).remove([3])
    settle(mirror)
    assert merges.carry_over(mirror, 0) == 1


def doubted(mirror: Mirror) -> None:
    put(mirror, "contacts", contact("b@x.example", at=LATER))
    settle(mirror)
    assert doubts.judge(mirror, min_size=0, share=Fraction(0), run=1, now=0)


DONE: dict[str, tuple[Callable[[Mirror], object], set[Any]]] = {
    "a tag of ours that went out": (lambda it: within(it, stores.carried, ADD, to_customer=True), {1}),
    "a label of ours that went out": (lambda it: within(it, stores.carried, OF_NEWS, to_customer=False), {A}),
    "a read-back with other tags": (lambda it: within(it, stores.saw_customer, "main", "1", ("vip",)), {1}),
    "a read-back with the same tags": (lambda it: within(it, stores.saw_customer, "main", "1", ("old",)), set()),
    "a read-back of a contact": (
        lambda it: within(it, stores.saw_contact, "news", contact("a@x.example", ContactStatus.ARCHIVED)),
        {A},
    ),
    "a read-back of the same contact": (
        lambda it: within(it, stores.saw_contact, "news", contact("a@x.example")),
        set(),
    ),
    "an older word of a contact": (
        lambda it: within(it, stores.saw_contact, "news", contact("a@x.example", ContactStatus.CLEANED, at=1)),
        {A},
    ),
    "an opt-out that a store took": (lambda it: within(it, optouts.carried, ADD), {1}),
    "an addition that is about to be sent": (lambda it: ledger.intend(it, [ADD], 1, NOW), {SUBJECT_1}),
    "a pair that is taken over": (lambda it: ledger.own(it, "main", "vip", ["1"], "vips", 1, NOW), {SUBJECT_1}),
    "a pair that lapses": (lambda it: ledger.lapse(it, "main", "kept", ["3"]), {SUBJECT_3}),
    "a refusal": (lambda it: within(it, ledger.refuse, refused(ADD), "b", 1, NOW), {SUBJECT_1}),
    "a failure for now": (lambda it: within(it, ledger.postpone, refused(ADD), "b", 1, NOW), {SUBJECT_1}),
    "somebody turned away": (lambda it: within(it, turned_away.note, refused(OF_NEWS, final=True), "b", 1, NOW), {A}),
    "what a person undid": (lambda it: undone.bar(it, WISH, [ADD], 1, NOW), {SUBJECT_1}),
    "a label carried over to whom somebody was merged into": (merged, {SUBJECT_4}),
    "a consent that is doubted": (doubted, {("address", "b@x.example"), ("subject", "news", "b@x.example")}),
    "a customer who was redacted": (
        lambda it: within(it, gate.depart_customers, "main", [3]),
        {3, ("address", "c@x.example")},
    ),
    "a change by hand": (lambda it: it.raw.execute("UPDATE customers SET language = 'fr' WHERE id = 4"), {4}),
}


@pytest.mark.parametrize(("work", "noted"), DONE.values(), ids=DONE)
def test_what_syncd_itself_changes_is_noted(mirror: Mirror, work: Callable[[Mirror], object], noted: set[Any]) -> None:
    work(mirror)

    assert marks(mirror) == noted


def test_the_end_of_what_was_noted_is_noted_too(mirror: Mirror) -> None:
    ledger.own(mirror, "main", "vip", ["1"], "vips", 1, NOW)
    within(mirror, turned_away.note, refused(OF_NEWS), "b", 1, NOW)
    undone.bar(mirror, WISH, [ADD], 1, NOW)
    within(mirror, ledger.refuse, refused(ADD), "b", 1, NOW)
    settle(mirror)

    turned_away.forget_shown(mirror)
    assert marks(mirror) == {A}
    for work in (
        lambda: undone.release(mirror, 1),
        lambda: ledger.forget_refusals(mirror, "main", "vip", [("1", "add")]),
        lambda: within(mirror, ledger.settle, [refused(ADD)]),
    ):
        settle(mirror)
        work()
        assert marks(mirror) == {SUBJECT_1}


def test_erasing_somebody_leaves_no_note_of_them_and_says_that_somebody_is_missing(mirror: Mirror) -> None:
    put(mirror, "customers", customer(3, "c@x.example", first_name="C"))
    put(mirror, "orders", order(7, None, "c@x.example"))
    put(mirror, "contacts", contact("c@x.example"))

    erasing.erase(mirror, Erasure(whom=(Whom(frozenset({("main", 3)}), frozenset({"c@x.example"})),)))

    assert marks(mirror) == {("kind", "", touched.ERASED)}
    assert touched.kinds_touched(mirror, "main", 0) >= {touched.ERASED}


def test_a_restored_mirror_has_everybody_looked_at_by_numbers_that_nobody_has_seen(tmp_path: Path) -> None:
    path = tmp_path / "syncd.db"
    with closing(open_mirror(path)) as mirror:
        put(mirror, "customers", *PEOPLE)
        copy = backups.described(backups.make(mirror, NOW, tmp_path / "copy.db"))
        for _ in range(5):
            with mirror.transaction():
                newest = touched.close(mirror)

    restore(path, copy, NOW)

    with closing(open_mirror(path)) as mirror:
        assert touched.generation(mirror) > newest
        for owner in ("main", "news"):
            assert touched.kinds_touched(mirror, owner, newest) == touched.EVERY_KIND
