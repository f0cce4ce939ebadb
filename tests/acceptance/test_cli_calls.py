"""What a push costs, as the plan says it and as the services count it."""

from __future__ import annotations

from math import ceil
from typing import Any

from tests.acceptance.place import Place


def test_a_plan_says_the_calls_that_the_services_then_count(place: Place) -> None:
    plan: dict[str, Any] = place.run("plan", "--json").json
    costs = {it["target"]: it for it in plan["costs"]}
    assert {name: it["changes"] for name, it in costs.items()} == {
        name: sum(change["target"] == name for change in plan["changes"]) for name in ("main", "newsletter")
    }
    assert costs["main"]["points"] > 0
    assert costs["newsletter"]["points"] is None
    place.control("/calls", method="DELETE")
    report = place.run("sync", "--json", "--plan", plan["checksum"]).json
    assert report["applied"]["add"] == len(plan["changes"])
    counted = place.control("/calls")
    writes = counted["shops"]["main"]["writes"]
    assert sum(writes.values()) == costs["main"]["calls"]
    mailchimp = counted["mailchimp"]["total"]
    peek = 1
    assert mailchimp["reads"] + mailchimp["writes"] - peek == costs["newsletter"]["calls"]
    assert costs["newsletter"]["calls"] <= ceil(costs["newsletter"]["changes"] / 500) + 3
    assert sum(report["calls"]["newsletter"].values()) == costs["newsletter"]["calls"] + peek
    assert place.run("plan", "--json").json["costs"] == []


def test_a_plan_in_words_says_what_it_would_take(place: Place) -> None:
    shown = place.run("plan").out
    assert "What all of it would take, about" in shown
    table = shown.partition("What all of it would take, about")[2].splitlines()
    assert table[1].split() == ["at", "changes", "calls", "points", "time"]
    assert [line.split()[0] for line in table[2:4]] == ["main", "newsletter"]
