from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from pydantic import SecretStr
from requests import PreparedRequest

from connectors.http import Http
from connectors.patience import Limits
from connectors.shopify.tokens import GrantedToken, StaticToken
from syncd.errors import CredentialsError, RetriableError
from syncd.ports import Host
from tests.conftest import StillClock
from tests.unit.shopify.scripted import TOKENS, ScriptedShop

PAIR = (SecretStr("an-id"), SecretStr("a-secret"))


@pytest.fixture
def token(shop: ScriptedShop, host: Host) -> GrantedToken:
    return GrantedToken("the store main", Http("the store main", host, Limits(attempts=2)), TOKENS, PAIR, host)


def grants(shop: ScriptedShop, lifetime: float = 86_399) -> list[dict[str, list[str]]]:
    """Grant token-1, token-2, …; return the forms that ask for them."""
    asked: list[dict[str, list[str]]] = []

    def grant(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked.append(parse_qs(str(request.body)))
        return 200, {}, f'{{"access_token":"token-{len(asked)}","scope":"read_orders","expires_in":{lifetime}}}'

    shop.mocked.add_callback(responses.POST, TOKENS, callback=grant)
    return asked


def test_a_permanent_token_cannot_be_renewed() -> None:
    token = StaticToken(SecretStr(" shpat_1 "))
    assert token.value() == "shpat_1"
    assert not token.renew("shpat_1")


def test_a_token_is_asked_for_once(shop: ScriptedShop, token: GrantedToken) -> None:
    asked = grants(shop)
    assert [token.value(), token.value()] == ["token-1", "token-1"]
    assert asked == [{"grant_type": ["client_credentials"], "client_id": ["an-id"], "client_secret": ["a-secret"]}]


def test_a_token_is_renewed_before_it_ends(shop: ScriptedShop, token: GrantedToken, clock: StillClock) -> None:
    grants(shop)
    token.value()
    clock.instant += 86_399 - 700
    assert token.value() == "token-1"
    clock.instant += 101
    assert token.value() == "token-2"


def test_a_short_lived_token_has_a_short_margin(shop: ScriptedShop, token: GrantedToken, clock: StillClock) -> None:
    grants(shop, lifetime=60)
    token.value()
    clock.instant += 53
    assert token.value() == "token-1"
    clock.instant += 2
    assert token.value() == "token-2"


def test_a_refused_token_is_replaced_unless_that_was_done_already(shop: ScriptedShop, token: GrantedToken) -> None:
    grants(shop)
    first = token.value()
    assert token.renew(first)
    second = token.value()
    assert token.renew(first)
    assert token.value() == second == "token-2"


@pytest.mark.parametrize(
    ("status", "body", "says", "hints"),
    [
        (400, '{"error":"app_not_installed"}', "app_not_installed", "install the app"),
        (400, "<p>Oauth error shop_not_permitted: …</p>", "shop_not_permitted", "organisation"),
        (401, '{"error":"invalid_client"}', "invalid_client", "rotated secret"),
        (404, "Not Found", "status 404", "check `shop`"),
        (403, "", "status 403", "check `shop`"),
    ],
)
def test_a_refusal_says_what_to_mend(
    shop: ScriptedShop, token: GrantedToken, status: int, body: str, says: str, hints: str
) -> None:
    shop.mocked.add(responses.POST, TOKENS, body=body, status=status)
    with pytest.raises(CredentialsError, match=says) as caught:
        token.value()
    assert hints in caught.value.hint
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [{"status": 503}, {"status": 429}, {"body": "<html>"}, {"body": '{"token":1}'}])
def test_no_answer_is_no_refusal(shop: ScriptedShop, token: GrantedToken, answer: dict[str, Any]) -> None:
    shop.mocked.add(responses.POST, TOKENS, **answer)
    with pytest.raises(RetriableError):
        token.value()
