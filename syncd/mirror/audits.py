"""Consent of the stores beside that of an audience, address by address: where the two do not agree.

One pass over the customers in the order of the index by address, and one over the audience's subscribed contacts;
nothing is gathered in memory.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import msgspec

from syncd.mirror.consents import CONSENT, CONSENTS, DOUBTED_CONTACT, DOUBTED_CUSTOMER, REFUSES
from syncd.mirror.database import Mirror


class Disagreement(msgspec.Struct, frozen=True):
    """An address of whose consent the stores and an audience do not say the same.

    Attributes:
        kind: `doubted`; of those subscribed there `refused`, `without` or `stranger`; of those whom the stores have
            as subscribed, the contact's status, `turned-away` or `absent`.
        address: The identity of the address.
        status: What the audience says; None where it does not know them.
        stores: What each record says, in words.
    """

    kind: str
    address: str
    status: str | None
    stores: str


def disagreements(mirror: Mirror, audience: str, stores: Collection[str]) -> Iterator[Disagreement]:
    """Stream the addresses on which the records of these stores and an audience disagree."""
    values = {"target": audience, "stores": json.dumps(sorted(stores))}
    for row in mirror.raw.execute(_CUSTOMERS, values):
        yield Disagreement(*row)
    for row in mirror.raw.execute(_STRANGERS, values):
        yield Disagreement(*row)


_OF_ADDRESS = "customers AS r INDEXED BY customers_email"
_FEEDING = "r.store IN (SELECT value FROM json_each(:stores))"
_CUSTOMERS = f"""
    SELECT * FROM (
        SELECT
            CASE
                WHEN s.doubted OR {DOUBTED_CONTACT} THEN 'doubted'
                WHEN k.status = 'subscribed' AND s.refuses THEN 'refused'
                WHEN k.status = 'subscribed' AND NOT s.consents THEN 'without'
                WHEN k.status = 'subscribed' OR s.refuses OR NOT s.consents THEN NULL
                WHEN k.status NOT NULL THEN k.status
                WHEN EXISTS (SELECT 1 FROM turned_away w WHERE w.target = :target AND w.subject = s.subject)
                THEN 'turned-away'
                ELSE 'absent'
            END AS kind, s.subject, k.status, s.said
        FROM (
            SELECT r.email_key AS subject,
                coalesce(max({CONSENT} = '{CONSENTS}'), 0) AS consents,
                coalesce(max({CONSENT} IN {REFUSES}), 0) AS refuses,
                max({DOUBTED_CUSTOMER}) AS doubted,
                group_concat(r.store || ' ' || r.id || ' ' || coalesce(r.email_consent, 'nothing'), ', ') AS said
            FROM {_OF_ADDRESS} WHERE r.email_key NOT NULL AND {_FEEDING} GROUP BY r.email_key
        ) AS s LEFT JOIN contacts k ON k.target = :target AND k.subject = s.subject
    ) WHERE kind NOT NULL
"""
_STRANGERS = f"""
    SELECT CASE WHEN {DOUBTED_CONTACT} THEN 'doubted' ELSE 'stranger' END, k.subject, k.status, ''
    FROM contacts k WHERE k.target = :target AND (k.status = 'subscribed' OR {DOUBTED_CONTACT})
    AND NOT EXISTS (SELECT 1 FROM {_OF_ADDRESS} WHERE r.email_key = k.subject AND {_FEEDING})
"""
