"""`syncd status`: how everything is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncd.cli import words
from syncd.cli.screen import Cell, Column, Screen, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.cycle.attending import DaemonPart
    from syncd.cycle.health import AudiencePart, Health, KindPart, Part, StorePart


def status(session: Session) -> int:
    """Show how old everything is, what failed, and what waits for you.

    Sends no request, and works while a sync runs. Exit code: 0 all is well, 1 something is stale or failed,
    3 something waits for a person.
    """
    found = _health(session)
    if session.json:
        session.screen.document(found)
    else:
        _tell(session.screen, found)
    return 1 if not found.ok else 3 if found.holds else 0


def _health(session: Session) -> Health:
    from syncd.cli.looking import existing_mirror, glance  # noqa: PLC0415  # heavy
    from syncd.cycle.health import health  # noqa: PLC0415

    with glance(session.config) as glanced:
        if glanced is not None:
            return health(*glanced, session.clock.now())
    settings = _settings(session)
    with existing_mirror(settings) as mirror:
        return health(settings, mirror, session.clock.now())


def _settings(session: Session) -> Settings:
    """Read the settings; where they are wrong, say what a daemon that runs goes by.

    Raises:
        ConfigError: They are wrong.
    """
    from syncd.errors import ConfigError  # noqa: PLC0415  # heavy
    from syncd.wiring import daemon_of_wrong_settings  # noqa: PLC0415

    try:
        return session.settings(offline=True)
    except ConfigError:
        pid = daemon_of_wrong_settings(session.config)
        if pid is not None:
            session.aside.say(f"The daemon (process {pid}) goes on with the settings that it had; these are wrong:")
        raise


def _tell(screen: Screen, found: Health) -> None:
    if found.daemon is not None:
        _daemon(screen, found.daemon)
    if found.running and not (found.daemon and found.running == str(found.daemon.pid)):
        screen.say(f"A run is at work now (process {found.running}).", "cyan")
    if found.last_run is None:
        screen.say("Nothing was synced yet.")
        screen.step("See what a first sync would do", "syncd plan")
        return
    screen.say(_headline(found.last_run), "bold")
    screen.table(_services(found))
    screen.table(_records(found))
    screen.table(_segments(found))
    _waiting(screen, found)
    _drift(screen, found)
    if found.refusals:
        screen.say()
        screen.say(f"Refused by a service, and not tried again until something changes: {words.number(found.refusals)}")
        screen.step("See what was refused, run by run", "syncd runs")
    for run, changes in found.undone.items():
        screen.say()
        screen.say(f"Undone by run {run}, and not done again by itself: {words.counted(changes, 'change')}")
        screen.step("Let it be done again", f"syncd approve {run} && syncd sync")
    if found.restored:
        screen.say()
        screen.say(f"Gone back to a backup: {words.moment_of(found.restored)} UTC", "dim")
    if found.backup:
        screen.say()
        screen.say(f"Newest backup: {words.moment_of(found.backup)} UTC", "dim")
    from syncd.cli.telling import tell_left_behind  # noqa: PLC0415  # heavy

    tell_left_behind(screen, found.left_behind)
    if not found.ok:
        screen.say()
        screen.step("Bring everything up to date", "syncd sync")
        screen.step("Find out what is missing", "syncd check")
    elif not found.holds:
        screen.say()
        screen.say("All is well.", "green")


def _daemon(screen: Screen, it: DaemonPart) -> None:
    if it.running:
        screen.say(f"The daemon runs (process {it.pid}, since {words.moment_of(it.since)} UTC): {it.doing}", "cyan")
    elif it.why:
        screen.say(f"The daemon does not run: {it.why} (last seen {words.moment_of(it.seen_at)} UTC)", "red")
        screen.step("Start it again", "systemctl start syncd")
    else:
        screen.say(f"The daemon was stopped {words.moment_of(it.stopped_at)} UTC.", "dim")
    for problem in it.settings:
        where = f"{problem['file']}:{problem['line']}: {problem['key']}"
        screen.say(f"Not in force since {words.moment_of(problem['since'])} UTC: {where}: {problem['message']}", "red")
        if problem["fix"]:
            screen.say(f"    {problem['fix']}")
    if it.settings:
        screen.step("When that is mended, the daemon notices by itself; see whether it is", "syncd check --offline")


def _headline(last: dict[str, Any]) -> str:
    return f"Last run: {last['run']} ({last['command']}), {last['result']}, begun {last['started_at']}"


def _services(found: Health) -> Table:
    rows: list[tuple[str | Cell, ...]] = []
    for name, store in found.stores.items():
        about = ", ".join(text for text in (store.account, store.timezone, store.currency) if text)
        rows.append((name, about, _age(store), _state(store)))
    for name, audience in found.audiences.items():
        rows.append(
            (name, words.counted(len(audience.labels), "tag") + " in our charge", _age(audience), _state(audience))
        )
    columns = (Column("service"), Column("about", flexible=True), Column("read"), Column("state", flexible=True))
    return Table(columns, rows, "Stores and audiences")


def _records(found: Health) -> Table:
    parts: dict[str, StorePart | AudiencePart] = {**found.stores, **found.audiences}
    rows: list[tuple[str | Cell, ...]] = [
        (name, kind, _number(it.rows), _counted(it), words.moment_of(it.counted_at), words.moment_of(it.compared_at))
        for name, part in parts.items()
        for kind, it in part.kinds.items()
    ]
    columns = (
        Column("of"),
        Column("kind", flexible=True),
        Column("here", right=True),
        Column("there", right=True),
        Column("counted (UTC)"),
        Column("compared (UTC)"),
    )
    return Table(columns, rows, "Records")


def _counted(it: KindPart) -> Cell:
    return Cell(_number(it.counted), "" if it.counted in {None, it.rows} else "yellow")


def _number(count: int | None) -> str:
    return "" if count is None else words.number(count)


def _segments(found: Health) -> Table:
    rows: list[tuple[str | Cell, ...]] = [
        (name, words.number(it.size), _age(it), _state(it) if it.enabled else Cell("resting", "dim"))
        for name, it in found.segments.items()
    ]
    columns = (
        Column("segment"),
        Column("members", right=True),
        Column("evaluated"),
        Column("state", flexible=True),
    )
    return Table(columns, rows, "Segments")


def _drift(screen: Screen, found: Health) -> None:
    for it in found.drift:
        screen.say()
        about = f"{it['label']} at {it['target']}, when all were compared ({words.moment_of(it['at'])} UTC)"
        told = [
            f"{words.people(it[key])} {what}"
            for key, what in (("missing", "had lost it by another's hand"), ("foreign", "had it from somebody else"))
            if it[key]
        ]
        screen.say(f"{about}: {words.listed(told)}", "dim")


def _waiting(screen: Screen, found: Health) -> None:
    rows = [(it["target"], it["label"], Cell(it["why"], "yellow"), str(it["run"])) for it in found.holds]
    columns = (Column("at"), Column("tag"), Column("why it waits", flexible=True), Column("run", right=True))
    screen.table(Table(columns, rows, "Waiting for you"))
    for run in sorted({it["run"] for it in found.holds}):
        screen.step("Release it", f"syncd approve {run} && syncd sync")


def _age(part: Part) -> str:
    return words.ago(part.age_s)


def _state(part: Part) -> Cell:
    if part.ok:
        return Cell("ok", "green")
    since = f" (since {words.moment_of(part.failing_since)} UTC)" if part.failing_since else ""
    return Cell(f"{part.why}{since}", "red")
