"""A segment whose members the store itself names."""

from __future__ import annotations

from tests.acceptance.place import Place


def test_a_segment_that_the_store_answers_is_evaluated_tagged_and_kept_when_the_store_fails(place: Place) -> None:
    place.settings(
        "[segments.openers]\ntag = 'opener'\nsource = 'shopify'\n"
        'query = "shopify_email.opened MATCHES (date >= -30d)"\n'
    )
    assert place.run("sync", "--yes").code == 0
    members = {it["customer_id"] for it in place.run("members", "openers", "--json").json["members"]}
    assert members
    assert place.holders("opener") == members
    place.control("/shops/main", {"faults": [{"only": "SegmentMembers", "status": 403, "calls": 9}]}, "PATCH")
    failed = place.run("sync", "--json")
    assert failed.code in {1, 4}
    assert failed.json["kept"][0]["segment"] == "openers"
    assert place.holders("opener") == members
    place.control("/shops/main", {"faults": []}, "PATCH")
    again = place.run("sync", "--json")
    assert (again.code, again.json["applied"]) == (0, {"add": 0, "remove": 0})
