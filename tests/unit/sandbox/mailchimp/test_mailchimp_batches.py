"""`/batches`: operations carried out later, and told in an archive."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from urllib.parse import parse_qs, urlsplit

from connectors.sandbox.exchange import Request

ANN = "ann@inbox.example"


def tagging(api, email, number=0):
    body = {"tags": [{"name": "a", "status": "active"}], "is_syncing": True}
    path = api.at(email) + "/tags"
    return {"method": "POST", "path": path, "body": json.dumps(body), "operation_id": f"op{number}"}


def fetch(api, link):
    parts = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return api.account.answer(Request(method="GET", path=parts.path.removeprefix("/mailchimp/3.0"), query=query))


def unpacked(archive):
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as opened:
        return [json.load(opened.extractfile(member)) for member in opened.getmembers()]


def test_a_batch_is_carried_out_when_its_time_has_come_and_tells_each_outcome(api, hours):
    api.person(ANN)
    operations = [
        tagging(api, ANN, 1),
        tagging(api, "nobody@inbox.example", 2),
        {"method": "GET", "path": "/lists/abc123/members", "params": {"count": 0}},
    ]
    made = api.post("/batches", {"operations": operations})
    assert (made["status"], made["total_operations"], made["response_body_url"]) == ("started", 3, "")
    hours.instant += 4
    assert api.truth(ANN)["tags"] == []
    hours.instant += 1
    assert api.truth(ANN)["tags"] == ["a"]
    assert api.mails() == []
    done = api.get(f"/batches/{made['id']}")
    assert (done["status"], done["finished_operations"], done["errored_operations"]) == ("finished", 3, 1)
    (outcomes,) = unpacked(fetch(api, done["response_body_url"]).body)
    assert [(each["operation_id"], each["status_code"]) for each in outcomes] == [
        ("op1", 204),
        ("op2", 404),
        (None, 200),
    ]
    assert json.loads(outcomes[1]["response"])["title"] == "Resource Not Found"
    assert json.loads(outcomes[2]["response"])["total_items"] == 1


def test_a_link_to_results_grows_old_and_reading_the_batch_gives_a_new_one(api, hours):
    made = api.post("/batches", {"operations": []})
    hours.instant += 5
    link = api.get(f"/batches/{made['id']}")["response_body_url"]
    assert fetch(api, link).status == 200
    hours.instant += 601
    assert fetch(api, link).status == 403
    assert fetch(api, api.get(f"/batches/{made['id']}")["response_body_url"]).status == 200
    assert fetch(api, "http://host/mailchimp/3.0/batch-results/none.tar.gz").status == 404


def test_batches_run_one_after_another(api, hours):
    api.person(ANN)
    first, second = (api.post("/batches", {"operations": [tagging(api, ANN)] * 20}) for _ in range(2))
    assert (first["status"], second["status"]) == ("started", "pending")
    hours.instant += 7
    states = [each["status"] for each in api.get("/batches")["batches"]]
    assert states == ["finished", "started"]


def test_a_batch_that_is_stopped_is_never_carried_out(api, hours):
    api.person(ANN)
    made = api.post("/batches", {"operations": [tagging(api, ANN)]})
    api.delete(f"/batches/{made['id']}")
    hours.instant += 60
    assert api.truth(ANN)["tags"] == []
    assert api.refused("GET", f"/batches/{made['id']}")["status"] == 404


def test_the_five_hundred_and_first_pending_batch_is_refused(api):
    for _ in range(500):
        api.post("/batches", {"operations": []})
    assert api.refused("POST", "/batches", {"operations": []})["status"] == 429


def test_an_operation_that_cannot_be_one_refuses_the_batch(api):
    problem = api.refused("POST", "/batches", {"operations": [{"method": "STEAL", "path": "/lists"}]})
    assert problem["errors"][0]["field"] == "operations.item:0.method"
