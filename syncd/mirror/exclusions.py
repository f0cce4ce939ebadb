"""The exclusion list, kept as a table so that half a million lines cost a cycle nothing while they stay the same.

Entries stand as they are: identities of addresses, and `@` with a domain. The settings' own files hold them in plain
text beside the mirror, so a hash here would hide nothing, and would cost every join a call.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncd.mirror.database import Mirror
from syncd.model import Instant

_NOTED = (
    "CREATE TEMP TABLE IF NOT EXISTS excluded "
    "(store TEXT, customer_id INTEGER, PRIMARY KEY (store, customer_id)) WITHOUT ROWID"
)


def held(mirror: Mirror) -> str | None:
    """Return the digest of the list that is in the table; None before the first."""
    found = mirror.raw.execute("SELECT digest FROM exclusion_lists").fetchone()
    return str(found[0]) if found else None


def replace(mirror: Mirror, entries: Iterable[str], digest: str, at: Instant) -> None:
    """Make this list the one that holds, whole or not at all."""
    with mirror.transaction():
        mirror.raw.execute("DELETE FROM exclusions")
        mirror.raw.executemany("INSERT OR IGNORE INTO exclusions (entry) VALUES (?)", ((entry,) for entry in entries))
        mirror.raw.execute("DELETE FROM exclusion_lists")
        mirror.raw.execute("INSERT INTO exclusion_lists (digest, read_at) VALUES (?, ?)", (digest, at))


def note_customers(mirror: Mirror) -> None:
    """Note, for this process alone, which customers the list excludes: `positions` joins with that.

    A look at every customer, so that a list of any length costs each label that is planned in full only those whom it
    really concerns.
    """
    mirror.raw.execute(_NOTED)
    mirror.raw.execute("DELETE FROM temp.excluded")
    if any_held(mirror):
        mirror.raw.execute(
            "INSERT INTO temp.excluded SELECT c.store, c.id FROM customers c "
            "WHERE c.email_key IN (SELECT entry FROM exclusions) "
            "OR '@' || c.email_domain IN (SELECT entry FROM exclusions)"
        )


def any_held(mirror: Mirror) -> bool:
    """Say whether anything is on the list."""
    return bool(mirror.raw.execute("SELECT EXISTS (SELECT 1 FROM exclusions)").fetchone()[0])


def covered(address: str) -> str:
    """Say in SQL that the list covers an address, by itself or by its domain: the part after the last @."""
    domain = f"substr({address}, length(rtrim({address}, replace({address}, '@', ''))) + 1)"
    return f"EXISTS (SELECT 1 FROM exclusions WHERE entry IN ({address}, '@' || {domain}))"


def covers(mirror: Mirror, address: str | None) -> bool:
    """Say whether an address (as its identity) is on the list, by itself or by its domain."""
    if address is None:
        return False
    query = "SELECT EXISTS (SELECT 1 FROM exclusions WHERE entry IN (?, ?))"
    return bool(mirror.raw.execute(query, (address, f"@{address.rpartition('@')[2]}")).fetchone()[0])


def counts(mirror: Mirror) -> tuple[int, int]:
    """Count the addresses and the domains on the list."""
    query = "SELECT count(*), coalesce(sum(substr(entry, 1, 1) = '@'), 0) FROM exclusions"
    entries, domains = mirror.raw.execute(query).fetchone()
    return entries - domains, domains
