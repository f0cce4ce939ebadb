"""The package's defects, each shown absent from the client that we hand out: on loopback and through `responses`."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import pytest
from mailchimp_marketing import ApiClient

from connectors.mailchimp.client import CONNECTIONS, LIMITS, SafeApiClient, marketing_client
from connectors.mailchimp.judge import NotFoundError, RefusedError
from connectors.patience import Limits
from syncd.errors import CredentialsError, FatalError, RetriableError, SyncdError
from syncd.ports import Host
from tests.conftest import StillClock
from tests.unit.mailchimp.scripted import Said, Script, on_loopback, problem, through_responses

KEY = "0123456789abcdef0123456789abcdef-us1"
ADDRESS = "anna.meyer@shop.example"
QUICK = Limits(connections=4, connect=2.0, read=0.2, whole=5.0, attempts=2)

THROTTLED = problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.")
INVALID = problem(
    400,
    "Invalid Resource",
    f"{ADDRESS} looks fake or invalid, please enter a real email address.",
    errors=[{"field": "email_address", "message": f"{ADDRESS} is fake"}],
)


@pytest.fixture(params=[on_loopback, through_responses])
def script(request: pytest.FixtureRequest) -> Iterator[Script]:
    opening: Callable[[], AbstractContextManager[Script]] = request.param
    with opening() as opened:
        yield opened


@pytest.fixture
def loopback() -> Iterator[Script]:
    with on_loopback() as opened:
        yield opened


@pytest.fixture
def host(clock: StillClock) -> Host:
    return Host(clock=clock, memo={})


def client_of(script: Script, host: Host, limits: Limits = LIMITS) -> Any:
    return marketing_client("newsletter", script.url, KEY, host, limits)


def get_list(client: Any) -> Any:
    return client.lists.get_list("abc")


def error_of(call: Callable[[], Any]) -> SyncdError:
    with pytest.raises(SyncdError) as caught:
        call()
    return caught.value


def test_the_package_is_the_release_that_these_tests_are_about() -> None:
    assert version("mailchimp-marketing") == "3.0.80"


def test_importing_the_connector_does_not_import_the_package() -> None:
    code = "import sys, connectors.mailchimp; sys.exit('mailchimp_marketing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_part_of_the_client_goes_through_our_transport(script: Script, host: Host) -> None:
    client = client_of(script, host)
    parts = [part for part in vars(client).values() if hasattr(part, "api_client")]
    assert len(parts) > 20
    assert {type(part.api_client) for part in [*parts, client]} == {SafeApiClient}


def test_five_calls_need_one_connection(loopback: Script, host: Host) -> None:
    client = client_of(loopback, host)
    for _ in range(5):
        get_list(client)
    assert {heard.connection for heard in loopback.heard} == {1}


def test_the_time_limits_outlast_mailchimps_own_and_are_two() -> None:
    assert (LIMITS.connect, LIMITS.read, CONNECTIONS) == (5.0, 130.0, 4)


@pytest.mark.parametrize("status", [429, 403])
def test_a_throttle_without_a_body_is_waited_for_and_never_handed_out(
    script: Script, host: Host, clock: StillClock, status: int
) -> None:
    script.say(Said(status, b"", "text/html"), Said(status, b"", "text/html"), Said(body=b'{"id": "abc"}'))
    assert get_list(client_of(script, host)) == {"id": "abc"}
    assert len(clock.waits) == 2


@pytest.mark.parametrize("status", [429, 403])
def test_a_throttle_that_does_not_end_is_an_error_that_says_nothing_was_done(
    script: Script, host: Host, status: int
) -> None:
    script.say(Said(status, b"", "text/html"))
    error = error_of(lambda: client_of(script, host).lists.batch_list_members("abc", {"members": []}))
    assert isinstance(error, RetriableError)
    assert not error.unknown_fate
    assert len(script.heard) == LIMITS.attempts


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>"])
def test_a_failing_server_raises_and_a_write_is_then_of_unknown_fate(script: Script, host: Host, body: bytes) -> None:
    script.say(Said(500, body, "text/html"))
    error = error_of(lambda: client_of(script, host).lists.create_segment("abc", {"name": "vip"}))
    assert isinstance(error, RetriableError)
    assert error.unknown_fate


def test_a_refusal_carries_its_title_detail_and_fields_without_the_address(script: Script, host: Host) -> None:
    script.say(INVALID)
    error = error_of(lambda: get_list(client_of(script, host)))
    assert isinstance(error, RefusedError)
    assert error.words == (
        "Invalid Resource · the address looks fake or invalid, please enter a real email address."
        " · email_address: the address is fake"
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 414, 422, 426, 429, 500, 503])
@pytest.mark.parametrize("empty", [True, False])
def test_every_error_says_what_happened_and_where(script: Script, host: Host, status: int, *, empty: bool) -> None:
    script.say(Said(status, b"") if empty else problem(status, "Some Title", f"Something about {ADDRESS}."))
    error = error_of(lambda: get_list(client_of(script, host)))
    assert "newsletter" in str(error)
    assert str(status) in str(error)
    for secret in (ADDRESS, KEY):
        assert secret not in f"{error} {error.hint} {error!r}"


def test_an_error_names_mailchimps_own_number_of_the_request(script: Script, host: Host) -> None:
    script.say(INVALID)
    assert "9d741ebc" in str(error_of(lambda: get_list(client_of(script, host))))


def test_the_services_own_pace_is_kept_where_it_names_one(script: Script, host: Host, clock: StillClock) -> None:
    throttled = msgspec.structs.replace(THROTTLED, headers={"Retry-After": "17"})
    script.say(throttled, Said())
    get_list(client_of(script, host))
    assert clock.waits[0] >= 17


def test_an_empty_object_is_an_empty_object_and_no_content_is_nothing(script: Script, host: Host) -> None:
    client = client_of(script, host)
    assert get_list(client) == {}
    script.say(Said(204, b""))
    assert client.lists.delete_segment("abc", "7") is None


@pytest.mark.parametrize("body", [b"<html>Sign in to the network</html>", b"", b'{"id": "ab'])
def test_what_is_not_json_is_no_success(script: Script, host: Host, body: bytes) -> None:
    script.say(Said(200, body, "text/html"))
    error = error_of(lambda: get_list(client_of(script, host)))
    assert isinstance(error, RetriableError)
    assert error.unknown_fate
    assert "newsletter" in str(error)
    assert error.hint


def test_a_service_that_is_not_there_is_an_error_in_words(loopback: Script, host: Host) -> None:
    client = marketing_client("newsletter", "http://127.0.0.1:9/3.0", KEY, host, QUICK)
    error = error_of(lambda: get_list(client))
    assert isinstance(error, RetriableError)
    assert "newsletter" in str(error)
    assert not error.unknown_fate


def test_a_service_that_does_not_answer_is_given_up_in_time(loopback: Script, host: Host) -> None:
    loopback.say(Said(hang=True))
    error = error_of(lambda: client_of(loopback, host, QUICK).lists.create_segment("abc", {"name": "vip"}))
    assert isinstance(error, RetriableError)
    assert error.unknown_fate
    assert len(loopback.heard) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_stays_here(script: Script, host: Host, status: int) -> None:
    script.say(Said(status, b"", headers={"Location": f"{script.url}/elsewhere"}), Said())
    assert isinstance(error_of(lambda: get_list(client_of(script, host))), FatalError)
    assert len(script.heard) == 1


@pytest.mark.parametrize("option", [{"_request_timeout": 0.5}, {"async_req": True}])
def test_an_option_without_effect_is_refused(script: Script, host: Host, option: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="has no effect"):
        client_of(script, host).lists.get_list("abc", **option)
    assert script.heard == []


def test_a_call_without_a_body_sends_none(script: Script, host: Host) -> None:
    script.say(Said(204, b""))
    client_of(script, host).campaigns.send("7")
    assert script.heard[0].body == b""


def test_switches_are_sent_in_small_letters_and_lists_with_commas(script: Script, host: Host) -> None:
    client = client_of(script, host)
    client.lists.batch_list_members("abc", {"members": []}, skip_merge_validation=True, skip_duplicate_check=False)
    assert script.heard[0].target.endswith("?skip_merge_validation=true&skip_duplicate_check=false")
    client.lists.get_list("abc", fields=["id", "name"])
    assert script.heard[1].target.endswith("?fields=id%2Cname")


def test_the_word_server_in_an_address_or_an_id_stays_as_it_is(script: Script, host: Host) -> None:
    client = client_of(script, host)
    client.lists.get_list_member("abc", "observer@shop.example")
    client.ecommerce.get_store("my-server-shop")
    assert script.heard[0].target.endswith("/lists/abc/members/observer%40shop.example")
    assert script.heard[1].target.endswith("/ecommerce/stores/my-server-shop")


@pytest.mark.parametrize(
    ("segment", "sent"), [("a/b@x.example", "a%2Fb%40x.example"), ("a?b#c", "a%3Fb%23c"), ("é %", "%C3%A9%20%25")]
)
def test_a_path_segment_is_escaped_whole(script: Script, host: Host, segment: str, sent: str) -> None:
    client_of(script, host).lists.get_list_member("abc", segment)
    assert script.heard[0].target.endswith(f"/members/{sent}")


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_path_segment_that_would_lead_elsewhere_is_refused(script: Script, host: Host, segment: str) -> None:
    with pytest.raises(ValueError, match="change the path"):
        client_of(script, host).lists.get_list_member("abc", segment)
    assert script.heard == []


def test_netrc_does_not_take_the_keys_place(
    script: Script, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password other\ndefault login me password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    get_list(client_of(script, host))
    scheme, _, credentials = script.heard[0].headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(credentials).decode()) == ("Basic", f"syncd:{KEY}")


def test_a_request_says_who_it_is_from(script: Script, host: Host) -> None:
    get_list(client_of(script, host))
    assert script.heard[0].headers["user-agent"].startswith("syncd/")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_said_to_be_one_and_is_not_tried_again(script: Script, host: Host, status: int) -> None:
    script.say(problem(status, "API Key Invalid", "Your API key may be invalid."))
    error = error_of(lambda: get_list(client_of(script, host)))
    assert isinstance(error, CredentialsError)
    assert "[audiences.newsletter]" in error.hint
    assert len(script.heard) == 1


def test_what_is_not_there_is_an_error_of_its_own(script: Script, host: Host) -> None:
    script.say(problem(404, "Resource Not Found", "The requested resource could not be found."))
    error = error_of(lambda: get_list(client_of(script, host)))
    assert isinstance(error, NotFoundError)
    assert "[audiences.newsletter]" in error.hint


@pytest.mark.parametrize(
    ("call", "times"),
    [
        (lambda lists: lists.get_list("abc"), 6),
        (lambda lists: lists.batch_list_members("abc", {"members": []}), 6),
        (lambda lists: lists.batch_segment_members({}, "abc", "7"), 6),
        (lambda lists: lists.create_segment("abc", {"name": "vip"}), 1),
        (lambda lists: lists.add_list_member("abc", {}), 1),
        (lambda lists: lists.delete_segment("abc", "7"), 1),
    ],
)
def test_only_what_ends_the_same_when_sent_twice_is_sent_again_after_a_doubtful_answer(
    script: Script, host: Host, call: Callable[[Any], Any], times: int
) -> None:
    script.say(Said(502, b""))
    error_of(lambda: call(client_of(script, host).lists))
    assert len(script.heard) == times


def test_calls_are_counted_by_what_they_are_for(script: Script, host: Host) -> None:
    lists = client_of(script, host).lists
    lists.get_list("abc")
    lists.get_list_members_info("abc")
    lists.get_list_member("abc", "7")
    lists.list_segments("abc")
    lists.create_segment("abc", {"name": "vip"})
    lists.get_list_webhooks("abc")
    assert host.calls == {"account": 1, "contacts": 1, "read-back": 1, "labels": 1, "write": 1, "other": 1}


def test_the_packages_own_way_out_is_closed(script: Script, host: Host) -> None:
    transport = client_of(script, host).api_client
    assert isinstance(transport, ApiClient)
    with pytest.raises(TypeError, match="call_api"):
        transport.request("GET", "https://us1.api.mailchimp.com/3.0/")
