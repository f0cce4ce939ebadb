"""Desired × current × owned, straight from the tables: the subjects of a label with whom something is to be done.

Subjects at rest (wanted, there and ours; or there and somebody else's) are left out in SQL, so that the work follows
what is to be changed. What is to be done is decided in `syncd.plan`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from syncd.mirror import consents, exclusions, said, undone
from syncd.mirror.database import Mirror
from syncd.model import Action, Bar, ContactStatus, Position, Wish, fold

_RESTLESS = (
    "max(bar) IS NOT NULL OR (NOT (max(desired) AND NOT max(excluded) AND max(current) AND max(owned)) "
    "AND NOT (max(current) AND NOT max(owned) AND NOT (max(desired) AND NOT max(excluded) AND :adopt)))"
)
_RESTLESS_ONE = _RESTLESS.replace("max(", "(")
"""The same of a row that is one subject's already."""
_BAR = "action || ' ' || run"
"""What a person undid, as one value that a group can carry."""
_UNDONE = "FROM undone WHERE target = :target AND label_key = :label AND basis = :basis"
_BAR_OF_ONE = f"(SELECT {_BAR} {_UNDONE} AND undone.subject = :subject)"

_TURNED_AWAY = (
    "(SELECT w.final || ' ' || w.basis FROM turned_away w WHERE w.target = :target AND w.subject = p.subject)"
)


def _excluded(store: str, customer: str) -> str:
    """Say in SQL that the exclusion list covers a customer; `exclusions.note_customers` comes first."""
    return f"EXISTS (SELECT 1 FROM temp.excluded x WHERE x.store = {store} AND x.customer_id = {customer})"


def of_store(mirror: Mirror, wish: Wish, number: int | None = None) -> Iterator[Position]:
    """Stream the restless positions of a store's tag, by customer id.

    Of everybody, for which `exclusions.note_customers` comes first; or, with the `number` under which the label's rows
    stand, of those in `temp.pairs`.
    """
    query = _OF_STORE if number is None else _OF_STORE_AMONG
    asked = {"number": number, "any_excluded": exclusions.any_held(mirror)}
    for row in mirror.raw.execute(query, _values(wish) | asked):
        yield Position(
            subject=str(row[0]),
            email=row[1],
            desired=bool(row[2]),
            current=bool(row[3]),
            owned=bool(row[4]),
            known=bool(row[5]),
            excluded=bool(row[6]),
            bar=_bar(row[7]),
        )


_OF_STORE = f"""
    SELECT p.id, coalesce(c.email, ''), p.desired, p.current, p.owned, c.id IS NOT NULL, p.excluded, p.bar
    FROM (
        SELECT id, max(desired) AS desired, max(excluded) AS excluded, max(current) AS current,
            max(owned) AS owned, max(bar) AS bar
        FROM (
            SELECT m.customer_id AS id, 1 AS desired, {_excluded("m.store", "m.customer_id")} AS excluded,
                0 AS current, 0 AS owned, NULL AS bar
            FROM members m WHERE m.segment = :segment AND m.store = :target AND NOT :withdrawn
            UNION ALL
            SELECT customer_id, 0, 0, 1, 0, NULL FROM customer_tags WHERE store = :target AND tag_key = :label
            UNION ALL
            SELECT CAST(subject AS INTEGER), 0, 0, 0, 1, NULL FROM ledger
            WHERE target = :target AND label_key = :label
            UNION ALL
            SELECT CAST(subject AS INTEGER), 0, {_excluded("target", "CAST(subject AS INTEGER)")}, 0, 0, {_BAR}
            {_UNDONE}
        ) GROUP BY id HAVING {_RESTLESS}
    ) AS p LEFT JOIN customers c ON c.store = :target AND c.id = p.id ORDER BY p.id
"""
_OF_STORE_AMONG = f"""
    WITH p AS MATERIALIZED (
        SELECT CAST(q.subject AS INTEGER) AS id,
            NOT :withdrawn AND EXISTS (SELECT 1 FROM members m WHERE m.segment = :segment AND m.store = :target
                AND m.customer_id = CAST(q.subject AS INTEGER)) AS desired,
            EXISTS (SELECT 1 FROM customer_tags t WHERE t.store = :target AND t.tag_key = :label
                AND t.customer_id = CAST(q.subject AS INTEGER)) AS current,
            EXISTS (SELECT 1 FROM ledger l WHERE l.target = :target AND l.label_key = :label
                AND l.subject = q.subject) AS owned,
            :any_excluded AND EXISTS (SELECT 1 FROM customers x WHERE x.store = :target
                AND x.id = CAST(q.subject AS INTEGER) AND {exclusions.covered("x.email_key")}) AS excluded,
            (SELECT {_BAR} {_UNDONE} AND undone.subject = q.subject) AS bar
        FROM temp.pairs q WHERE q.label = :number
    )
    SELECT p.id, coalesce(c.email, ''), p.desired, p.current, p.owned, c.id IS NOT NULL, p.excluded, p.bar
    FROM p LEFT JOIN customers c ON c.store = :target AND c.id = p.id WHERE {_RESTLESS_ONE} ORDER BY p.id
"""


def of_audience(mirror: Mirror, wish: Wish, number: int | None = None) -> Iterator[Position]:
    """Stream the restless positions of an audience's tag, by address: of everybody or among pairs, as `of_store`.

    Contacts that may not be labelled and customers who are not in the audience come too, for the plan to tell why
    they are left out.
    """
    query = f"""
        {_all_of_audience(wish) if number is None else _some_of_audience(wish)}
        SELECT p.subject, coalesce(p.email, k.email, p.subject), p.desired, p.current, p.owned, {consents.STATUS},
            p.excluded, p.bar, CASE WHEN k.status IS NULL THEN {said.of_records("p.subject", wish.feeding)} END,
            {consents.DOUBTED_CONTACT}, {_TURNED_AWAY}
        FROM p LEFT JOIN contacts k ON k.target = :target AND k.subject = p.subject ORDER BY p.subject
    """
    asked = {"number": number, "any_excluded": exclusions.any_held(mirror)}
    values = _values(wish) | said.named(wish.stores, "s") | said.named(wish.feeding, "f")
    for row in mirror.raw.execute(query, values | asked):
        yield Position(
            subject=row[0],
            email=row[1],
            desired=bool(row[2]),
            current=bool(row[3]),
            owned=bool(row[4]),
            status=ContactStatus(row[5]) if row[5] else None,
            known=row[5] is not None,
            excluded=bool(row[6]),
            bar=_bar(row[7]),
            consent=row[8] is not None and said.read(row[8]).consent,
            creatable=row[8] is not None and said.read(row[8]).creatable,
            doubted=bool(row[9]) if row[8] is None else said.read(row[8]).doubted,
            turned_away=_turned_away(mirror, wish, row[0], row[10]),
        )


def _all_of_audience(wish: Wish) -> str:
    return f"""
        WITH wanted AS (
            SELECT c.email_key AS subject, min(c.email) AS email, max({_excluded("c.store", "c.id")}) AS excluded
            FROM members m JOIN customers c ON c.store = m.store AND c.id = m.customer_id
            WHERE m.segment = :segment AND m.store IN ({said.listed(wish.stores, "s")})
            AND c.email_key IS NOT NULL AND NOT :withdrawn GROUP BY c.email_key
        ), p AS (
            SELECT subject, max(email) AS email, max(desired) AS desired, max(excluded) AS excluded,
                max(current) AS current, max(owned) AS owned, max(bar) AS bar
            FROM (
                SELECT subject, email, 1 AS desired, excluded, 0 AS current, 0 AS owned, NULL AS bar FROM wanted
                UNION ALL
                SELECT subject, NULL, 0, 0, 1, 0, NULL FROM contact_labels
                WHERE target = :target AND label_key = :label
                UNION ALL
                SELECT subject, NULL, 0, 0, 0, 1, NULL FROM ledger WHERE target = :target AND label_key = :label
                UNION ALL
                SELECT subject, NULL, 0, {exclusions.covered("subject")}, 0, 0, {_BAR} {_UNDONE}
            ) GROUP BY subject HAVING {_RESTLESS}
        )
    """


def _some_of_audience(wish: Wish) -> str:
    member = (
        "EXISTS (SELECT 1 FROM members m WHERE m.segment = :segment AND m.store = c.store AND m.customer_id = c.id)"
    )
    return f"""
        WITH asked AS MATERIALIZED (
            SELECT q.subject, (
                    SELECT min(c.email) FROM customers c INDEXED BY customers_email
                    WHERE c.email_key = q.subject AND c.store IN ({said.listed(wish.stores, "s")})
                    AND NOT :withdrawn AND {member}
                ) AS email,
                EXISTS (SELECT 1 FROM contact_labels t WHERE t.target = :target AND t.subject = q.subject
                    AND t.label_key = :label) AS current,
                EXISTS (SELECT 1 FROM ledger l WHERE l.target = :target AND l.label_key = :label
                    AND l.subject = q.subject) AS owned,
                :any_excluded AND {exclusions.covered("q.subject")} AS excluded,
                (SELECT {_BAR} {_UNDONE} AND undone.subject = q.subject) AS bar
            FROM temp.pairs q WHERE q.label = :number
        ), p AS (
            SELECT *, email NOT NULL AS desired FROM asked WHERE {_RESTLESS_ONE}
        )
    """


def one_of_store(mirror: Mirror, wish: Wish, subject: str) -> Position:
    """Return the position of one customer, at rest or not."""
    query = f"""
        SELECT (SELECT email FROM customers WHERE store = :target AND id = :id),
            EXISTS (SELECT 1 FROM members WHERE segment = :segment AND store = :target AND customer_id = :id),
            EXISTS (SELECT 1 FROM customer_tags WHERE store = :target AND customer_id = :id AND tag_key = :label),
            EXISTS (SELECT 1 FROM ledger WHERE target = :target AND label_key = :label AND subject = :subject),
            EXISTS (SELECT 1 FROM customers WHERE store = :target AND id = :id),
            (SELECT email_key FROM customers WHERE store = :target AND id = :id), {_BAR_OF_ONE}
    """
    values = _values(wish) | {"subject": subject, "id": int(subject)}
    email, desired, current, owned, known, address, bar = mirror.raw.execute(query, values).fetchone()
    return Position(
        subject=subject,
        email=email or "",
        desired=bool(desired) and not wish.withdrawn,
        current=bool(current),
        owned=bool(owned),
        known=bool(known),
        excluded=exclusions.covers(mirror, address),
        bar=_bar(bar),
    )


def one_of_audience(mirror: Mirror, wish: Wish, subject: str) -> Position:
    """Return the position of one address, at rest or not; its consent also where the audience knows it."""
    query = f"""
        SELECT EXISTS (
                SELECT 1 FROM {said.BY_EMAIL} JOIN members m ON m.store = r.store AND m.customer_id = r.id
                WHERE r.email_key = p.subject AND m.segment = :segment AND m.store IN ({said.listed(wish.stores, "s")})
            ),
            EXISTS (SELECT 1 FROM contact_labels WHERE target = :target AND subject = p.subject AND label_key = :label),
            EXISTS (SELECT 1 FROM ledger WHERE target = :target AND label_key = :label AND subject = p.subject),
            {consents.STATUS}, {_BAR_OF_ONE}, {said.of_records("p.subject", wish.feeding)},
            {consents.DOUBTED_CONTACT}, {_TURNED_AWAY}
        FROM (SELECT :subject AS subject) AS p LEFT JOIN contacts k ON k.target = :target AND k.subject = p.subject
    """
    values = _values(wish) | said.named(wish.stores, "s") | said.named(wish.feeding, "f") | {"subject": subject}
    row = mirror.raw.execute(query, values).fetchone()
    desired, current, owned, status, bar, of_records, doubted, turned = row
    told = said.read(of_records)
    return Position(
        subject=subject,
        email=subject,
        desired=bool(desired) and not wish.withdrawn,
        current=bool(current),
        owned=bool(owned),
        status=ContactStatus(status) if status else None,
        known=status is not None,
        consent=told.consent,
        creatable=told.creatable,
        excluded=exclusions.covers(mirror, subject),
        bar=_bar(bar),
        doubted=told.doubted if status is None else bool(doubted),
        turned_away=_turned_away(mirror, wish, subject, turned),
    )


def profile(mirror: Mirror, subject: str, stores: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    """Return the fields and the language of the person's record that changed last, for making a contact of them."""
    query = (
        f"SELECT first_name, last_name, phone, language FROM {said.BY_EMAIL} WHERE email_key = :subject "
        f"AND store IN ({said.listed(stores, 'f')}) ORDER BY updated_at DESC, id DESC LIMIT 1"
    )
    found = mirror.raw.execute(query, {"subject": subject} | said.named(stores, "f")).fetchone() or (None,) * 4
    fields = dict(zip(("first_name", "last_name", "phone", "language"), found, strict=True))
    return {name: value for name, value in fields.items() if value}, found[3]


def _bar(text: str | None) -> Bar | None:
    action, _, run = (text or "").partition(" ")
    return Bar(Action(action), int(run)) if action else None


def _turned_away(mirror: Mirror, wish: Wish, subject: str, found: str | None) -> bool:
    """Tell whether the audience has refused to take somebody in, and would do so again."""
    final, _, then = (found or "").partition(" ")
    return final == "1" or (bool(then) and then == basis(mirror, wish.target, subject))


def _values(wish: Wish) -> dict[str, Any]:
    return {
        "segment": wish.segment,
        "target": wish.target,
        "label": fold(wish.label),
        "basis": undone.basis(wish),
        "adopt": wish.adopt,
        "withdrawn": wish.withdrawn,
    }


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
