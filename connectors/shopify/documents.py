"""The GraphQL that is sent, built from shapes.

Connections below a record are called `children` in what is paged, so that one type reads them all. In an export
nothing may be renamed and connections are written with `edges`: the service insists.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.shopify.shapes import Shape
from syncd.model import Instant

_PAGE_INFO = "pageInfo { hasNextPage endCursor }"

_EXPORT_FIELDS = (
    "id status type errorCode createdAt completedAt objectCount rootObjectCount fileSize url partialDataUrl"
)

SHOP = (
    "query ShopAndApp { shop { name ianaTimezone currencyCode } "
    "currentAppInstallation { accessScopes { handle } } publicApiVersions { handle supported } }"
)

RUN_EXPORT = (
    "mutation RunExport($query: String!) { run: bulkOperationRunQuery(query: $query, groupObjects: false) { "
    "bulkOperation { id createdAt } userErrors { field message code } } }"
)

POLL = f"query PollBulkOperation($id: ID!) {{ operation: bulkOperation(id: $id) {{ {_EXPORT_FIELDS} }} }}"


def _under_way(kind: str, wanted: str) -> str:
    """Return what asks for operations that have not ended: by status, for the order of the list is told in two ways.

    An app has five of a kind at once at most.
    """
    return " ".join(
        f'{status}: bulkOperations(first: 10, query: "operation_type:{kind} AND status:{status}") {{ nodes {wanted} }}'
        for status in ("created", "running", "canceling")
    )


WRITES_UNDER_WAY = f"query WritesUnderWay {{ {_under_way('mutation', '{ id }')} }}"
EXPORTS_UNDER_WAY = f"query ExportsUnderWay {{ {_under_way('query', '{ id createdAt }')} }}"

CANCEL_OPERATION = (
    "mutation CancelBulkOperation($id: ID!) { cancel: bulkOperationCancel(id: $id) { "
    "bulkOperation { id status } userErrors { field message } } }"
)

READ_TAGS = (
    "query ReadTags($ids: [ID!]!) { nodes(ids: $ids) { id ... on Customer { tags updatedAt "
    "defaultEmailAddress { emailAddress marketingState } } } }"
)

STAGE_UPLOAD = (
    "mutation StageUpload($input: [StagedUploadInput!]!) { staged: stagedUploadsCreate(input: $input) { "
    "stagedTargets { url parameters { name value } } userErrors { field message } } }"
)

RUN_BULK_WRITE = (
    "mutation RunBulkWrite($mutation: String!, $path: String!) { "
    "run: bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path) { "
    "bulkOperation { id createdAt } userErrors { field message code } } }"
)

SAVED_SEGMENTS = (
    "query SavedSegments($first: Int!, $after: String) { "
    f"rows: segments(first: $first, after: $after, sortKey: ID) {{ nodes {{ name query }} {_PAGE_INFO} }} }}"
)

SEGMENT_MEMBERS = (
    "query SegmentMembers($query: String!, $timezone: String!, $first: Int!, $after: String) { "
    "members: customerSegmentMembers(query: $query, timezone: $timezone, first: $first, after: $after) "
    f"{{ totalCount edges {{ node {{ id }} }} {_PAGE_INFO} }} }}"
)
"""Without a time zone the store answers by days of UTC, not by the shop's."""

_WRITE_RESULT = "{ node { id ... on Customer { tags updatedAt } } userErrors { field message } }"


def changed_since(since: Instant | None) -> str | None:
    """Return the filter for rows changed at or after an instant; quoted and in UTC, anything else is misread."""
    if since is None:
        return None
    return f"updated_at:>='{datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ}'"


def page(shape: Shape[Any], scopes: frozenset[str]) -> str:
    """Return the document of a page; variables first, after, query."""
    order = f"sortKey: {shape.sort}" if shape.by_change else f"sortKey: {shape.sort}, reverse: true"
    return (
        f"query {shape.kind.capitalize()}Page($first: Int!, $after: String, $query: String) {{ "
        f"rows: {shape.root}(first: $first, after: $after, query: $query, {order}) "
        f"{{ nodes {{ {_record(shape, scopes)} }} {_PAGE_INFO} }} }}"
    )


def peek(shape: Shape[Any], scopes: frozenset[str]) -> str:
    """Return the document of the newest page and both counts; variables first, query."""
    return (
        f"query {shape.kind.capitalize()}Peek($first: Int!, $query: String!) {{ "
        f"window: {shape.count}(query: $query, limit: null) {{ count precision }} "
        f"whole: {shape.count}(limit: null) {{ count precision }} "
        f"rows: {shape.root}(first: $first, query: $query, sortKey: {shape.sort}, reverse: true) "
        f"{{ nodes {{ {_record(shape, scopes)} }} {_PAGE_INFO} }} }}"
    )


def children(shape: Shape[Any], scopes: frozenset[str]) -> str:
    """Return the document of more children of one record; variables id, first, after."""
    branch = shape.branch
    if branch is None:
        raise ValueError(f"{shape.kind} have no children")
    return (
        f"query {shape.kind.capitalize()}Children($id: ID!, $first: Int!, $after: String) {{ "
        f"record: {shape.single}(id: $id) {{ children: {branch.field}(first: $first, after: $after) "
        f"{{ nodes {{ {branch.selection.under(scopes)} }} {_PAGE_INFO} }} }} }}"
    )


def count(shape: Shape[Any]) -> str:
    """Return the document of the whole count."""
    return f"query {shape.kind.capitalize()}Count {{ whole: {shape.count}(limit: null) {{ count precision }} }}"


def id_page(shape: Shape[Any]) -> str:
    """Return the document of a page of ids; variables first, after."""
    return (
        f"query {shape.kind.capitalize()}Ids($first: Int!, $after: String) {{ "
        f"rows: {shape.root}(first: $first, after: $after, sortKey: ID) {{ nodes {{ id }} {_PAGE_INFO} }} }}"
    )


def export(shape: Shape[Any], scopes: frozenset[str], since: Instant | None) -> str:
    """Return the inner document of an export of whole records; it takes no variables."""
    fields = shape.selection.under(scopes)
    if shape.branch is not None:
        branch = shape.branch
        fields += f" {branch.field} {{ edges {{ node {{ {branch.selection.under(scopes)} }} }} }}"
    chosen = changed_since(since)
    window = f'(query: "{chosen}", sortKey: {shape.sort})' if chosen else ""
    return f"query {shape.kind.capitalize()}Export {{ {shape.root}{window} {{ edges {{ node {{ {fields} }} }} }} }}"


def id_export(shape: Shape[Any]) -> str:
    """Return the inner document of an export of ids."""
    return f"query {shape.kind.capitalize()}IdExport {{ {shape.root} {{ edges {{ node {{ id }} }} }} }}"


def write_tags(mutations: tuple[str, ...]) -> str:
    """Return a document of several tag mutations (`tagsAdd`, `tagsRemove`), carried out in this order.

    The n-th takes the variables `i{n}` (a customer's id) and `t{n}` (tags) and answers as `m{n}`.
    """
    variables = ", ".join(f"$i{n}: ID!, $t{n}: [String!]!" for n in range(len(mutations)))
    fields = " ".join(f"m{n}: {name}(id: $i{n}, tags: $t{n}) {_WRITE_RESULT}" for n, name in enumerate(mutations))
    return f"mutation WriteTags({variables}) {{ {fields} }}"


def opt_out(customers: int) -> str:
    """Return a document that notes of several customers that they no longer consent to marketing mail.

    The n-th takes the variable `i{n}` and answers as `m{n}`.
    """
    variables = ", ".join(f"$i{n}: CustomerEmailMarketingConsentUpdateInput!" for n in range(customers))
    result = "{ customer { id updatedAt defaultEmailAddress { marketingState } } userErrors { field message code } }"
    fields = " ".join(f"m{n}: customerEmailMarketingConsentUpdate(input: $i{n}) {result}" for n in range(customers))
    return f"mutation OptOut({variables}) {{ {fields} }}"


def bulk_write(mutation: str) -> str:
    """Return the inner document of a bulk write; one line of its file is `{"id": …, "tags": […]}`."""
    return f"mutation BulkWriteTags($id: ID!, $tags: [String!]!) {{ {mutation}(id: $id, tags: $tags) {_WRITE_RESULT} }}"


def _record(shape: Shape[Any], scopes: frozenset[str]) -> str:
    fields = shape.selection.under(scopes)
    if shape.branch is None:
        return fields
    branch = shape.branch
    return (
        f"{fields} children: {branch.field}(first: {branch.first}) "
        f"{{ nodes {{ {branch.selection.under(scopes)} }} {_PAGE_INFO} }}"
    )
