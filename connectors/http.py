"""The one way out: every request of every connector goes through an `Http`.

It holds what must never differ between services: time limits (also on the whole answer, against a slow drip), no
redirects, no proxy-supplied or netrc credentials, https except on loopback, the retry rule and its breaker, a gate on
simultaneous requests, and messages that name neither a path nor a person. A connector brings one function, its
*judge*, that turns an answer into our errors; what is safe to repeat is decided here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from connectors.breaker import Breaker
from connectors.patience import PATIENCE, Limits, Patience, UnreachableError
from syncd import __version__
from syncd.errors import FatalError, RetriableError
from syncd.ports import Host

CHUNK = 64 * 1024
"""Bytes read at once; larger chunks are slower to parse."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Answer(msgspec.Struct, frozen=True):
    """What a service answered: status, headers (names lower-cased), the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            RetriableError: It is none (a proxy's page, a truncated answer).
        """
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise RetriableError(
                f"an answer with status {self.status} was not JSON ({len(self.body)} bytes)", unknown_fate=True
            ) from error

    @property
    def retry_after(self) -> float | None:
        """Seconds the service asks to wait, where it says so in seconds."""
        text = self.headers.get("retry-after", "")
        return float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text) else None


class GoneError(FatalError):
    """What a link led to is there no longer; another link may do."""


class Http:
    """A connector's connections to one service: pooled, limited, retried, counted. Safe to share between threads."""

    def __init__(self, service: str, host: Host, limits: Limits) -> None:
        """Open no connection yet. `service` is how messages call the other side (`the store main`)."""
        self._service = service
        self._host = host
        self._limits = limits
        self._patience = Patience(service, host, limits)
        self._breaker = Breaker(service, host, limits.rest)
        self._gate = threading.BoundedSemaphore(limits.connections)
        self._counting = threading.Lock()
        self._session = requests.Session()
        self._session.trust_env = False  # a netrc entry would replace the token
        self._session.headers["User-Agent"] = f"syncd/{__version__}"
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=limits.connections, max_retries=0))

    def send(  # noqa: PLR0913  # a request has that many parts
        self,
        method: str,
        url: str,
        *,
        what: str,
        judge: Callable[[Answer], None],
        repeatable: bool = True,
        writes: bool = False,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """Send a request and return the answer that `judge` let through.

        `judge` is called with every answer and raises what it means. A `RetriableError` is tried again, at the
        service's own pace, unless its fate is unknown and the call is not `repeatable`.

        Args:
            method: The HTTP method.
            url: Where to; https, or loopback.
            what: What the call is counted as, and how messages name it (`orders`).
            judge: Turns a bad answer into an error.
            repeatable: Whether sending it twice does no harm.
            writes: Whether it changes something: one try whose fate is unknown then leaves the whole call in doubt,
                whatever later tries were answered.
            headers: Beyond the usual ones.
            params: The query string's.
            body: Raw bytes.
            form: Form fields, in order.
            files: Multipart files, as requests takes them.
            auth: User and password.

        Raises:
            RetriableError: No usable answer, after all tries.
            FatalError: The address is no place to send a key to.
        """
        self._refuse_unsafe(url)
        several = self._breaker.admit()
        in_doubt = False

        def once() -> Answer:
            nonlocal in_doubt
            try:
                answer = self._once(
                    method, url, what, headers=headers, params=params, data=body or form, files=files, auth=auth
                )
                judge(answer)
            except RetriableError as error:
                in_doubt |= error.unknown_fate
                raise
            return answer

        try:
            answer: Answer = self._patience.rule(repeatable=repeatable, several=several)(once)
        except (RetriableError, FatalError) as error:
            doubtful = writes and in_doubt
            self._learn_from(error, final=repeatable or not in_doubt, doubtful=doubtful)
            if doubtful:
                raise RetriableError(error.message, unknown_fate=True, hint=error.hint) from error
            raise
        self._breaker.answered()
        return answer

    def _learn_from(self, error: RetriableError | FatalError, *, final: bool, doubtful: bool) -> None:
        """Tell the breaker how a call ended.

        A `final` failure has used up its tries, a fatal one is an answer; a `doubtful` write has to be read back.
        """
        if isinstance(error, FatalError):
            self._breaker.answered()
        elif final:
            asked = error.retry_after or 0.0
            silent = isinstance(error, UnreachableError) and not doubtful
            self._breaker.gave_up(error, silent=silent, asked=asked if asked > PATIENCE else 0.0)

    def download(self, url: str, *, what: str, start: int = 0) -> Iterator[bytes]:
        """Stream a file, or its end from the byte `start` on, in chunks of at most 64 KiB; go on where it breaks off.

        Raises:
            RetriableError: The file could not be read to its end, after all tries or in all its time.
            GoneError: The link is no longer good.
        """
        self._refuse_unsafe(url)
        deadline = self._host.clock.monotonic() + self._limits.file
        received = start
        failures = 0
        total: int | None = None
        while total is None or received < total:
            before = received
            try:
                for chunk, whole in self._range(url, what, received):
                    self._refuse_change(what, total, whole)
                    total = whole
                    received += len(chunk)
                    yield chunk
                    self._refuse_late(what, deadline)
                if total is None:
                    return
                if received < total:
                    raise RetriableError(f"{self._service}: the file of {what} ended early")
            except RetriableError as error:
                failures = 1 if received > before else failures + 1
                if failures >= self._limits.attempts or self._host.clock.monotonic() > deadline:
                    raise
                self._patience.wait(failures, error)

    def _refuse_change(self, what: str, total: int | None, now: int | None) -> None:
        """Refuse to put the end of one file to the beginning of another."""
        if total not in {None, now}:
            raise GoneError(f"{self._service}: the file of {what} is another one than before")

    def _refuse_late(self, what: str, deadline: float) -> None:
        if self._host.clock.monotonic() > deadline:
            raise RetriableError(f"{self._service}: the file of {what} comes too slowly")

    def _range(self, url: str, what: str, start: int) -> Iterator[tuple[bytes, int | None]]:
        """Yield chunks from byte `start`, each with the size of the whole file where that is told."""
        self._count(f"{what} download")
        # identity: a transparently compressed file could not be resumed by byte
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        timeout = (self._limits.connect, self._limits.read)
        try:
            with self._session.get(
                url, headers=headers, timeout=timeout, stream=True, allow_redirects=False, proxies=_proxies(url)
            ) as got:
                self._refuse_bad_file(got.status_code, what)
                skip = start if got.status_code == 200 else 0
                length = got.headers.get("Content-Length")
                total = int(length) + (start - skip) if length else None
                while chunk := got.raw.read1(CHUNK, decode_content=False):
                    kept = chunk[skip:]
                    skip = max(0, skip - len(chunk))
                    if kept:
                        yield kept, total
                if total == 0:
                    yield b"", 0
        except (requests.RequestException, HTTPError, OSError) as error:
            raise RetriableError(f"{self._service}: the file of {what} broke off ({type(error).__name__})") from error

    def _refuse_bad_file(self, status: int, what: str) -> None:
        if status in {200, 206}:
            return
        if status == 429 or status >= 500:
            raise RetriableError(f"{self._service}: the file of {what} was answered with status {status}")
        raise GoneError(f"{self._service}: the link to the file of {what} is no longer good (status {status})")

    def _once(self, method: str, url: str, what: str, **parts: Any) -> Answer:
        self._count(what)
        clock = self._host.clock
        deadline = clock.monotonic() + self._limits.whole
        timeout = (self._limits.connect, self._limits.read)
        with self._gate:
            try:
                with self._session.request(
                    method, url, timeout=timeout, stream=True, allow_redirects=False, proxies=_proxies(url), **parts
                ) as got:
                    body = self._whole_body(got, deadline)
                    headers = {name.lower(): value for name, value in got.headers.items()}
                    return self._refuse_redirect(Answer(got.status_code, headers, body))
            except (requests.RequestException, HTTPError, OSError) as error:
                raise UnreachableError(
                    f"{self._service} could not be reached for {what} ({_cause(error)})",
                    unknown_fate=not _never_sent(error),
                    hint="check the address in the settings and this machine's network, then try again",
                ) from error

    def _count(self, what: str) -> None:
        with self._counting:
            self._host.calls[what] += 1

    def _whole_body(self, got: requests.Response, deadline: float) -> bytes:
        """Read an answer as its bytes come: a reader that waits for whole chunks would sit out any drip."""
        parts = []
        while part := got.raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            if self._host.clock.monotonic() > deadline:
                raise requests.Timeout("the answer drips too slowly")
        return b"".join(parts)

    def _refuse_redirect(self, answer: Answer) -> Answer:
        if 300 <= answer.status < 400:
            raise FatalError(
                f"{self._service} answered with a redirect (status {answer.status}); it was not followed, for the "
                "key would have gone along",
                hint="put the service's present address into the settings",
            )
        return answer

    def _refuse_unsafe(self, url: str) -> None:
        if self._host.offline:
            raise FatalError(f"{self._service} was not asked: nothing is sent while offline")
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            return
        raise FatalError(
            f"{self._service}: its address does not begin with https://, and a key must not travel in the clear",
            hint="use https:// (http:// is taken for 127.0.0.1 and localhost only)",
        )


def _proxies(url: str) -> dict[str, str]:
    """Return the environment's proxies, none for this machine itself and for what `no_proxy` names."""
    name = urlsplit(url).hostname or ""
    return {} if name in _LOOPBACK or proxy_bypass(name) else getproxies()


def _cause(error: BaseException) -> str:
    """Name the kind of failure without its text, which may hold a URL and with it a person."""
    return {
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no answer in time",
        "Timeout": "the answer came too slowly",
        "SSLError": "the certificate was not accepted",
        "ProxyError": "the proxy failed",
    }.get(type(error).__name__, "connection failed" if _never_sent(error) else "connection broken")


def _never_sent(error: BaseException) -> bool:
    """Whether the request surely did not reach the service."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)
