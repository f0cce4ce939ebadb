"""What no part of syncd can break by itself: holds, undo, exclusions, forgetting and first pushes, one upon another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cycle.forgetting import forget
from syncd.mirror import departed
from syncd.mirror.held import names_of
from syncd.mirror.people import sought
from syncd.model import Kind, Metafield
from tests.support.household import MANY, Household


class Home(Household):
    """A house whose customers buy much or little."""

    def buy(self, numbers: range, orders: int = 4) -> None:
        for number in numbers:
            self.worlds["main"].put_customer(
                number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=orders
            )

    def later(self, seconds: int = 60) -> None:
        self.clock.instant += seconds

    def forget(self, email: str) -> None:
        forget(self.services(), names_of(self.mirror, sought(email)), local=False)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.mirror.raw.execute(query).fetchall()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path, MANY)
    yield made
    made.mirror.close()


def test_a_run_with_nobody_to_label_leaves_the_first_push_for_when_there_is_somebody(house: Home) -> None:
    house.run(yes=False)
    house.later()
    house.buy(range(1, 41))

    report = house.run(yes=False)

    assert report.result == "held"
    assert {row["why"].partition(",")[0] for row in report.held} == {"first push of this label"}
    assert house.run(yes=True).result == "done"


def test_a_customer_who_takes_the_address_of_somebody_forgotten_is_taken_for_them(house: Home) -> None:
    house.buy(range(1, 4))
    house.run()
    house.forget("p1@x.example")
    house.later()
    house.worlds["main"].delete(Kind.CUSTOMERS, 1)
    house.worlds["main"].put_customer(2, email="p1@x.example")

    house.run()

    assert house.worlds["main"].holders("many") == {3}
    assert house.lists["news"].holders("many") == {"p3@x.example"}
    assert house.rows("SELECT id FROM customers") == [(3,)]
    assert house.rows("SELECT customer_id FROM customer_tags WHERE customer_id = 2") == []
    house.later()
    house.run()
    assert house.calls["main"]["customers"] == 1


def test_what_hangs_on_the_new_record_of_somebody_forgotten_is_left_out_too(house: Home) -> None:
    house.write(MANY.replace("number_of_orders >= 3", "metafields.facts.size = 'xl' OR number_of_orders >= 3"))
    house.buy(range(1, 4))
    house.run()
    house.forget("p1@x.example")
    house.later()
    house.worlds["main"].put_customer(9, email="p1@x.example", email_consent="SUBSCRIBED", number_of_orders=4)
    size = Metafield(namespace="facts", key="size", type="single_line_text_field", value="xl")
    house.worlds["main"].put_metafields(9, values=(size,))

    house.run()

    assert house.rows("SELECT customer_id FROM customer_metafields") == []


def test_after_somebody_is_forgotten_the_next_pull_counts_as_many_as_the_services_do(house: Home) -> None:
    house.write(MANY.replace("number_of_orders >= 3", "metafields.facts.size = 'xl' OR number_of_orders >= 3"))
    house.buy(range(1, 3), orders=0)
    size = Metafield(namespace="facts", key="size", type="single_line_text_field", value="s")
    house.worlds["main"].put_metafields(1, values=(size,))
    house.lists["news"].put_contact("p1@x.example")
    house.later(4000)
    house.buy(range(3, 6))
    house.worlds["main"].put_metafields(3, values=(size,))
    house.run()
    house.later(4000)
    house.run()

    house.forget("p1@x.example")

    house.later(4000)
    report = house.run()
    assert (report.result, report.failures) == ("done", [])
    assert {feed: calls for feed, calls in house.calls["main"].items() if calls > 1} == {}


def test_whom_the_store_deleted_is_erased_while_the_rest_of_the_label_is_held(house: Home) -> None:
    house.write(MANY.replace('audiences = ["news"]\n', ""))
    house.buy(range(1, 61))
    house.run()
    house.later(100_000)
    house.worlds["main"].delete(Kind.CUSTOMERS, 1)
    house.buy(range(2, 40), orders=0)

    report = house.run()

    assert [row["removes"] for row in report.held] == [38]
    assert departed.waiting(house.mirror) == 0
    assert house.rows("SELECT * FROM ledger WHERE subject = '1'") == []


def test_the_exclusion_list_and_a_rule_together_do_not_empty_a_label_unasked(house: Home) -> None:
    limits = '[limits]\nmax_remove = "60%"\n'
    house.write(limits + MANY)
    house.buy(range(1, 61))
    house.run()
    house.later(100_000)
    house.buy(range(31, 61), orders=0)
    (house.folder / "left-alone.txt").write_text("\n".join(f"p{number}@x.example" for number in range(1, 31)))
    house.write(limits + MANY + '[suppress]\nfiles = ["left-alone.txt"]\n')

    report = house.run(yes=False)

    assert {row["why"] for row in report.held} == {"would take the label from all 30 whom syncd gave it"}
    assert house.worlds["main"].holders("many") == set(range(31, 61))


def test_a_list_that_takes_a_label_from_all_who_have_it_waits_though_somebody_new_would_get_it(house: Home) -> None:
    house.buy(range(1, 41))
    house.run()
    house.later(100_000)
    house.buy(range(41, 42))
    (house.folder / "left-alone.txt").write_text("\n".join(f"p{number}@x.example" for number in range(1, 41)))
    house.write(MANY + '[suppress]\nfiles = ["left-alone.txt"]\n')

    report = house.run(yes=False)

    assert report.result == "held"
    assert house.worlds["main"].holders("many") == set(range(1, 41))
