"""The front door of a simulated account: who may come in, how many at once, and what is counted."""

from __future__ import annotations

import base64
import threading
import uuid
from collections.abc import Iterable, Mapping

import msgspec

from connectors.sandbox.calls import Calls
from connectors.sandbox.exchange import Request, Response, json_response
from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import FaultPlan
from connectors.sandbox.faults.spoiling import spoiled
from connectors.sandbox.mailchimp import backlog, problems, routes
from connectors.sandbox.mailchimp.call import Call
from connectors.sandbox.mailchimp.control import Control
from connectors.sandbox.mailchimp.settings import DEFAULT_KEY, NewList, Options
from connectors.sandbox.mailchimp.world import Clock, World


class Account:
    """A simulated Mailchimp account. Safe to share between threads; opens no socket of its own."""

    def __init__(
        self, clock: Clock, lists: Iterable[NewList] = (), api_key: str = DEFAULT_KEY, options: Options | None = None
    ) -> None:
        """Open an account with empty lists."""
        self.faults = Faults("mailchimp")
        self.world = World(clock, lists, options or Options(), self.faults)
        self.api_key = api_key
        self._calls = Calls()
        self._control = Control(self, self.world, self._calls, self.faults)
        self._door = threading.Lock()
        self._lock = threading.RLock()
        self._inside = 0
        self._requests = 0

    def answer(self, request: Request) -> Response:
        """Answer a call of the Marketing API; the path is relative to `/3.0`.

        As many calls as `Options.connections` may be inside at once; the next is told 429.
        """
        with self._door:
            self._inside += 1
            self._requests += 1
            instance = str(uuid.UUID(int=self._requests))
            crowded = self._inside > self.world.options.connections
        try:
            return self._counted(request, instance, crowded=crowded)
        finally:
            with self._door:
                self._inside -= 1

    def control(self, request: Request) -> Response:
        """Answer a call of the control API; the path is relative to `/control/mailchimp`. Needs no key."""
        with self._lock:
            self._settle()
            return self._control.answer(request)

    def _counted(self, request: Request, instance: str, *, crowded: bool) -> Response:
        method = request.method.upper()
        found = routes.match(request.path)
        if crowded:
            answer = problems.plain(429).response(instance)
        else:
            with self._lock:
                self._settle()
                answer = self._answered(request, method, found, instance)
        note = self._calls.read if method == "GET" else self._calls.write
        note(f"{method} {found.template}")
        return msgspec.structs.replace(answer, headers={**answer.headers, "X-Request-Id": instance})

    def _answered(self, request: Request, method: str, found: routes.Match, instance: str) -> Response:
        kind = "reads" if method == "GET" else "writes"
        if kind == "reads" and "offset" in request.query:
            self._move_rows(found)
        fault = self.faults.take("call", kind, f"{method} {found.template}")
        if fault is None:
            return self._true_answer(request, method, found, instance)
        return spoiled(
            fault,
            lambda: self._true_answer(request, method, found, instance),
            lambda status: problems.plain(status).response(instance),
        )

    def follow(self, plan: FaultPlan) -> None:
        """Have a plan of faults befall the account, in place of the last one."""
        with self._lock:
            self.faults.follow(plan)
            self.world.welcome_again()

    def _move_rows(self, found: routes.Match) -> None:
        """Let contacts change between two pages of a list, where the plan says so."""
        audience = self.world.audiences.get(found.params.get("list_id", ""))
        if audience is None or not found.template.endswith("/members"):
            return
        fault = self.faults.take("page", "reads", f"GET {found.template}")
        if fault is not None:
            contacts = sorted(audience.contacts.items())
            dice = self.faults.dice("rows_move", len(contacts), self.world.now)
            for _, contact in dice.sample(contacts, min(len(contacts), fault.rows or 1)):
                audience.touch(contact, self.world.now)

    def _true_answer(self, request: Request, method: str, found: routes.Match, instance: str) -> Response:
        try:
            if found.template == routes.RESULTS:
                return self._results(found.params["name"], request.query)
            self._check_key(request)
            host = request.headers.get("host", "127.0.0.1")
            call = Call(self.world, found.params, request.query, request.body, host)
            return _served(found, _overridden(request, method), call)
        except problems.Problem as problem:
            return problem.response(instance)

    def _settle(self) -> None:
        """Carry out the batches whose time has come; whoever calls next sees it done."""
        self.world.backlog.settle(self.world.now, self._operate)

    def _operate(self, operation: backlog.Operation) -> tuple[int, str]:
        query = {name: str(value) for name, value in operation.params.items()}
        found = routes.match(operation.path)
        try:
            answer = _served(found, operation.method, Call(self.world, found.params, query, operation.body.encode()))
        except problems.Problem as problem:
            answer = problem.response("")
        return answer.status, answer.body.decode() if isinstance(answer.body, bytes) else ""

    def _results(self, name: str, query: Mapping[str, str]) -> Response:
        batch = self.world.backlog.get(name.removesuffix(".tar.gz"))
        return backlog.results(batch, query.get("until", ""), self.world.now)

    def _check_key(self, request: Request) -> None:
        given = _key_of(request.headers.get("authorization", ""))
        if given is None:
            raise problems.key_missing()
        if given != self.api_key:
            raise problems.key_invalid()


def _served(found: routes.Match, method: str, call: Call) -> Response:
    value = found.endpoint(method)(call)
    return Response(status=204) if value is None else json_response(value, kind="application/json; charset=utf-8")


def _overridden(request: Request, method: str) -> str:
    """Return the method meant: another may be named, on POST only."""
    other = request.headers.get("x-http-method-override")
    if other is None:
        return method
    if method != "POST":
        raise problems.plain(422)
    return other.upper()


def _key_of(header: str) -> str | None:
    """Return the key of an Authorization header: the password of any user, or a bearer token."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return None
    try:
        user_and_key = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return ""
    return user_and_key.partition(":")[2]
