"""Ways to tell somebody, against servers on loopback: what arrives, and what no error says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from syncd.config import AlertsTable, EmailTable
from syncd.daemon.conditions import Code, Condition
from syncd.daemon.letters import Letter
from syncd.daemon.ways import Mail, ping, ways
from syncd.errors import RetriableError
from tests.support.post import Hooks, Mailbox

LETTER = Letter(
    sender="shop (syncd.toml)",
    at=1_795_000_000,
    begun=(Condition(code=Code.HELD, about="vip at news", what="more than <30%> & you", fix="syncd approve 4"),),
    standing=(Condition(code=Code.STALE, about="lately", what="3 days old", fix="syncd status"),),
    over=("E-BACKUP backup",),
)


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with Hooks() as running:
        yield running


def table(hooks: Hooks) -> AlertsTable:
    return AlertsTable(
        webhook=SecretStr(hooks.url("/generic?token=geheim")), slack=SecretStr(hooks.url("/slack/geheim"))
    )


def mail(port: int, **more: object) -> Mail:
    given = {"to": ("a@ops.example", "b@ops.example"), "sender": "syncd@shop.example", "server": "127.0.0.1"}
    return Mail(EmailTable.model_validate({**given, "port": port, "security": "none", **more}))


def test_a_webhook_gets_codes_and_states_that_machines_can_read(hooks: Hooks) -> None:
    generic, slack = ways(table(hooks))
    generic.send(LETTER)
    slack.send(LETTER)

    (path, document), (_, form) = hooks.posted
    assert path == "/generic?token=geheim"
    assert [(it["state"], it["code"], it["about"]) for it in document["alerts"]] == [
        ("begun", "E-HELD", "vip at news"),
        ("standing", "E-STALE", "lately"),
        ("over", "E-BACKUP", "backup"),
    ]
    assert document["at"] == "2026-11-18T11:06:40Z"
    assert form.keys() == {"text"}
    assert "E-HELD: more than &lt;30%&gt; &amp; you\n    syncd approve 4" in form["text"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_not_taken_is_an_error_without_the_address(hooks: Hooks, status: int) -> None:
    hooks.status = status
    for way in ways(table(hooks)):
        with pytest.raises(RetriableError, match=f"^{way.name}: the server answered {status}$"):
            way.send(LETTER)
    with pytest.raises(RetriableError, match=f"^ping: the server answered {status}$"):
        ping(hooks.url("/geheim"))


def test_nobody_at_the_address_is_an_error_without_the_address() -> None:
    with Hooks() as gone:
        address = gone.url("/geheim")
    with pytest.raises(RetriableError) as caught:
        ping(address)

    assert caught.value.message == "ping: ConnectionError"


def test_a_mail_has_a_subject_the_text_and_where_the_codes_are_explained() -> None:
    with Mailbox() as box:
        mail(box.port, user="syncd", password=SecretStr("geheim")).send(LETTER)

    (arrived,) = box.mails
    assert arrived["Subject"] == "syncd on shop (syncd.toml): E-HELD vip at news and 1 more"
    assert arrived["To"] == "a@ops.example, b@ops.example"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Date"] == "Wed, 18 Nov 2026 11:06:40 -0000"
    text = arrived.get_content()  # type: ignore[attr-defined]
    assert "Over: E-BACKUP backup" in text
    assert "docs/operations.md" in text
    assert any(it.startswith("AUTH PLAIN") for it in box.commands)


def test_a_mail_that_is_refused_is_an_error_without_the_servers_words() -> None:
    with Mailbox(refuse="MAIL") as box, pytest.raises(RetriableError, match=r"^email: the server answered 550$"):
        mail(box.port).send(LETTER)


def test_all_recipients_refused_are_an_error_without_their_addresses() -> None:
    with Mailbox(refuse="RCPT") as box, pytest.raises(RetriableError, match=r"^email: SMTPRecipientsRefused$"):
        mail(box.port).send(LETTER)


def test_a_server_that_does_not_encrypt_gets_no_password_where_it_should() -> None:
    with Mailbox() as box:
        way = mail(box.port, security="starttls", user="syncd", password=SecretStr("geheim"))
        with pytest.raises(RetriableError, match=r"^email: SMTPNotSupportedError$"):
            way.send(LETTER)

    assert not any(it.startswith("AUTH") for it in box.commands)


def test_a_server_that_does_not_answer_in_tls_is_an_error() -> None:
    with Mailbox() as box, pytest.raises(RetriableError, match=r"^email: SSLError$"):
        mail(box.port, security="tls").send(LETTER)
