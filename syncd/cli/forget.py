"""`syncd forget`: erase a person, and keep them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from syncd.cli import whom, words
from syncd.cli.options import OneStore, flag
from syncd.cli.session import Session
from syncd.cli.whom import Person

if TYPE_CHECKING:
    from syncd.cycle.forgetting import Forgot
    from syncd.mirror.forgotten import Whom


def forget(
    session: Session,
    *,
    person: Person,
    store: OneStore = None,
    local: Annotated[
        bool, flag("--local", help="Erase here alone; tags that syncd gave stay at the services.")
    ] = False,
    yes: Annotated[bool, flag("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Erase a person from every table, history, log and backup that syncd made.

    The tags that syncd gave are taken off first; where that cannot be done nothing is erased. What stays is a keyed
    hash, so that nobody reads them in again: `syncd remember` lifts it. Stores and audiences keep their own records:
    delete the person there, too.
    """
    from syncd.cli.cycling import at_work, at_work_locally, must_exist  # noqa: PLC0415  # heavy
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.cycle import forgetting  # noqa: PLC0415
    from syncd.mirror import held  # noqa: PLC0415

    settings = session.settings(offline=local)
    must_exist("store", store, settings.stores)
    who = whom.sought(person)
    named = whom.named(settings, who, store)
    if not yes and not (session.attended and session.ask(_question(named))):
        raise UsageError("nothing was erased", hint="say --yes where nobody can be asked")
    with at_work_locally(session, settings) if local else at_work(session, settings) as (services, _):
        now_known = held.names_of(services.mirror, who, store)  # a run may have ended while we waited for it
        done = forgetting.forget(services, now_known, local=local)
    if session.json:
        session.screen.document(done)
    else:
        _tell(session, done)
    return 0


def _question(named: Whom) -> str:
    records = words.counted(len(named.customers), "customer record")
    addresses = words.counted(len(named.addresses), "address", "addresses")
    return f"Erase this person ({records}, {addresses}) here and in all backups? This cannot be undone."


def _tell(session: Session, done: Forgot) -> None:
    screen = session.screen
    if done.before:
        screen.say("They were forgotten before; what was left of them is gone now, too.", "bold")
    else:
        screen.say("Forgotten.", "bold green")
    if done.withdrawn:
        screen.say(f"Tags taken off first: {done.withdrawn}")
    if done.stay:
        screen.say(f"Tags that stay at the services: {done.stay}", "yellow")
    rows = sum(done.erased.values())
    screen.say(f"Erased here: {words.counted(rows, 'row')}; {words.counted(done.copies, 'backup')} gone through")
    screen.say("A keyed hash keeps them from being read in again.")
    screen.say("The stores and audiences have records of their own: delete the person there, too.")
