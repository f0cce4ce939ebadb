"""Staged uploads: a form is posted with all given parameters and the file last, as recorded."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from connectors.sandbox.exchange import Request, Response

LARGEST = 104_857_600
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_NAME = re.compile(rb'name="([^"]*)"')


class Uploads:
    """Files uploaded to one shop, by key."""

    def __init__(self, shop_id: int, url: str) -> None:
        """Take uploads at `url`."""
        self._shop_id = shop_id
        self._url = url
        self._parameters: dict[str, dict[str, str]] = {}
        self._put: set[str] = set()
        self._files: dict[str, bytes] = {}

    def target(self, filename: str, *, put: bool) -> dict[str, Any]:
        """Return where and how to upload a file called `filename`."""
        number = len(self._parameters)
        token = hashlib.sha256(f"{self._shop_id}:{number}".encode()).hexdigest()
        name = f"{token[:8]}-{token[8:12]}-{token[12:16]}-{token[16:20]}-{token[20:32]}"
        key = f"tmp/{self._shop_id}/bulk/{name}/{filename}"
        parameters = {
            "Content-Type": "text/jsonl",
            "success_action_status": "201",
            "acl": "private",
            "key": key,
            "x-goog-algorithm": "GOOG4-RSA-SHA256",
            "x-goog-signature": token,
            "policy": token[::-1],
        }
        self._parameters[key] = parameters
        if put:
            self._put.add(key)
            url = f"{self._url}?upload={token}&key={key}"
            shown = {"content_type": "text/jsonl", "acl": "private", "key": key}
            return _described(url, shown)
        return _described(self._url, parameters)

    def file(self, key: str) -> bytes | None:
        """Return what was uploaded under a key, None for nothing."""
        return self._files.get(key)

    def answer(self, request: Request) -> Response:
        """Take an upload."""
        if request.method == "PUT":
            key = request.query.get("key", "")
            if key not in self._put:
                return _refusal(403, "AccessDenied", "Access denied.")
            return self._store(key, request.body, status=200)
        fields, file = _form(request)
        given = self._parameters.get(fields.get("key", ""))
        if given is None:
            return _refusal(403, "AccessDenied", "Access denied.")
        if any(fields.get(name) != value for name, value in given.items()):
            return _refusal(403, "SignatureDoesNotMatch", "A parameter is missing, changed, or stands after the file.")
        if file is None:
            return _refusal(400, "InvalidArgument", "POST requires exactly one file upload per request.")
        return self._store(fields["key"], file, status=201)

    def _store(self, key: str, file: bytes, *, status: int) -> Response:
        if len(file) > LARGEST:
            return _refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
        self._files[key] = file
        body = f"<?xml version='1.0' encoding='UTF-8'?><PostResponse><Key>{key}</Key></PostResponse>"
        return Response(status=status, headers={"Content-Type": "application/xml; charset=UTF-8"}, body=body.encode())


def _described(url: str, parameters: dict[str, str]) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in parameters.items()]
    return {"url": url, "resourceUrl": url, "parameters": pairs}


def _refusal(status: int, code: str, message: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(status=status, headers={"Content-Type": "application/xml; charset=UTF-8"}, body=body.encode())


def _form(request: Request) -> tuple[dict[str, str], bytes | None]:
    """Return the fields that stand before the file, and the file."""
    found = _BOUNDARY.search(request.headers.get("content-type", ""))
    if not found:
        return {}, None
    fields: dict[str, str] = {}
    for part in (b"\r\n" + request.body).split(b"\r\n--" + found[1].encode())[1:]:
        head, separator, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not separator or not name:
            continue
        if name[1] == b"file":
            return fields, value
        fields[name[1].decode()] = value.decode()
    return fields, None
