"""Ways to tell somebody: a webhook, Slack, e-mail, and the ping that says only that all is well.

None waits long, and none is trusted: what a server answers is its status and nothing else. Addresses are secrets, so
that errors name only their kind.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
import requests

from syncd import __version__
from syncd.config import AlertsTable, EmailTable
from syncd.daemon.letters import Letter
from syncd.errors import RetriableError

CONNECT = 5.0
"""Seconds for a connection."""
READ = 10.0
"""Seconds for an answer."""


class Way(Protocol):
    """A way to tell somebody."""

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...

    def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            RetriableError: It did not get there.
        """
        ...


class Hook:
    """An address that takes JSON."""

    def __init__(self, name: str, address: str, body: Callable[[Letter], object]) -> None:
        """Send to `address` what `body` makes of a letter."""
        self.name = name
        self._address = address
        self._body = body

    def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            RetriableError: It was not taken.
        """
        _asked(self.name, "POST", self._address, msgspec.json.encode(self._body(letter)))


class Mail:
    """A mail server."""

    name = "email"

    def __init__(self, settings: EmailTable) -> None:
        """Send as the settings say."""
        self._settings = settings

    def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            RetriableError: The server did not take it.
        """
        try:
            with self._connected() as server:
                if self._settings.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self._settings.user is not None and self._settings.password is not None:
                    server.login(self._settings.user, self._settings.password.get_secret_value())
                server.send_message(self._message(letter))
        except smtplib.SMTPResponseException as error:  # its words may repeat addresses
            raise RetriableError(f"email: the server answered {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise RetriableError(f"email: {type(error).__name__}") from error

    def _connected(self) -> smtplib.SMTP:
        it = self._settings
        if it.security == "tls":
            return smtplib.SMTP_SSL(it.server, it.at_port, timeout=READ, context=ssl.create_default_context())
        return smtplib.SMTP(it.server, it.at_port, timeout=READ)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.to)
        message["Subject"] = letter.title
        message["Date"] = formatdate(letter.at)
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{letter.text}\n\nEvery code is explained in docs/operations.md.\n")
        return message


def ways(settings: AlertsTable) -> Iterator[Way]:
    """Yield the ways that the settings name."""
    if settings.webhook is not None:
        yield Hook("webhook", settings.webhook.get_secret_value(), lambda it: it.document)
    if settings.slack is not None:
        yield Hook("slack", settings.slack.get_secret_value(), lambda it: {"text": _slack(f"{it.title}\n{it.text}")})
    if settings.email is not None:
        yield Mail(settings.email)


def ping(address: str) -> None:
    """Ask an address, to show that all is well.

    Raises:
        RetriableError: It did not answer well.
    """
    _asked("ping", "GET", address)


def _asked(name: str, method: str, address: str, body: bytes | None = None) -> None:
    headers = {"User-Agent": f"syncd/{__version__}"} | ({"Content-Type": "application/json"} if body else {})
    host = urlsplit(address).hostname or ""
    try:
        with requests.Session() as session:
            session.trust_env = False  # a netrc entry would be sent along
            with session.request(
                method,
                address,
                data=body,
                headers=headers,
                timeout=(CONNECT, READ),
                proxies={} if proxy_bypass(host) else getproxies(),
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
    except (requests.RequestException, OSError) as error:
        raise RetriableError(f"{name}: {type(error).__name__}") from error
    if not 200 <= status < 300:
        raise RetriableError(f"{name}: the server answered {status}")


def _slack(text: str) -> str:
    """Escape the three characters that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
