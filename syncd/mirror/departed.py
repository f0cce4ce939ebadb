"""Whom a service deleted or redacted, and who of them can be erased: nobody who still has a label of ours."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from syncd.mirror.database import Mirror
from syncd.mirror.erasing import Erasure
from syncd.mirror.forgotten import Whom


class Departed(msgspec.Struct, frozen=True):
    """A record that a service has no more.

    Attributes:
        subject: A customer's id as text, or a contact's address.
        address: The identity of the address; None where it had none, and where somebody else has it as well.
        mark: A text that lay in the record alone.
        redacted: Whether the service erased the person, and did not only delete the record.
        shown: Whether a contact, a guest's order or the exclusion list still has the address.
    """

    owner: str
    subject: str
    address: str | None
    mark: str
    redacted: bool
    shown: bool

    @property
    def is_customer(self) -> bool:
        """Whether it was a customer, and not a contact."""
        return self.subject != self.address and self.subject.isdecimal()


_SHOWN = "FROM record_counts t CROSS JOIN contacts k WHERE t.feed = 'contacts' AND k.target = t.owner AND k.subject"
"""The contacts of every audience by their address: no index leads to them but through the audience."""
_RETURNED = f"""
    DELETE FROM departed WHERE
        EXISTS (SELECT 1 FROM customers c WHERE c.store = owner AND c.id = CAST(subject AS INTEGER)
            AND CAST(c.id AS TEXT) = subject)
        OR EXISTS (SELECT 1 FROM contacts k WHERE k.target = owner AND k.subject = departed.subject)
        OR (subject = address AND (
            EXISTS (SELECT 1 FROM customers c INDEXED BY customers_email WHERE c.email_key = departed.address)
            OR EXISTS (SELECT 1 {_SHOWN} = departed.address)))
"""
"""Who is there again, and contacts whom another audience or a store still knows: these are told about elsewhere."""

_READY = f"""
    SELECT owner, subject, free, mark, redacted, free IS NOT NULL AND (
        EXISTS (SELECT 1 {_SHOWN} = free)
        OR free IN (SELECT email_key FROM orders WHERE email_key IN (SELECT address FROM departed))
        OR EXISTS (SELECT 1 FROM exclusions x WHERE x.entry = d.free)
    ) FROM (
        SELECT *, CASE WHEN EXISTS (SELECT 1 FROM customers c WHERE c.email_key = departed.address)
            THEN NULL ELSE address END AS free FROM departed
    ) AS d WHERE NOT EXISTS (
        SELECT 1 FROM holdings h CROSS JOIN ledger l WHERE h.target = d.owner
        AND l.target = h.target AND l.label_key = h.label_key AND l.subject = d.subject
    ) AND (free IS NULL OR NOT EXISTS (
        SELECT 1 FROM holdings h CROSS JOIN ledger l
        WHERE l.target = h.target AND l.label_key = h.label_key AND l.subject = d.free
    )) ORDER BY owner, subject
"""
"""A label of ours is looked for among those that anybody has, each by its key. The list of orders is made once, for no
index leads to an order by its address: a thousand may depart together."""


def ready(mirror: Mirror) -> list[Departed]:
    """Return whom nothing keeps from being erased. Who came back in the meantime is struck off."""
    if mirror.raw.execute("SELECT 1 FROM departed LIMIT 1").fetchone() is None:
        return []
    with mirror.transaction():
        mirror.raw.execute(_RETURNED)
    return [_departed(*row) for row in mirror.raw.execute(_READY)]


def waiting(mirror: Mirror) -> int:
    """Count those who are gone and not erased yet."""
    return int(mirror.raw.execute("SELECT count(*) FROM departed").fetchone()[0])


def erasures(gone: Collection[Departed]) -> Iterator[Erasure]:
    """Yield what is to be erased: of those redacted everything, with a hash; of the others what no service shows."""
    for redacted, shown in ((True, False), (False, True), (False, False)):
        these = [it for it in gone if it.redacted is redacted and (it.redacted or it.shown is shown)]
        if these:
            yield Erasure(
                whom=tuple(_whom(it) for it in these),
                forgotten=redacted,
                shown=redacted or not shown,
                marks=tuple(it.mark for it in these if it.mark),
            )


def _departed(owner: str, subject: str, address: str | None, mark: str, redacted: int, shown: int) -> Departed:
    return Departed(owner, subject, address, mark, bool(redacted), bool(shown))


def _whom(it: Departed) -> Whom:
    return Whom(
        customers=frozenset({(it.owner, int(it.subject))} if it.is_customer else ()),
        addresses=frozenset({it.address} if it.address else ()),
    )
