"""What must hold after quiet, and of every single run: the laws, judged from the truth of the worlds alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.acceptance.oracle import Truth
from tests.chaos.deeds import Deeds
from tests.chaos.house import House, people
from tests.chaos.rules import Segment

_LABELLED = {"subscribed", "transactional"}


class Consents:
    """Watches the list: nobody may become subscribed by syncd without the stores' word, nobody's status change."""

    def __init__(self, house: House, deeds: Deeds) -> None:
        """Begin to watch."""
        self._house = house
        self._deeds = deeds
        self._seen: dict[str, int] = {}

    def violations(self) -> Iterator[str]:
        """Yield what syncd did since the last look that it must not."""
        consented = self._house.truth().consented()
        for it in self._house.contacts():
            new = it["history"][self._seen.get(it["id"], 0) :]
            self._seen[it["id"]] = len(it["history"])
            for step in new:
                if step["by"] == "api":
                    yield from self._judged(it, step, consented)

    def _judged(self, it: dict[str, Any], step: dict[str, Any], consented: set[str]) -> Iterator[str]:
        if step["was"] is not None:
            yield f"the status of an existing contact was changed: {step}"
        elif step["status"] not in _LABELLED:
            yield f"a contact was made as {step['status']}"
        elif step["status"] == "subscribed" and it["email_address"].lower() not in consented:
            yield "a contact was made as subscribed without consent"


def wrong_tags(truth: Truth, segments: list[Segment], deeds: Deeds, ours: set[str]) -> Iterator[str]:
    """Yield the store's tags that are not what the segments say."""
    wanted = {it.tag.lower(): it for it in segments if it.tag}
    for customer in truth.customers.values():
        held = {tag.lower() for tag in customer["tags"]}
        for label in ours | wanted.keys():
            rule = wanted.get(label)
            if rule is not None and rule.holds(truth, customer):
                if label not in held:
                    yield f"customer {customer['id']} lacks the tag {label}"
            elif label in held and (str(customer["id"]), label) not in deeds.touched:
                yield f"customer {customer['id']} still has the tag {label}"


def wrong_labels(house: House, truth: Truth, segments: list[Segment], deeds: Deeds, ours: set[str]) -> Iterator[str]:
    """Yield the list's labels that are not what the segments say, and people who should be there and are not."""
    wanted = {
        it.audience_tag.lower(): truth.addresses({c["id"] for c in truth.customers.values() if it.holds(truth, c)})
        for it in segments
        if it.audience_tag
    }
    contacts = {it["email_address"].lower(): it for it in people(house)}
    gone = any(it["status"] == "forgotten" for it in house.contacts())
    for label in ours | wanted.keys():
        members = wanted.get(label, set())
        for email, it in contacts.items():
            there = label in {tag.lower() for tag in it["tags"]}
            if email in members and it["status"] in _LABELLED and not there:
                yield f"contact {it['id']} ({it['status']}) lacks the label {label}"
            if email not in members and there and it["status"] != "archived" and (email, label) not in deeds.touched:
                yield f"contact {it['id']} ({it['status']}) still has the label {label}"
        if not gone:
            for email in members & truth.consented() - contacts.keys() - deeds.moved:
                yield f"an address with consent was never brought into the list: {email}"


def wrong_counts(house: House) -> Iterator[str]:
    """Yield where the mirror holds another number of rows than the store."""
    said = house.call("status", "--json").json["stores"]["main"]
    truth = house.truth()
    rows = {kind: it.get("rows") for kind, it in said.get("kinds", {}).items()}
    if "customers" in rows and rows["customers"] != len(truth.customers):
        yield f"the mirror holds {rows['customers']} customers, the store {len(truth.customers)}"


def wrong_members(house: House, truth: Truth, segments: list[Segment]) -> Iterator[str]:
    """Yield segments whose members, as the command tells them, are not those of the rule."""
    for it in segments:
        told = {m["customer_id"] for m in house.call("members", it.name, "--json").json["members"]}
        right = {c["id"] for c in truth.customers.values() if it.holds(truth, c)}
        if {int(member) for member in told} != right:
            yield f"{it.name}: {len(told - right)} too many, {len(right - told)} missing"
