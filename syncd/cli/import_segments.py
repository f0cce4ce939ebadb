"""`syncd import-segments`: the store's own saved segments, as tables of the settings file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from syncd.cli import failing, words
from syncd.cli.options import OneStore, flag
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.config.imported import Imported


def import_segments(
    session: Session,
    *,
    store: OneStore = None,
    append: Annotated[bool, flag("--append", help="Add them to the settings file instead of printing them.")] = False,
) -> int:
    """Print the store's own saved segments as tables for the settings file.

    A query that only the store can answer gets a source; one that syncd cannot read is written as a comment, with the
    reason. Those that the file has already are left out. Nothing is written to the store.
    """
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy

    settings = session.settings()
    must_exist("store", store, settings.stores)
    found = _read(session, settings, store)
    text = "\n".join(
        it.toml() for each in found.values() for it in each if not append or (it.usable and not it.known_as)
    )
    if append and text:
        _append(settings, text)
    if session.json:
        session.screen.document(_document(found, text, added=append))
    elif append:
        _tell(session, settings, found)
    elif text:
        session.screen.out.write(text)
    else:
        session.aside.say("The store has no saved segments.")
    return failing.DONE


def _read(session: Session, settings: Settings, store: str | None) -> dict[str, list[Imported]]:
    from syncd.config.imported import imported  # noqa: PLC0415
    from syncd.cycle.asking import segments_of  # noqa: PLC0415
    from syncd.wiring import opened  # noqa: PLC0415

    known = {it.query.strip(): name for name, it in settings.segments.items()}
    taken = set(settings.segments)
    found: dict[str, list[Imported]] = {}
    with opened(settings, session.clock) as services:
        for name in [store] if store else settings.stores:
            its = imported(
                segments_of(services, name).saved(),
                kind=settings.stores[name].kind,
                stores=(name,) if len(settings.stores) > 1 else (),
                known=known,
                taken=taken,
            )
            taken |= {it.name for it in its}
            found[name] = its
    return found


def _append(settings: Settings, text: str) -> None:
    from syncd.config.appending import append  # noqa: PLC0415
    from syncd.wiring import read_settings  # noqa: PLC0415

    append(settings.path, text, lambda path: read_settings(str(path), offline=True))


def _document(found: dict[str, list[Imported]], text: str, *, added: bool) -> dict[str, Any]:
    return {
        "segments": [
            {
                "store": store,
                "segment": it.name,
                "title": it.title,
                "query": it.query,
                "source": it.source or "mirror",
                "usable": it.usable,
                "already": bool(it.known_as),
                "remarks": list(it.remarks),
            }
            for store, each in found.items()
            for it in each
        ],
        "added": added,
        "toml": text,
    }


def _tell(session: Session, settings: Settings, found: dict[str, list[Imported]]) -> None:
    every = [it for each in found.values() for it in each]
    fresh = [it for it in every if not it.known_as]
    usable = sum(it.usable for it in fresh)
    session.screen.say(f"{settings.path}: {words.counted(usable, 'segment')} added", "bold")
    if usable < len(fresh):
        session.screen.say(f"  {len(fresh) - usable} left out: syncd cannot read their queries", "yellow")
    if len(fresh) < len(every):
        session.screen.say(f"  {len(every) - len(fresh)} were there already")
    if not usable:
        return
    session.screen.step("Give those a tag that are to be written somewhere, then", "syncd check")
