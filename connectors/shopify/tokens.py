"""Access tokens: a permanent one, or one that is granted for a day and asked for again in time.

A token lives in memory only. It is never written anywhere, least of all into the settings file.
"""

from __future__ import annotations

import threading
from typing import Protocol

import msgspec
from pydantic import SecretStr

from connectors.http import Answer, Http
from syncd.errors import CredentialsError, RetriableError
from syncd.ports import Host

_RENEW_EARLY = 600.0
"""Seconds before its end at which a granted token is replaced, so that no call is under way when it ends."""

_KNOWN_REFUSALS = {
    "shop_not_permitted": "the store is outside the organisation that the app belongs to; such an app cannot use a "
    "client id and secret here",
    "app_not_installed": "install the app on the store (Dev Dashboard > the app > Install); the client id of an app "
    "made in the admin does not do",
    "invalid_client": "take both from the Dev Dashboard again; a rotated secret ends the old one",
    "application_cannot_be_found": "take client_id from the Dev Dashboard again",
}

_USUAL_CAUSES = "check `shop`, client_id and client_secret, and that the app is installed on the store"


class Token(Protocol):
    """Where the access token comes from."""

    def value(self) -> str:
        """Return a token that should be good."""
        ...

    def renew(self, refused: str) -> bool:
        """Forget a token that the store refused; tell whether `value` can now give another."""
        ...


class StaticToken:
    """A permanent token."""

    def __init__(self, token: SecretStr) -> None:
        """Keep it."""
        self._token = token

    def value(self) -> str:
        """Return the token."""
        return self._token.get_secret_value().strip()

    def renew(self, refused: str) -> bool:  # noqa: ARG002  # there is but one
        """Tell that there is no other."""
        return False


class _Grant(msgspec.Struct, frozen=True):
    """The answer to a request for a token; `repr` must not show it."""

    access_token: str
    expires_in: float = 86_399.0

    def __repr__(self) -> str:
        return "_Grant(…)"


class GrantedToken:
    """Tokens granted to an app for its client id and secret, each for a day."""

    def __init__(self, service: str, http: Http, url: str, pair: tuple[SecretStr, SecretStr], host: Host) -> None:
        """Ask for nothing yet.

        Args:
            service: How messages call the store.
            http: The way out.
            url: The shop's token endpoint.
            pair: Client id and client secret.
            host: Gives the time.
        """
        self._service = service
        self._http = http
        self._url = url
        self._pair = pair
        self._clock = host.clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._good_until = 0.0

    def value(self) -> str:
        """Return the present token, or ask for one.

        Raises:
            CredentialsError: The store grants none for this id and secret.
            RetriableError: It could not be asked.
        """
        with self._lock:
            token = self._token
            if token is None or self._clock.monotonic() >= self._good_until:
                grant = self._ask()
                token = self._token = grant.access_token
                margin = min(_RENEW_EARLY, grant.expires_in / 10)
                self._good_until = self._clock.monotonic() + grant.expires_in - margin
            return token

    def renew(self, refused: str) -> bool:
        """Forget the refused token, unless another thread has renewed it already."""
        with self._lock:
            if self._token == refused:
                self._token = None
            return True

    def _ask(self) -> _Grant:
        client_id, client_secret = self._pair
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id.get_secret_value().strip(),
            "client_secret": client_secret.get_secret_value().strip(),
        }
        answer = self._http.send("POST", self._url, what="token", judge=self._judge, form=form)
        try:
            return msgspec.json.decode(answer.body, type=_Grant)
        except msgspec.DecodeError as error:
            raise RetriableError(f"{self._service} answered the request for a token with something else") from error

    def _judge(self, answer: Answer) -> None:
        if answer.status == 200:
            return
        if answer.status == 429 or answer.status >= 500:
            raise RetriableError(
                f"{self._service} could not grant a token now (status {answer.status})", retry_after=answer.retry_after
            )
        text = answer.body.decode("utf-8", "replace")
        code = next((code for code in _KNOWN_REFUSALS if code in text), f"status {answer.status}")
        raise CredentialsError(
            f"{self._service} grants no token for this client_id and client_secret ({code})",
            hint=_KNOWN_REFUSALS.get(code, _USUAL_CAUSES),
        )
