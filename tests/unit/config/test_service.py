"""`[metrics]` and `[alerts]`: what is taken, what is refused, and that no address is ever repeated."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.config import Listen
from syncd.errors import ConfigError

ENVIRON = {"SHOP_TOKEN": "shop-secret-1", "LIST_KEY": "list-secret-2"}
MAIL = 'to = ["a@x.example"]\nsender = "b@x.example"\nserver = "smtp.x.example"\n'


def test_nothing_is_told_and_shown_unless_asked_for(load_text: Any) -> None:
    settings = load_text("")

    assert settings.metrics.listen is None
    assert (settings.alerts.ping, settings.alerts.webhook, settings.alerts.slack, settings.alerts.email) == (None,) * 4


@pytest.mark.parametrize(
    ("text", "listen"),
    [("127.0.0.1:9464", Listen("127.0.0.1", 9464)), ("[::1]:80", Listen("::1", 80))],
)
def test_a_place_to_listen_is_an_address_with_a_port(load_text: Any, text: str, listen: Listen) -> None:
    settings = load_text(f'[metrics]\nlisten = "{text}"\n')

    assert settings.metrics.listen == listen
    assert str(listen) == text


@pytest.mark.parametrize("text", ["9464", "here", ":9464", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http"])
def test_what_is_no_place_to_listen_is_refused(load_text: Any, text: str) -> None:
    with pytest.raises(ConfigError, match="is not an address with a port"):
        load_text(f'[metrics]\nlisten = "{text}"\n')


@pytest.mark.parametrize("key", ["ping", "webhook", "slack"])
def test_addresses_are_secrets_and_never_shown(load_text: Any, key: str) -> None:
    settings = load_text(
        f'[alerts]\n{key} = {{ env = "HOOK" }}\n', environ={**ENVIRON, "HOOK": "https://hook.example/geheim"}
    )

    assert getattr(settings.alerts, key).get_secret_value() == "https://hook.example/geheim"
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    "address", ["http://hook.example/geheim", "ftp://hook.example/geheim", "https://", "geheim", "http://[geheim"]
)
def test_an_address_that_is_not_encrypted_is_refused_without_repeating_it(load_text: Any, address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text('[alerts]\nwebhook = { env = "HOOK" }\n', environ={**ENVIRON, "HOOK": address})

    (problem,) = caught.value.problems
    assert (problem.key, problem.message) == ("alerts.webhook", "is no address to send to")
    assert "geheim" not in str(caught.value)


def test_loopback_needs_no_encryption(load_text: Any) -> None:
    settings = load_text('[alerts]\nwebhook = "http://127.0.0.1:8000/x"\n')

    assert settings.alerts.webhook is not None
    assert "alerts.webhook" in {it.key for it in settings.warnings}


def test_the_port_follows_from_the_encryption(load_text: Any) -> None:
    for security, port in (("starttls", 587), ("tls", 465), ("none", 25)):
        settings = load_text(f'[alerts.email]\n{MAIL}security = "{security}"\n')
        assert settings.alerts.email.at_port == port


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('user = "me"\n', "has one of user and password"),
        ('user = "me"\npassword = { env = "WORD" }\nsecurity = "none"\n', "would send the password unencrypted"),
        ('security = "ssl"\n', "is not one of starttls, tls, none"),
    ],
)
def test_mail_that_would_not_be_sent_or_not_safely_is_refused(load_text: Any, more: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        load_text(f"[alerts.email]\n{MAIL}{more}", environ={**ENVIRON, "WORD": "geheim"})

    assert "geheim" not in str(caught.value)


def test_a_secret_that_is_not_there_is_told_with_its_key(load_text: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(
            f'[alerts]\nping = {{ env = "NONE" }}\n[alerts.email]\n{MAIL}user = "me"\npassword = {{ env = "NONE" }}\n'
        )

    assert [it.key for it in caught.value.problems] == ["alerts.ping", "alerts.email.password"]
