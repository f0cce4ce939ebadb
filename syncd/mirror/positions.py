"""Desired × current × owned, straight from the tables: the subjects of a label with whom something is to be done.

Subjects at rest (wanted, there and ours; or there and somebody else's) are left out in SQL, so that the work follows
what is to be changed. What is to be done is decided in `syncd.plan`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from syncd.mirror.database import Mirror
from syncd.model import ContactStatus, Position, Wish, fold

_BY_EMAIL = "customers AS r INDEXED BY customers_email"
"""A lookup by address. Without statistics SQLite prefers the key that begins with the store, and reads all of it."""

_RESTLESS = (
    "NOT (max(desired) AND max(current) AND max(owned)) "
    "AND NOT (max(current) AND NOT max(owned) AND NOT (max(desired) AND :adopt))"
)


def of_store(mirror: Mirror, wish: Wish) -> Iterator[Position]:
    """Stream the restless positions of a store's tag, by customer id."""
    query = f"""
        SELECT p.id, coalesce(c.email, ''), p.desired, p.current, p.owned, c.id IS NOT NULL
        FROM (
            SELECT id, max(desired) AS desired, max(current) AS current, max(owned) AS owned FROM (
                SELECT customer_id AS id, 1 AS desired, 0 AS current, 0 AS owned
                FROM members WHERE segment = :segment AND store = :target AND NOT :withdrawn
                UNION ALL
                SELECT customer_id, 0, 1, 0 FROM customer_tags WHERE store = :target AND tag_key = :label
                UNION ALL
                SELECT CAST(subject AS INTEGER), 0, 0, 1 FROM ledger WHERE target = :target AND label_key = :label
            ) GROUP BY id HAVING {_RESTLESS}
        ) AS p LEFT JOIN customers c ON c.store = :target AND c.id = p.id ORDER BY p.id
    """
    for row in mirror.raw.execute(query, _values(wish)):
        yield Position(
            subject=str(row[0]),
            email=row[1],
            desired=bool(row[2]),
            current=bool(row[3]),
            owned=bool(row[4]),
            known=bool(row[5]),
        )


def of_audience(mirror: Mirror, wish: Wish) -> Iterator[Position]:
    """Stream the restless positions of an audience's tag, by address.

    Contacts that may not be labelled and customers who are not in the audience come too, for the plan to tell why
    they are left out.
    """
    query = f"""
        WITH wanted AS (
            SELECT c.email_key AS subject, min(c.email) AS email FROM members m
            JOIN customers c ON c.store = m.store AND c.id = m.customer_id
            WHERE m.segment = :segment AND m.store IN ({_listed(wish.stores, "s")})
            AND c.email_key IS NOT NULL AND NOT :withdrawn GROUP BY c.email_key
        )
        SELECT p.subject, coalesce(p.email, k.email, p.subject), p.desired, p.current, p.owned, k.status,
            k.status IS NULL AND {_consents(wish)}, k.status IS NULL AND {_creatable(wish)}
        FROM (
            SELECT subject, max(email) AS email, max(desired) AS desired, max(current) AS current, max(owned) AS owned
            FROM (
                SELECT subject, email, 1 AS desired, 0 AS current, 0 AS owned FROM wanted
                UNION ALL
                SELECT subject, NULL, 0, 1, 0 FROM contact_labels WHERE target = :target AND label_key = :label
                UNION ALL
                SELECT subject, NULL, 0, 0, 1 FROM ledger WHERE target = :target AND label_key = :label
            ) GROUP BY subject HAVING {_RESTLESS}
        ) AS p LEFT JOIN contacts k ON k.target = :target AND k.subject = p.subject ORDER BY p.subject
    """
    values = _values(wish) | _named(wish.stores, "s") | _named(wish.feeding, "f")
    for row in mirror.raw.execute(query, values):
        yield Position(
            subject=row[0],
            email=row[1],
            desired=bool(row[2]),
            current=bool(row[3]),
            owned=bool(row[4]),
            status=ContactStatus(row[5]) if row[5] else None,
            known=row[5] is not None,
            consent=bool(row[6]),
            creatable=bool(row[7]),
        )


def one_of_store(mirror: Mirror, wish: Wish, subject: str) -> Position:
    """Return the position of one customer, at rest or not."""
    query = """
        SELECT (SELECT email FROM customers WHERE store = :target AND id = :id),
            EXISTS (SELECT 1 FROM members WHERE segment = :segment AND store = :target AND customer_id = :id),
            EXISTS (SELECT 1 FROM customer_tags WHERE store = :target AND customer_id = :id AND tag_key = :label),
            EXISTS (SELECT 1 FROM ledger WHERE target = :target AND label_key = :label AND subject = :subject),
            EXISTS (SELECT 1 FROM customers WHERE store = :target AND id = :id)
    """
    values = _values(wish) | {"subject": subject, "id": int(subject)}
    email, desired, current, owned, known = mirror.raw.execute(query, values).fetchone()
    return Position(
        subject=subject,
        email=email or "",
        desired=bool(desired) and not wish.withdrawn,
        current=bool(current),
        owned=bool(owned),
        known=bool(known),
    )


def one_of_audience(mirror: Mirror, wish: Wish, subject: str) -> Position:
    """Return the position of one address, at rest or not; its consent also where the audience knows it."""
    query = f"""
        SELECT EXISTS (
                SELECT 1 FROM {_BY_EMAIL} JOIN members m ON m.store = r.store AND m.customer_id = r.id
                WHERE r.email_key = p.subject AND m.segment = :segment AND m.store IN ({_listed(wish.stores, "s")})
            ),
            EXISTS (SELECT 1 FROM contact_labels WHERE target = :target AND subject = p.subject AND label_key = :label),
            EXISTS (SELECT 1 FROM ledger WHERE target = :target AND label_key = :label AND subject = p.subject),
            (SELECT status FROM contacts WHERE target = :target AND subject = p.subject),
            {_consents(wish)}, {_creatable(wish)}
        FROM (SELECT :subject AS subject) AS p
    """
    values = _values(wish) | _named(wish.stores, "s") | _named(wish.feeding, "f") | {"subject": subject}
    desired, current, owned, status, consent, creatable = mirror.raw.execute(query, values).fetchone()
    return Position(
        subject=subject,
        email=subject,
        desired=bool(desired) and not wish.withdrawn,
        current=bool(current),
        owned=bool(owned),
        status=ContactStatus(status) if status else None,
        known=status is not None,
        consent=bool(consent),
        creatable=bool(creatable),
    )


def profile(mirror: Mirror, subject: str, stores: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    """Return the fields and the language of the person's record that changed last, for making a contact of them."""
    query = (
        f"SELECT first_name, last_name, phone, language FROM {_BY_EMAIL} "
        f"WHERE email_key = :subject AND store IN ({_listed(stores, 'f')}) ORDER BY updated_at DESC, id DESC LIMIT 1"
    )
    found = mirror.raw.execute(query, {"subject": subject} | _named(stores, "f")).fetchone() or (None,) * 4
    fields = dict(zip(("first_name", "last_name", "phone", "language"), found, strict=True))
    return {name: value for name, value in fields.items() if value}, found[3]


def _consents(wish: Wish) -> str:
    """Say in SQL that a store says SUBSCRIBED for the address and no record of it says otherwise (law 1)."""
    subscribed = _says(wish, "= 'SUBSCRIBED'")
    refused = _says(wish, "IN ('UNSUBSCRIBED', 'REDACTED', 'INVALID')")
    return f"({subscribed} AND NOT {refused})"


def _creatable(wish: Wish) -> str:
    """Say in SQL that no record of the address forbids to make a contact of it."""
    forbidden = _says(wish, "IN ('REDACTED', 'INVALID')")
    return f"NOT {forbidden}"


def _says(wish: Wish, consent: str) -> str:
    """Say in SQL that a record of the address, in a store that feeds the target, has this consent."""
    return (
        f"EXISTS (SELECT 1 FROM {_BY_EMAIL} WHERE r.email_key = p.subject "
        f"AND r.store IN ({_listed(wish.feeding, 'f')}) AND r.email_consent {consent})"
    )


def _values(wish: Wish) -> dict[str, Any]:
    return {
        "segment": wish.segment,
        "target": wish.target,
        "label": fold(wish.label),
        "adopt": wish.adopt,
        "withdrawn": wish.withdrawn,
    }


def _listed(names: tuple[str, ...], prefix: str) -> str:
    return ", ".join(f":{prefix}{at}" for at, _ in enumerate(names)) or "NULL"


def _named(names: tuple[str, ...], prefix: str) -> dict[str, str]:
    return {f"{prefix}{at}": name for at, name in enumerate(names)}


def basis(mirror: Mirror, target: str, subject: str) -> str:
    """Return what is true of a subject now, for telling whether a refusal may have lost its ground.

    A contact's status, or a customer's tags and their consent: whatever a service refuses by. Hashed, for it is kept.
    """
    contact = mirror.raw.execute(
        "SELECT status FROM contacts WHERE target = ? AND subject = ?", (target, subject)
    ).fetchall()
    tags = mirror.raw.execute(
        "SELECT tag_key FROM customer_tags WHERE store = ? AND customer_id = ? ORDER BY 1", (target, subject)
    ).fetchall()
    consent = mirror.raw.execute(
        "SELECT store, id, email_consent FROM customers WHERE email_key = ? ORDER BY 1, 2", (subject,)
    ).fetchall()
    return hashlib.blake2s(repr((contact, tags, consent)).encode(), digest_size=8).hexdigest()
