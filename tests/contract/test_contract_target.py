"""What every target of every connector keeps to, a store's tags and an audience alike."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.model import Action, Change, OutcomeState, fold
from tests.contract.suite_bench import Bench, add, everything, folded, read_one, remove

ODD_LABELS = [
    "vip",
    "  padded  ",
    "two words",
    'Émile\'s "best" & <b>',
    "tag:with-colon (and) *stars*",
    "back\\slash/slash",
    "percent%20+plus",
    "日本語",
    "🎉 party",
    "NOT",
    "{curly} $dollar",
]

LABELLING = (Action.ADD, Action.REMOVE)
MANY = 1200
"""More than any service takes in one request, and enough for a connector to choose its way for large writes."""


def states(bench: Bench, *changes: Change) -> list[OutcomeState]:
    by_change = {outcome.change: outcome.state for outcome in bench.target.apply(changes)}
    return [by_change[change] for change in changes]


def normalised(bench: Bench, label: str) -> tuple[str | None, str]:
    try:
        return bench.target.normalise(label), ""
    except ValueError as error:
        return None, str(error)


def test_no_changes_have_no_outcomes(bench: Bench) -> None:
    assert list(bench.target.apply([])) == []


def test_every_change_has_one_outcome_whatever_becomes_of_it(bench: Bench) -> None:
    target = bench.target
    one, two = bench.subject(1), bench.subject(2)
    bench.tag_by_hand(two, "old")
    changes = [
        add(target, one, "new"),
        add(target, one, "other"),
        remove(target, one, "never there"),
        remove(target, two, "old"),
        add(target, two, "new"),
        *(add(target, stranger, "new") for stranger in bench.strangers()),
        *(remove(target, stranger, "new") for stranger in bench.strangers()),
    ]
    outcomes = list(target.apply(changes))
    assert Counter(outcome.change for outcome in outcomes) == Counter(changes)
    assert folded(bench.labels_of(one)) == {"new", "other"}
    assert folded(bench.labels_of(two)) == {"new"}


def test_adding_twice_is_applied_twice_and_there_once(bench: Bench) -> None:
    subject = bench.subject(1)
    change = add(bench.target, subject, "vip")
    assert states(bench, change) == [OutcomeState.APPLIED]
    assert states(bench, change) == [OutcomeState.APPLIED]
    assert bench.labels_of(subject) == {"vip"}


def test_removing_twice_is_applied_twice(bench: Bench) -> None:
    subject = bench.subject(1)
    bench.tag_by_hand(subject, "vip", "other")
    change = remove(bench.target, subject, "vip")
    assert states(bench, change) == [OutcomeState.APPLIED]
    assert states(bench, change) == [OutcomeState.APPLIED]
    assert bench.labels_of(subject) == {"other"}


def test_removing_a_label_that_nobody_ever_had_is_applied(bench: Bench) -> None:
    assert states(bench, remove(bench.target, bench.subject(1), "never heard of")) == [OutcomeState.APPLIED]


def test_letter_case_makes_no_second_label(bench: Bench) -> None:
    subject = bench.subject(1)
    bench.tag_by_hand(subject, "VIP")
    assert states(bench, add(bench.target, subject, "vip")) == [OutcomeState.APPLIED]
    assert [fold(label) for label in bench.labels_of(subject)] == ["vip"]


def test_a_label_is_removed_in_whatever_letter_case_it_is_there(bench: Bench) -> None:
    subject = bench.subject(1)
    bench.tag_by_hand(subject, "VIP", "Keep")
    assert states(bench, remove(bench.target, subject, "vip")) == [OutcomeState.APPLIED]
    assert bench.labels_of(subject) == {"Keep"}


def test_labels_of_others_are_left_alone(bench: Bench) -> None:
    subject, bystander = bench.subject(1), bench.subject(2)
    bench.tag_by_hand(subject, "Wholesale", "net-30", "vip-old")
    bench.tag_by_hand(bystander, "Wholesale", "vip")
    assert states(bench, add(bench.target, subject, "vip")) == [OutcomeState.APPLIED]
    assert bench.labels_of(subject) == {"Wholesale", "net-30", "vip-old", "vip"}
    assert states(bench, remove(bench.target, subject, "vip")) == [OutcomeState.APPLIED]
    assert bench.labels_of(subject) == {"Wholesale", "net-30", "vip-old"}
    assert bench.labels_of(bystander) == {"Wholesale", "vip"}


def test_one_subject_may_gain_and_lose_in_one_call(bench: Bench) -> None:
    subject = bench.subject(1)
    bench.tag_by_hand(subject, "old", "older", "hand-made")
    target = bench.target
    changes = [
        remove(target, subject, "old"),
        add(target, subject, "new"),
        remove(target, subject, "older"),
        add(target, subject, "newer"),
    ]
    assert states(bench, *changes) == [OutcomeState.APPLIED] * 4
    assert bench.labels_of(subject) == {"new", "newer", "hand-made"}


def test_unknown_and_malformed_subjects_are_refused_in_words(bench: Bench) -> None:
    for stranger in bench.strangers():
        (outcome,) = bench.target.apply([add(bench.target, stranger, "vip")])
        assert outcome.state is OutcomeState.REFUSED, f"{stranger!r}: {outcome.state}"
        assert outcome.answer.strip()
        if "@" in stranger:
            assert stranger not in outcome.answer


def test_removing_from_an_unknown_subject_is_settled_and_no_failure(bench: Bench) -> None:
    for stranger in bench.strangers():
        (outcome,) = bench.target.apply([remove(bench.target, stranger, "vip")])
        assert outcome.state is not OutcomeState.FAILED, repr(stranger)


def test_a_bad_change_among_many_spoils_none_of_the_others(bench: Bench) -> None:
    target = bench.target
    good = [bench.subject(number) for number in range(1, 8)]
    changes = [add(target, subject, "vip") for subject in good]
    for place, stranger in enumerate(bench.strangers()):
        changes.insert(place * 2, add(target, stranger, "vip"))
    outcomes = {outcome.change.subject: outcome.state for outcome in target.apply(changes)}
    assert {outcomes[subject] for subject in good} == {OutcomeState.APPLIED}
    assert {outcomes[stranger] for stranger in bench.strangers()} == {OutcomeState.REFUSED}
    assert all(folded(bench.labels_of(subject)) == {"vip"} for subject in good)


def test_an_outcome_agrees_with_what_is_read_afterwards(bench: Bench) -> None:
    subject = bench.subject(1)
    bench.tag_by_hand(subject, "hand-made")
    bench.wait(5)
    for change in (add(bench.target, subject, "vip"), remove(bench.target, subject, "vip")):
        (outcome,) = bench.target.apply([change])
        contact = read_one(bench.target, subject)
        assert outcome.labels is None or set(outcome.labels) == set(contact.labels)
        assert outcome.changed_at is None or outcome.changed_at == contact.changed_at
        assert outcome.contact is None or outcome.contact == contact
        assert set(contact.labels) == bench.labels_of(subject)


def test_what_was_just_written_is_read_at_once(bench: Bench) -> None:
    subject = bench.subject(1)
    list(bench.target.apply([add(bench.target, subject, "vip")]))
    assert folded(read_one(bench.target, subject).labels) == {"vip"}
    list(bench.target.apply([remove(bench.target, subject, "vip")]))
    assert read_one(bench.target, subject).labels == ()


def test_a_write_moves_the_time_of_change(bench: Bench) -> None:
    subject = bench.subject(1)
    before = read_one(bench.target, subject).changed_at
    bench.wait(5)
    list(bench.target.apply([add(bench.target, subject, "vip")]))
    assert read_one(bench.target, subject).changed_at >= before + 5


def test_reading_gives_those_who_exist_once_each_and_nothing_for_the_others(bench: Bench) -> None:
    known = [bench.subject(1), bench.subject(2)]
    contacts = list(bench.target.read([*bench.strangers(), *known]))
    assert sorted(contact.subject for contact in contacts) == sorted(known)
    assert list(bench.target.read([])) == []
    assert list(bench.target.read(bench.strangers())) == []


def test_a_subject_of_sixty_labels_is_read_with_all_of_them(bench: Bench) -> None:
    subject = bench.subject(1)
    labels = {f"hand {number}" for number in range(60)}
    bench.tag_by_hand(subject, *labels)
    assert set(read_one(bench.target, subject).labels) == labels
    (outcome,) = bench.target.apply([add(bench.target, subject, "vip")])
    assert outcome.state is OutcomeState.APPLIED
    assert outcome.labels is None or set(outcome.labels) == labels | {"vip"}
    (kind,) = {"customers", "contacts"} & set(bench.feeds)
    (row,) = everything(bench.feeds[kind].feed)
    assert set(row.tags if kind == "customers" else row.labels) == labels | {"vip"}


def test_a_full_batch_is_applied_and_read_back_whole(bench: Bench) -> None:
    target = bench.target
    size = min(target.traits.batch_size, MANY)
    subjects = [bench.subject(number) for number in range(1, size + 2)]
    outcomes = list(target.apply([add(target, subject, "vip") for subject in subjects[:-1]]))
    assert len(outcomes) == size
    assert {outcome.state for outcome in outcomes} == {OutcomeState.APPLIED}
    contacts = {contact.subject: contact for contact in target.read(subjects)}
    assert set(contacts) == set(subjects)
    assert [subject for subject in subjects if not contacts[subject].labels] == subjects[-1:]


def test_a_full_batch_may_be_all_of_different_labels(bench: Bench) -> None:
    target = bench.target
    one, two = bench.subject(1), bench.subject(2)
    each = min(target.traits.batch_size, 60) // 2
    changes = [add(target, subject, f"label {number}") for number in range(each) for subject in (one, two)]
    assert {outcome.state for outcome in target.apply(changes)} == {OutcomeState.APPLIED}
    assert folded(bench.labels_of(one)) == folded(bench.labels_of(two)) == {f"label {number}" for number in range(each)}


def test_many_subjects_gain_and_lose_in_one_call(bench: Bench) -> None:
    target = bench.target
    some = min(target.traits.batch_size, MANY) // 3
    subjects = [bench.subject(number) for number in range(1, some + 1)]
    for subject in subjects:
        bench.tag_by_hand(subject, "old", "hand-made")
    changes = [
        *(change for each in subjects for change in (add(target, each, "new"), remove(target, each, "old"))),
        *(add(target, stranger, "new") for stranger in bench.strangers()),
    ]
    outcomes = {(outcome.change.subject, outcome.change.action): outcome for outcome in target.apply(changes)}
    assert len(outcomes) == len(changes)
    assert {outcomes[each, action].state for each in subjects for action in LABELLING} == {OutcomeState.APPLIED}
    assert {outcomes[each, Action.ADD].state for each in bench.strangers()} == {OutcomeState.REFUSED}
    contacts = {contact.subject: contact.labels for contact in target.read(subjects)}
    assert set(contacts) == set(subjects)
    assert all(folded(labels) == {"new", "hand-made"} for labels in contacts.values())
    for (subject, _), outcome in outcomes.items():
        assert outcome.labels is None or set(outcome.labels) <= {*contacts[subject], "old"}


def test_the_same_change_twice_in_one_call_has_two_outcomes(bench: Bench) -> None:
    change = add(bench.target, bench.subject(1), "vip")
    outcomes = list(bench.target.apply([change, change]))
    assert [outcome.change for outcome in outcomes] == [change, change]
    assert {outcome.state for outcome in outcomes} == {OutcomeState.APPLIED}


def test_who_stops_listening_in_the_middle_can_do_it_all_again(bench: Bench) -> None:
    subjects = [bench.subject(number) for number in range(1, 40)]
    changes = [add(bench.target, subject, "vip") for subject in subjects]
    outcomes = bench.target.apply(changes)
    first = next(outcomes)
    assert first.state is OutcomeState.APPLIED
    outcomes.close()  # type: ignore[attr-defined]
    assert folded(bench.labels_of(first.change.subject)) == {"vip"}
    assert states(bench, *changes) == [OutcomeState.APPLIED] * len(changes)


@pytest.mark.parametrize("label", ODD_LABELS)
def test_an_odd_label_is_read_back_as_normalised(bench: Bench, label: str) -> None:
    subject = bench.subject(1)
    normal = bench.target.normalise(label)
    assert states(bench, add(bench.target, subject, normal)) == [OutcomeState.APPLIED]
    assert read_one(bench.target, subject).labels == (normal,)
    assert states(bench, remove(bench.target, subject, normal)) == [OutcomeState.APPLIED]
    assert read_one(bench.target, subject).labels == ()


def test_the_longest_label_is_carried(bench: Bench) -> None:
    subject = bench.subject(1)
    longest = "é" * bench.target.traits.label_max
    assert bench.target.normalise(longest) == longest
    assert states(bench, add(bench.target, subject, longest)) == [OutcomeState.APPLIED]
    assert read_one(bench.target, subject).labels == (longest,)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300))
@example(" vip ")
@example("\ufeffvip\u00a0")
@example("İ")
@example("ß")
def test_normalising_is_a_fixed_point_or_says_why_not(bench: Bench, label: str) -> None:
    once, why_not = normalised(bench, label)
    if once is None:
        assert why_not.strip()
        assert "\n" not in why_not
        return
    assert normalised(bench, once) == (once, "")
    assert 0 < len(once) <= bench.target.traits.label_max
    assert not set(once) & set(bench.target.traits.label_forbidden)
    assert once == once.strip()


def test_labels_that_cannot_be_held_are_refused_with_a_phrase(bench: Bench) -> None:
    traits = bench.target.traits
    for label in ("", "   ", "x" * (traits.label_max + 1), *(f"a{character}b" for character in traits.label_forbidden)):
        with pytest.raises(ValueError, match=r"\w+ \w+"):
            bench.target.normalise(label)


def test_a_label_that_cannot_be_held_never_becomes_another_one(bench: Bench) -> None:
    subject = bench.subject(1)
    traits = bench.target.traits
    for label in ("", "x" * (traits.label_max + 1), *(f"a{character}b" for character in traits.label_forbidden)):
        wrong, right = add(bench.target, subject, label), add(bench.target, subject, "vip")
        outcomes = {outcome.change.label: outcome for outcome in bench.target.apply([wrong, right])}
        assert outcomes[label].state is OutcomeState.REFUSED
        assert outcomes[label].answer.strip()
        assert outcomes["vip"].state is OutcomeState.APPLIED
        assert folded(bench.labels_of(subject)) == {"vip"}


def test_the_full_subject_refuses_one_more_label_and_keeps_what_it_has(bench: Bench) -> None:
    most = bench.target.traits.labels_per_subject
    if most is None:
        pytest.skip("subjects carry any number of labels here")
    subject = bench.subject(1)
    bench.tag_by_hand(subject, *(f"hand {number}" for number in range(most)))
    (outcome,) = bench.target.apply([add(bench.target, subject, "vip")])
    assert outcome.state is OutcomeState.REFUSED
    assert outcome.answer.strip()
    assert len(bench.labels_of(subject)) == most
    assert states(bench, add(bench.target, subject, "HAND 1")) == [OutcomeState.APPLIED]
    assert states(bench, remove(bench.target, subject, "hand 1")) == [OutcomeState.APPLIED]
    assert states(bench, add(bench.target, subject, "vip")) == [OutcomeState.APPLIED]


def test_checking_is_one_call_and_names_the_account(bench: Bench) -> None:
    list(bench.target.read([bench.subject(1)]))
    before = sum(bench.calls.values())
    assert bench.target.check().account
    assert sum(bench.calls.values()) - before <= 2
