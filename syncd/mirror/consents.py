"""Consent as it is seen to change, and what counts of it (law 1).

Every path by which a record of a store or an audience comes into the mirror passes here first, in the same transaction,
so that no change is missed. What a record said when it was first seen stays on the record, and costs nothing here.

What counts of a record is not always what it says: `CONSENT` and `STATUS` are SQL for that, and whoever decides by
consent reads these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import LABELLED, Contact, Customer, Instant, identity

CONSENTS = "SUBSCRIBED"
REFUSES = "('UNSUBSCRIBED', 'REDACTED', 'INVALID')"
INHERITED = "INHERITED"
"""What counts of a SUBSCRIBED that was given for another address: neither consent nor refusal."""

_OF_CUSTOMER = (
    "FROM consent_flips d WHERE d.owner = r.store AND d.record = CAST(r.id AS TEXT) AND d.doubted_in NOT NULL"
)
_OF_CONTACT = "FROM consent_flips d WHERE d.owner = k.target AND d.record = k.subject AND d.doubted_in NOT NULL"
CONSENT = (
    f"coalesce((SELECT coalesce(d.before, '') {_OF_CUSTOMER}), CASE WHEN r.email_consent = '{CONSENTS}' "
    f"AND r.email_since NOT NULL AND coalesce(r.email_consent_at, 0) <= r.email_since THEN '{INHERITED}' "
    "ELSE r.email_consent END)"
)
"""What counts of a customer record `r`: what it said before, where its change is doubted; empty text for nothing."""
DOUBTED_CUSTOMER = f"EXISTS (SELECT 1 {_OF_CUSTOMER})"
STATUS = f"coalesce((SELECT d.before {_OF_CONTACT}), k.status)"
"""What counts of a contact `k`: what it was before, where its change is doubted."""
DOUBTED_CONTACT = f"EXISTS (SELECT 1 {_OF_CONTACT})"


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """What one record says of an address, before and now.

    Attributes:
        before: None where the record had another address until now.
        after: None where the record has another address now, or is gone.
        at: The service's own time of it, where it tells one.
        how: `changed` its word; `moved` to or from another address; or is `gone`.
    """

    record: str
    address: str
    before: str | None
    after: str | None
    at: Instant | None = None
    how: Literal["changed", "moved", "gone"] = "changed"


class ConsentChange(msgspec.Struct, frozen=True):
    """One change of consent as a pull saw it."""

    run: int
    seen_at: Instant
    at: Instant | None
    address: str
    side: str
    owner: str
    record: str
    before: str | None
    after: str | None


def customers_changing(mirror: Mirror, store: str, rows: Sequence[Customer]) -> None:
    """Note what changes with these customers, who are known already. Belongs into the transaction that stores them."""
    query = (
        "SELECT id, email_key, email_consent FROM customers WHERE store = ? AND id IN (SELECT value FROM json_each(?))"
    )
    keys = msgspec.json.encode([row.id for row in rows]).decode()
    known = {id_: (address, said) for id_, address, said in mirror.raw.execute(query, (store, keys))}
    _note(mirror, "store", store, [shift for row in rows for shift in _of_customer(row, *known[row.id])])


def customers_going(mirror: Mirror, store: str, ids: Sequence[int]) -> None:
    """Note that these customers are gone, before they are deleted."""
    query = (
        "SELECT id, email_key, email_consent FROM customers "
        "WHERE store = ? AND id IN (SELECT value FROM json_each(?)) AND email_key NOT NULL"
    )
    gone = mirror.raw.execute(query, (store, msgspec.json.encode(list(ids)).decode())).fetchall()
    _note(mirror, "store", store, [_gone(str(id_), address, said) for id_, address, said in gone])


def contacts_changing(mirror: Mirror, target: str, rows: Sequence[Contact]) -> None:
    """Note what changes with these contacts, as far as they are known already. Belongs into their transaction."""
    known = _statuses(mirror, target, [row.subject for row in rows])
    shifts = [
        Shift(
            record=row.subject,
            address=row.subject,
            before=known[row.subject],
            after=row.status.value,
            at=row.changed_at,
        )
        for row in rows
        if known.get(row.subject, row.status.value) != row.status.value
    ]
    _note(mirror, "audience", target, shifts)


def contacts_going(mirror: Mirror, target: str, subjects: Sequence[str]) -> None:
    """Note that these contacts are gone, before they are deleted."""
    known = _statuses(mirror, target, subjects)
    _note(mirror, "audience", target, [_gone(subject, subject, status) for subject, status in known.items()])


def changes(mirror: Mirror, addresses: Iterable[str]) -> list[ConsentChange]:
    """Return every change of consent that was seen of these addresses, oldest first."""
    query = (
        f"SELECT {', '.join(f'c.{name}' for name in ConsentChange.__struct_fields__)} "
        "FROM json_each(?) AS whom CROSS JOIN consent_changes AS c ON c.address = whom.value ORDER BY c.id"
    )
    return [
        ConsentChange(*row) for row in mirror.raw.execute(query, (msgspec.json.encode(sorted(addresses)).decode(),))
    ]


def _of_customer(row: Customer, was_address: str | None, said: str | None) -> Iterator[Shift]:
    address = identity(row.email)
    record = str(row.id)
    if address == was_address:
        if address and said != row.email_consent:
            at = row.email_consent_at or row.updated_at
            yield Shift(record=record, address=address, before=said, after=row.email_consent, at=at)
        return
    for known, before, after in ((was_address, said, None), (address, None, row.email_consent)):
        if known:
            yield Shift(record=record, address=known, before=before, after=after, at=row.updated_at, how="moved")


def _gone(record: str, address: str, said: str | None) -> Shift:
    return Shift(record=record, address=address, before=said, after=None, how="gone")


def _statuses(mirror: Mirror, target: str, subjects: Sequence[str]) -> dict[str, str]:
    query = "SELECT subject, status FROM contacts WHERE target = ? AND subject IN (SELECT value FROM json_each(?))"
    return dict(mirror.raw.execute(query, (target, msgspec.json.encode(list(subjects)).decode())))


def _note(mirror: Mirror, side: str, owner: str, shifts: Sequence[Shift]) -> None:
    """Write down what changed, and who went over to consent; the run that sees it is the newest."""
    if not shifts:
        return
    newest = mirror.raw.execute("SELECT run, started_at FROM runs ORDER BY run DESC LIMIT 1").fetchone()
    run, seen_at = newest or (0, 0)
    mirror.raw.executemany(
        "INSERT INTO consent_changes (address, side, owner, record, before, after, at, seen_at, run) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((it.address, side, owner, it.record, it.before, it.after, it.at, seen_at, run) for it in shifts),
    )
    mirror.raw.executemany(
        "DELETE FROM consent_flips WHERE owner = ? AND record = ?",
        ((owner, it.record) for it in shifts if _ends_doubt(side, it)),
    )
    mirror.raw.executemany(
        "INSERT OR REPLACE INTO consent_flips (owner, record, side, address, before, seen_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        ((owner, it.record, side, it.address, it.before, seen_at) for it in shifts if _is_flip(side, it)),
    )


def _consenting(side: str, state: str | None) -> bool:
    """Whether a record in this state may be written to on the strength of it."""
    return state == CONSENTS if side == "store" else state in LABELLED


def _is_flip(side: str, shift: Shift) -> bool:
    return shift.how == "changed" and _consenting(side, shift.after) and not _consenting(side, shift.before)


def _ends_doubt(side: str, shift: Shift) -> bool:
    """Whether there is nothing left to doubt: consent was taken back, or it is another address by now.

    A record that is gone may be back tomorrow, by the doing of the same app, so its doubt stays.
    """
    return shift.how == "moved" or (shift.how == "changed" and not _consenting(side, shift.after))
