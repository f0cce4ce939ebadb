"""Files of finished bulk operations, behind links that look signed and stop working after seven days."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import Fault
from connectors.sandbox.faults.spoiling import broken_off, spoiled
from connectors.sandbox.shopify.wire import DAY
from syncd.clock import Clock

VALID_FOR = 7 * DAY
_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")


class _Offer(msgspec.Struct, frozen=True):
    path: Path
    expires_at: int


class Files:
    """A folder of downloads; it vanishes with the sandbox."""

    def __init__(self, clock: Clock) -> None:
        """Make the folder."""
        self._clock = clock
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-files-", ignore_cleanup_errors=True)
        self._offers: dict[str, _Offer] = {}
        self.faults = Faults("files")

    def path(self, name: str) -> Path:
        """Return where to write the file called `name`."""
        return Path(self._folder.name) / name

    def offer(self, path: Path, *, expired: bool = False) -> str:
        """Return the path and query of a link to a finished file, which may have `expired` before anybody has it."""
        token = hashlib.sha256(path.name.encode()).hexdigest()[:40]
        expires_at = self._clock.now() + (-1 if expired else VALID_FOR)
        self._offers.setdefault(token, _Offer(path, expires_at))
        kept = self._offers[token]
        return f"/files/{token}?GoogleAccessId=sandbox&Expires={kept.expires_at}&Signature={token[::-1]}%3D%3D"

    def answer(self, request: Request) -> Response:
        """Answer a download of `/files/TOKEN`; a range is honoured."""
        offer = self._offers.get(request.path.removeprefix("/files/"))
        if offer is None:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        if self._clock.now() >= offer.expires_at:
            return _refusal(400, "ExpiredToken", "The provided token has expired.")
        fault = self.faults.take("call", "reads", "download") or self.faults.take("file", "reads", "download")
        if fault is not None:
            return self._spoiled(fault, request, offer)
        return _sent(request, offer)

    def _spoiled(self, fault: Fault, request: Request, offer: _Offer) -> Response:
        if fault.kind == "file_gone":
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        if fault.kind == "file_expired":
            return _refusal(403, "AccessDenied", "Request has expired.")
        answer = _sent(request, offer)
        if fault.kind == "file_cut":
            return broken_off(answer)
        return spoiled(fault, lambda: answer, _words)

    def close(self) -> None:
        """Remove everything."""
        self._folder.cleanup()


def _sent(request: Request, offer: _Offer) -> Response:
    size = offer.path.stat().st_size
    found = _RANGE.match(request.headers.get("range", ""))
    start = int(found[1]) if found else 0
    stop = min(size, int(found[2]) + 1) if found and found[2] else size
    if found and start >= size:
        return _refusal(416, "InvalidRange", "The requested range cannot be satisfied.")
    headers = {"Content-Type": "application/jsonl", "Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if found:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return Response(status=206 if found else 200, headers=headers, body=_chunks(offer.path, start, stop))


def _words(status: int) -> Response:
    return _refusal(status, "InternalError", "We encountered an internal error. Please try again.")


def _chunks(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = stop - start
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _refusal(status: int, code: str, message: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(status=status, headers={"Content-Type": "application/xml; charset=UTF-8"}, body=body.encode())
