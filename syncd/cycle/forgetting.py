"""Forgetting a person.

Our labels come off first, so that no orphan stays behind that we could then not tell for ours any more. Until that is
done nothing is erased.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from syncd.cycle.cycle import recorded
from syncd.cycle.push import carry_out, read_back
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import CredentialsError, FatalError, RetriableError, SyncdError
from syncd.mirror import backups, forgotten, stores
from syncd.mirror.erasing import Erasure, erase
from syncd.mirror.forgotten import Whom
from syncd.mirror.held import Ours, labels_of
from syncd.model import Action, Change
from syncd.plan import Plan


class Forgot(msgspec.Struct, frozen=True, kw_only=True):
    """What forgetting a person did.

    Attributes:
        withdrawn: Labels of ours that were taken off them first.
        stay: Labels of ours that could not be taken off, and stay where they are (`local`).
        erased: Rows erased or stripped, by table.
        copies: Copies of the database that were gone through.
        before: Whether the person was forgotten already.
    """

    run: int
    customers: int
    addresses: int
    withdrawn: int
    stay: int
    erased: dict[str, int]
    copies: int
    before: bool


def forget(services: Services, whom: Whom, *, local: bool) -> Forgot:
    """Take our labels off a person, erase them from every file of ours, and keep hashes that stop a re-import.

    Args:
        services: Without stores and audiences where it is `local`.
        whom: The person, by every name known.
        local: Erase here alone; labels at the services stay.

    Raises:
        SyncdError: A label could not be taken off, and nothing was erased; its kind is that of the failure.
        FatalError: A file cannot be gone through.
        RetriableError: Another program reads the database; its free space is not clean yet.
    """
    mirror = services.mirror
    before = bool(forgotten.known(mirror, whom))
    count = len(labels_of(mirror, whom))
    left: list[Ours] = []

    def stages(report: Report) -> Plan:
        if not local:
            _take_off(services, whom, report)
        left.extend(labels_of(mirror, whom))
        return Plan()

    report, _ = recorded(services, "forget", stages)
    if left and not local:
        raise _not_forgotten(report, left)
    erased = erase(mirror, Erasure(whom=(whom,), thorough=True))
    return Forgot(
        run=report.run,
        customers=len(whom.customers),
        addresses=len(whom.addresses),
        withdrawn=count - len(left),
        stay=len(left),
        erased=erased,
        copies=len(backups.copies(mirror.path)),
        before=before,
    )


def _take_off(services: Services, whom: Whom, report: Report) -> None:
    for name in sorted({it.target for it in labels_of(services.mirror, whom)}):
        if services.target(name) is None:
            report.fail("push", name, FatalError(f"the settings do not name {name} any more"))
        else:
            read_back(services, name, report)
    carry_out(services, list(_removals(services, whom)), report)


def _removals(services: Services, whom: Whom) -> Iterator[Change]:
    """Yield the taking off of each label that is surely ours."""
    spelled = stores.spellings(services.mirror)
    for it in labels_of(services.mirror, whom):
        if not it.sending:
            yield Change(
                target=it.target,
                label=spelled.get((it.target, it.label_key), it.label_key),
                segment=it.segment,
                subject=it.subject,
                action=Action.REMOVE,
                reason="the person is to be forgotten",
            )


def _not_forgotten(report: Report, left: Sequence[Ours]) -> SyncdError:
    places = ", ".join(sorted({it.target for it in left}))
    why = report.failures[0].message if report.failures else "the service would not take them off"
    kinds = {it.kind for it in report.failures}
    error: type[SyncdError] = FatalError
    if kinds == {"credentials"}:
        error = CredentialsError
    elif kinds == {"connection"}:
        error = RetriableError
    return error(
        f"nothing was erased, for tags of ours could not be taken off at {places}: {why}",
        hint="mend that and do the same again; or erase here alone and leave the tags there: --local",
    )
