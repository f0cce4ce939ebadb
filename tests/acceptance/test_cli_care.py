"""What a merchant is spared: a first push that sets off mail, unsubscribes that get lost, tags that nobody knows of."""

from __future__ import annotations

from typing import Any

from tests.acceptance.place import Place

SEGMENTS = """
[segments.buyers]
query = "number_of_orders >= 1"
audiences = ["newsletter"]
audience_tag = "Buyer"
"""
NEWSLETTER = {"min_size": 3}


def taggings(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = place.control("/mailchimp/taggings")
    return found


def automations(place: Place) -> int:
    mails = place.control("/mailchimp/mail?by=api")["mails"]
    return sum(mail["kind"] == "automation" for mail in mails)


def test_a_first_push_says_for_how_many_automations_would_run_and_how_to_avoid_it(place: Place) -> None:
    place.settings(SEGMENTS, limits=NEWSLETTER)

    plan = place.run("plan", "--json").json
    words = " ".join(place.run("plan").out.split())

    (row,) = plan["automations"]
    adds = plan["counts"]["add"]
    assert (row["target"], row["label"], row["people"]) == ("newsletter", "Buyer", adds)
    sentence = f"automations that start with this tag would run for {adds} people; quiet_first_push = true in "
    assert sentence in row["why"]
    assert sentence in words
    (held,) = plan["held"]
    assert held["why"].startswith(f"first push of this label, to {adds} people; automations that start with")
    counts = plan["counts"]
    assert counts["create"] == counts["new_subscribed"] + counts["new_transactional"] > 0
    assert f"New contacts in newsletter: {counts['new_subscribed']} as subscribed" in words
    assert counts["untouched"] == sum(it["people"] for it in plan["left_out"])


def test_a_quiet_first_push_starts_no_automation_and_a_later_member_does(place: Place) -> None:
    place.settings(SEGMENTS, newsletter={"quiet_first_push": True}, limits=NEWSLETTER)
    assert place.run("plan", "--json").json["automations"] == []

    first = place.run("sync", "--yes", "--json")

    assert (first.code, first.json["refused"], first.json["failed"]) == (0, 0, 0), first.err
    assert taggings(place)["counts"] == {"syncing": first.json["applied"]["add"]}
    assert automations(place) == 0
    labelled = [it for it in place.contacts() if "Buyer" in it["tags"]]
    assert len(labelled) == first.json["applied"]["add"]
    assert place.run("sync", "--json").json["applied"] == {"add": 0, "remove": 0}

    gone = labelled[0]["email_address"]
    place.control(f"/mailchimp/lists/newsletter/members/{gone}", {"remove_tags": ["Buyer"]}, "PATCH")
    again = place.run("sync", "--json")

    assert again.json["applied"]["add"] == 1
    assert automations(place) == 1


def test_an_unsubscribe_reaches_the_shop_and_is_told_in_the_history(place: Place) -> None:
    place.settings(SEGMENTS, newsletter={"write_back_optouts": True}, limits={"min_size": 3, "first_push": "apply"})
    assert place.run("sync", "--json").code == 0
    said = {it["email"].lower(): it["consent"] for it in place.dump() if it["kind"] == "customer" and it["email"]}
    person = next(
        it["email_address"].lower()
        for it in place.contacts()
        if it["status"] == "subscribed" and said.get(it["email_address"].lower()) == "SUBSCRIBED"
    )
    place.control(f"/mailchimp/lists/newsletter/members/{person}", {"status": "unsubscribed", "by": "self"}, "PATCH")

    plan = place.run("plan", "--json").json
    shown = place.run("plan").out
    synced = place.run("sync")

    mine = [it for it in plan["changes"] if it["action"] == "opt-out" and it["email"].lower() == person]
    assert len(mine) == 1
    assert "unsubscribed, in newsletter" in shown
    assert "write_back_optouts" in shown
    assert synced.code == 0, synced.err
    assert "unsubscribed" in synced.out
    after = {it["email"].lower(): it["consent"] for it in place.dump() if it["kind"] == "customer" and it["email"]}
    assert after[person] == "UNSUBSCRIBED"
    assert "unsubscribed, in newsletter at main" in place.run("history", person).out
    assert "opt-out" in {it["what"] for it in place.run("history", person, "--json").json["events"]}
    assert place.run("sync", "--json").json["applied"] == {"add": 0, "remove": 0}


def test_tags_of_an_audience_that_was_taken_out_of_the_settings_are_told_everywhere(place: Place) -> None:
    place.settings(SEGMENTS, limits=NEWSLETTER)
    pushed = place.run("sync", "--yes", "--json").json["applied"]["add"]
    del place.services["audiences"]["newsletter"]
    place.settings('[segments.buyers]\nquery = "number_of_orders >= 1"\n')
    sentence = f"[audiences.newsletter] is no longer in the settings, so the tag 'Buyer' stays on {pushed} people there"

    for command in ("status", "check", "plan"):
        document = place.run(command, "--json").json
        words = " ".join(place.run(command).out.split())

        (left,) = document["left_behind"]
        assert (left["why"], left["people"]) == (sentence, pushed), command
        assert sentence in words, command
        assert "put [audiences.newsletter] back" in words, command
