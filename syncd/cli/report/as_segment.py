"""`--as-segment NAME`: the people of a report as a segment of the settings file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from syncd.cli.failing import UsageError
from syncd.cli.session import Session
from syncd.config.imported import quoted
from syncd.config.units import WrongError, check_name
from syncd.reports.answer import NoRecipe, Recipe

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.reports.answer import Answer


def print_segment(session: Session, settings: Settings, name: str, answer: Answer) -> None:
    """Print the segment's table.

    Raises:
        UsageError: No segment can be of these people, or there is one of that name.
    """
    try:
        check_name(name)
    except WrongError as error:
        raise UsageError(error.message, hint=error.fix) from error
    if name in settings.segments:
        raise UsageError(f"the settings have a segment {name} already", hint="take another name")
    if isinstance(answer.recipe, NoRecipe):
        raise UsageError(f"no segment is of the same people: {answer.recipe.why}")
    text = "".join(f"{line}\n" for line in _lines(settings, name, answer.title, answer.recipe))
    if session.json:
        session.screen.document({"segment": name, "toml": text, "notes": answer.recipe.notes})
    else:
        session.screen.copyable(text.rstrip("\n"))


def _lines(settings: Settings, name: str, title: str, recipe: Recipe) -> Iterator[str]:
    yield from (f"# {note}" for note in recipe.notes)
    yield f"[segments.{name}]"
    yield f"title = {quoted(title)}"
    yield f"query = {quoted(recipe.query)}"
    yield f"by = {quoted(recipe.by)}"
    if set(recipe.stores) != set(settings.stores):
        yield f"stores = [{', '.join(quoted(store) for store in recipe.stores)}]"
    if recipe.rank:
        pairs = (f"{key} = {quoted(it) if isinstance(it, str) else it}" for key, it in recipe.rank.items())
        yield f"rank = {{ {', '.join(pairs)} }}"
