"""The one door to the `shopify` package, and to the store.

The package is used for what it knows: addresses and versions (`Session`, `ApiVersion`, `sanitize_shop_domain`) and the
shape of a GraphQL call (`GraphQL`). Its transport is replaced, for as shipped it has no time limit, prints error bodies
to stdout, follows redirects with the token attached and shares one session between all stores of a process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
import shopify
from shopify.utils.shop_url import sanitize_shop_domain

from connectors.http import Answer, Http
from connectors.shopify.answers import Reply, UnauthorizedError, understand
from connectors.shopify.pace import Cost, Pace
from connectors.shopify.tokens import Token
from syncd.errors import FatalError

T = TypeVar("T")


def shop_address(shop: str, api_url: str | None) -> str:
    """Return where a shop answers, without a slash at the end.

    Raises:
        FatalError: The name is none that Shopify gives.
    """
    if api_url is not None:
        return api_url.rstrip("/")
    domain = sanitize_shop_domain(shop)
    if domain is None:
        raise FatalError(f"{shop!r} is not a shop's name", hint="give `shop` like my-shop.myshopify.com")
    return f"https://{shopify.Session(domain, 'unstable').url}"


class _Call(shopify.GraphQL):  # type: ignore[misc]  # the package has no types
    """The package's GraphQL call, sent through our own way out. One object a call: nothing is shared."""

    def __init__(self, endpoint: str, token: str, send: Callable[[str, dict[str, str], bytes], Reply]) -> None:
        """Leave out the package's own, which copies the session that is active in the whole process."""
        self.endpoint = endpoint
        self.headers = {"X-Shopify-Access-Token": token}
        self._send = send

    def execute(self, query: str, variables: Any = None, operation_name: str | None = None) -> Reply:
        """Send the call and return what came, understood."""
        default = {"Accept": "application/json", "Content-Type": "application/json"}
        body = {"query": query, "variables": variables, "operationName": operation_name}
        return self._send(self.endpoint, self.merge_headers(default, self.headers), msgspec.json.encode(body))


class Ask(msgspec.Struct, frozen=True):
    """One call.

    Attributes:
        document: GraphQL, one operation.
        variables: Its variables.
        what: What the call is counted as (`orders`, `write`).
        cost: Points it requests, where that can be told beforehand.
        partial: Whether data with errors beside it is of use.
        writes: Whether it changes something, so that one try without an answer leaves the whole call in doubt.
    """

    document: str
    variables: Mapping[str, Any]
    what: str
    cost: float | None = None
    partial: bool = False
    writes: bool = False


class Client:
    """Calls to one store's Admin API: authorised, paced, repeated where that is safe, understood."""

    def __init__(self, service: str, http: Http, endpoint: tuple[str, str], token: Token, pace: Pace) -> None:
        """Send nothing yet.

        Args:
            service: How messages call the store.
            http: The way out.
            endpoint: Where the shop answers (`shop_address`), and the API version to ask for.
            token: Where the access token comes from.
            pace: The store's bucket.
        """
        address, self._version = endpoint
        self.service = service
        self.http = http
        self.pace = pace
        self._token = token
        self._endpoint = f"{shopify.ApiVersion.coerce_to_version(self._version).api_path(address)}/graphql.json"

    def read(
        self, document: str, variables: Mapping[str, Any], answer: type[T], *, what: str, writes: bool = False
    ) -> T:
        """Send one call and return its data as `answer`.

        Raises:
            RetriableError: The store did not answer, after all tries.
            FatalError: An error of the store's, or an answer that is not what this API version promises.
        """
        return self.decode(self.call(Ask(document, variables, what, writes=writes)).data, answer, what=what)

    def call(self, ask: Ask) -> Reply:
        """Send one call; a token that the store refuses is renewed once.

        Raises:
            RetriableError: The store did not answer, after all tries.
            FatalError: An error of the store's.
        """
        token = self._token.value()
        try:
            return self._once(token, ask)
        except UnauthorizedError:
            if not self._token.renew(token):
                raise
        return self._once(self._token.value(), ask)

    def decode(self, data: msgspec.Raw, answer: type[T], *, what: str) -> T:
        """Return data as a type.

        Raises:
            FatalError: It does not fit. The message tells where, never what.
        """
        try:
            return msgspec.json.decode(data, type=answer, strict=False)
        except msgspec.DecodeError as error:
            raise FatalError(
                f"{self.service}: the answer for {what} is not what API version {self._version} promises ({error})",
                hint="syncd may be too old for this store",
            ) from error

    def _once(self, token: str, ask: Ask) -> Reply:
        understood: list[Reply] = []

        def learn(cost: Cost) -> None:
            self.pace.learn(ask.document, cost)

        def judge(answer: Answer) -> None:
            understood[:] = [understand(answer, self.service, self._version, learn=learn, partial=ask.partial)]

        def send(endpoint: str, headers: dict[str, str], body: bytes) -> Reply:
            self.http.send("POST", endpoint, what=ask.what, judge=judge, writes=ask.writes, headers=headers, body=body)
            return understood[0]

        self.pace.wait(ask.document, ask.cost)
        reply: Reply = _Call(self._endpoint, token, send).execute(ask.document, ask.variables)
        return reply
