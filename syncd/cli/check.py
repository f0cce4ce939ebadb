"""`syncd check`: settings, keys, scopes, lists, segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from syncd.cli import failing, words
from syncd.cli.options import flag
from syncd.cli.screen import Screen
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.cycle.checking import Checked, Lack
    from syncd.cycle.left_behind import LeftBehind
    from syncd.ports import Check


def check(
    session: Session,
    *,
    offline: Annotated[bool, flag("--offline", help="Look at the settings alone; send nothing.")] = False,
    schema: Annotated[bool, flag("--schema", help="Print the JSON Schema of the settings file, for editors.")] = False,
) -> int:
    """Check the settings, and ask each service whether the keys fit.

    One request or two to each store and audience; nothing is written. Tells what each missing scope costs, and which
    segments lack something.
    """
    if schema:
        from syncd.config import json_schema  # noqa: PLC0415  # heavy
        from syncd.wiring import Connectors  # noqa: PLC0415

        session.screen.document(json_schema(Connectors()))
        return failing.DONE
    settings = session.settings(offline=offline)
    from syncd.cli.telling import tell_left_behind  # noqa: PLC0415  # heavy

    excluded = _excluded(settings)
    checked, lacking, sizes = ([], [], {}) if offline else _asked(session, settings)
    left = [] if offline else _left_behind(settings)
    if session.json:
        more = {"suppress": excluded, "left_behind": left}
        session.screen.document({**_document(settings, checked, lacking, sizes), **more})
    else:
        _tell_settings(session.screen, settings, excluded)
        _tell(session.screen, settings, checked, lacking, sizes)
        tell_left_behind(session.screen, left)
    return _code(checked, lacking)


def _left_behind(settings: Settings) -> list[LeftBehind]:
    from syncd.cycle.left_behind import left_behind  # noqa: PLC0415  # heavy
    from syncd.wiring import opened_mirror  # noqa: PLC0415

    with opened_mirror(settings) as mirror:
        return left_behind(settings, mirror)


def _excluded(settings: Settings) -> dict[str, int]:
    """Count what is on the exclusion list.

    Raises:
        ConfigError: It cannot be read.
    """
    from syncd.config import exclusion_sources  # noqa: PLC0415

    entries = exclusion_sources(settings.suppress).entries()
    domains = sum(entry.startswith("@") for entry in entries)
    return {"addresses": len(entries) - domains, "domains": domains}


def _asked(session: Session, settings: Settings) -> tuple[list[Checked], list[Lack], dict[str, int]]:
    from syncd.cycle.checking import check_services, lacks  # noqa: PLC0415
    from syncd.mirror import membership  # noqa: PLC0415
    from syncd.wiring import opened  # noqa: PLC0415

    with opened(settings, session.clock) as services:
        checked = list(check_services(services))
        sizes: dict[str, int] = {}
        for (segment, _), size in membership.sizes(services.mirror).items():
            sizes[segment] = sizes.get(segment, 0) + size
        return checked, list(lacks(services, checked)), sizes


def _code(checked: list[Checked], lacking: list[Lack]) -> int:
    codes = {failing.kind_and_code(it.error)[1] for it in checked if it.error is not None}
    if codes:
        return failing.ACCESS if failing.ACCESS in codes else max(codes)
    return failing.PARTLY if any(it.fatal for it in lacking) else failing.DONE


def _document(settings: Settings, checked: list[Checked], lacking: list[Lack], sizes: dict[str, int]) -> dict[str, Any]:
    services = {it.name: _service(it) for it in checked}
    return {
        "ok": _code(checked, lacking) == failing.DONE,
        "settings": str(settings.path),
        "warnings": [
            {"file": it.file, "line": it.line, "key": it.key, "message": it.message, "fix": it.fix}
            for it in settings.warnings
        ],
        "stores": {name: services.get(name) for name in settings.stores},
        "audiences": {name: services.get(name) for name in settings.audiences},
        "segments": {
            name: {
                "rule": str(it.rule),
                "size": sizes.get(name),
                "lacks": [
                    {"where": lack.where, "why": lack.why, "fatal": lack.fatal}
                    for lack in lacking
                    if lack.segment == name
                ],
            }
            for name, it in settings.segments.items()
        },
    }


def _service(it: Checked) -> dict[str, Any]:
    from syncd.clock import iso  # noqa: PLC0415

    if it.check is None:
        return {"ok": False, "kind": it.kind, **(failing.document(it.error) if it.error else {})}
    return {
        "ok": True,
        "kind": it.kind,
        "account": it.check.account,
        "timezone": it.check.timezone,
        "currency": it.check.currency,
        "missing": [
            {
                "what": missing.what,
                "costs": missing.costs,
                "kinds": sorted(missing.kinds),
                "orders_visible_from": iso(missing.visible_from),
                "blocks_write": missing.blocks_write,
                "fix": missing.fix,
            }
            for missing in it.check.missing
        ],
        "notes": list(it.check.notes),
    }


def _tell_settings(screen: Screen, settings: Settings, excluded: dict[str, int]) -> None:
    screen.say(f"{settings.path}: {_contents(settings)}", "bold")
    for warning in settings.warnings:
        failing.tell_problem(warning, screen, "yellow")
    if any(excluded.values()):
        addresses = words.counted(excluded["addresses"], "address", "addresses")
        screen.say(f"On the exclusion list: {addresses} and {words.counted(excluded['domains'], 'domain')}")


def _tell(
    screen: Screen, settings: Settings, checked: list[Checked], lacking: list[Lack], sizes: dict[str, int]
) -> None:
    for it in checked:
        screen.say()
        if it.check is not None:
            _tell_check(screen, it, it.check)
        elif it.error is not None:
            screen.say(f"{it.name} ({it.kind})", "bold")
            screen.say(f"  {it.error.message}", "red")
            screen.say(f"    {it.error.hint}")
    _tell_segments(screen, settings, lacking, sizes)
    screen.say()
    if _code(checked, lacking) == failing.DONE:
        screen.step("See what a sync would do", "syncd plan" if checked else "syncd check")
    else:
        screen.step("When that is mended", "syncd check")


def _contents(settings: Settings) -> str:
    return words.listed(
        [
            words.counted(len(settings.stores), "store"),
            words.counted(len(settings.audiences), "audience"),
            words.counted(len(settings.segments), "segment"),
        ]
    )


def _tell_check(screen: Screen, it: Checked, check: Check) -> None:
    about = ", ".join(text for text in (check.account, check.timezone, check.currency) if text)
    screen.say(f"{it.name} ({it.kind}): {about}", "bold")
    if not check.missing:
        screen.say("  everything is there", "green")
    for missing in check.missing:
        screen.say(f"  {missing.what} is missing: {missing.costs}", "yellow")
        if missing.fix:
            screen.say(f"    {missing.fix}")
    for note in check.notes:
        screen.say(f"  note: {note}")


def _tell_segments(screen: Screen, settings: Settings, lacking: list[Lack], sizes: dict[str, int]) -> None:
    screen.heading("Segments")
    for name, it in settings.segments.items():
        size = f" ({words.counted(sizes[name], 'member')})" if name in sizes else ""
        screen.say(f"  {name}{size}: {it.asks}")
        for lack in lacking:
            if lack.segment == name:
                screen.say(f"    {lack.where}: {lack.why}", "red" if lack.fatal else "yellow")
    for lack in lacking:
        if not lack.segment:
            screen.say(f"  {lack.where}: {lack.why}", "red")
