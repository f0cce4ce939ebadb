"""What goes out together: the fewest calls for a service that takes a label a call."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from syncd.model import Action, Change, ContactStatus, NewContact
from syncd.plan.batches import batches
from syncd.ports import Traits

SIZE = 5
BY_LABEL = Traits(subject="email", batch_size=SIZE, label_max=100, label_a_call=True)
IN_ONE = Traits(subject="customer", batch_size=SIZE, label_max=100)
NEW = NewContact(status=ContactStatus.SUBSCRIBED)


def change(label: str, number: int, *, new: bool = False) -> Change:
    subject = f"{number}@people.example"
    return Change(
        target="news", label=label, segment="s", subject=subject, action=Action.ADD, create=NEW if new else None
    )


def of(label: str, count: int) -> list[Change]:
    return [change(label, number) for number in range(count)]


CHANGES = st.lists(st.builds(change, st.sampled_from("abAB"), st.integers(0, 30), new=st.booleans()), max_size=40)


@given(urgent=CHANGES, rest=CHANGES, traits=st.sampled_from([BY_LABEL, IN_ONE]))
def test_nothing_is_lost_or_doubled_and_no_batch_is_too_large(
    urgent: list[Change], rest: list[Change], traits: Traits
) -> None:
    found = list(batches(urgent, rest, traits))
    assert all(1 <= len(batch) <= SIZE for batch in found)
    together = [it for batch in found for it in batch]
    assert sorted(together, key=repr) == sorted([*urgent, *rest], key=repr)
    assert sorted(together[: len(urgent)], key=repr) == sorted(urgent, key=repr)


def test_a_label_never_shares_a_batch_where_a_call_carries_one() -> None:
    found = list(batches([], [*of("a", 7), *of("b", 6), *of("A", 2)], BY_LABEL))
    assert [(len(batch), {it.label for it in batch}) for batch in found] == [
        (5, {"a"}),
        (4, {"a", "A"}),
        (5, {"b"}),
        (1, {"b"}),
    ]


def test_labels_share_batches_where_a_call_carries_many() -> None:
    assert [len(batch) for batch in batches([], [*of("a", 7), *of("b", 6)], IN_ONE)] == [5, 5, 3]


def test_whoever_is_to_be_made_comes_first_with_all_of_theirs() -> None:
    changes = [change(label, number, new=number % 2 == 0) for label in "ab" for number in range(4)]
    first, *others = batches([], changes, BY_LABEL)
    assert [subject for subject, _ in groupby(first, key=lambda it: it.subject)] == [
        "0@people.example",
        "2@people.example",
    ]
    assert [{it.label for it in batch} for batch in others] == [{"a"}, {"b"}]


def test_nobody_who_is_to_be_made_is_divided_between_two_batches() -> None:
    changes = [change(label, number, new=True) for label in "ab" for number in range(4)]
    assert [len(batch) for batch in batches([], changes, BY_LABEL)] == [4, 4]


def test_who_is_made_with_more_labels_than_go_into_a_batch_takes_several() -> None:
    changes = [change(str(label), 1, new=True) for label in range(7)] + [change("a", 2, new=True)]
    assert [len(batch) for batch in batches([], changes, BY_LABEL)] == [5, 2, 1]
