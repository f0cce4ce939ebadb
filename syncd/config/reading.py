"""From the tables of the file to values, one table at a time; what is wrong is kept as findings and read past.

A table with a wrong key is read without that key, so that what else is wrong, there or in tables that refer to it,
is found in the same go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from syncd.config.findings import Findings
from syncd.config.keys import KeyPath
from syncd.config.secret import Surroundings
from syncd.config.tables import Limits, SegmentTable, SyncdSettings, Table
from syncd.config.units import WrongError, check_name
from syncd.config.words import explain, unknown_key
from syncd.segments import Rule, RuleError, ask, parse

M = TypeVar("M", bound=Table)
SECTIONS = {
    "syncd": "",
    "stores": ".NAME",
    "audiences": ".NAME",
    "segments": ".NAME",
    "limits": "",
    "suppress": "",
    "metrics": "",
    "alerts": "",
}


class Draft(NamedTuple):
    """A segment while it is being read.

    Attributes:
        table: Without the keys whose values are wrong.
        rule: None where the query is wrong.
        given: The keys in the file, right or wrong.
    """

    table: SegmentTable
    rule: Rule | None
    given: frozenset[str]


def sections(document: Mapping[str, Any], findings: Findings) -> dict[str, dict[str, Any]]:
    """Return the sections of tables, empty where they are not there; `[[tests]]` is a list, and read apart."""
    for key in document:
        if key not in {*SECTIONS, "tests"}:
            findings.add((key,), *unknown_key(key, [*SECTIONS, "tests"]))
    read: dict[str, dict[str, Any]] = {}
    for section, name in SECTIONS.items():
        table = document.get(section, {})
        if not isinstance(table, dict):
            findings.add((section,), "must be a table", f"begin it with [{section}{name}]")
        read[section] = table if isinstance(table, dict) else {}
    if not document.get("stores"):
        findings.add(("stores",), "there is no store", "type `syncd init` to write a file with one")
    return read


def named(section: str, table: Mapping[str, Any], findings: Findings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables of a section that has named ones (`[stores.NAME]`), by name."""
    loose = next((name for name, inner in table.items() if not isinstance(inner, dict)), None)
    if loose is not None:
        findings.add((section, loose), "must stand in a table with a name", f"begin it with [{section}.NAME]")
    for name, inner in table.items():
        if not isinstance(inner, dict):
            continue
        try:
            check_name(name)
        except WrongError as wrong:
            findings.add((section, name), wrong.message, wrong.fix)
        yield name, inner


def settled(model: type[M], table: Mapping[str, Any], path: KeyPath, findings: Findings, **context: object) -> M:
    """Return the table as its model; keys that are wrong are kept as findings and left out.

    Raises:
        ValidationError: A key that the model cannot do without is wrong; such keys are looked at before.
    """
    try:
        return model.model_validate(table, context=context)
    except ValidationError as error:
        findings.wrong.extend(explain(error, model, path))
        wrong = {str(detail["loc"][0]) for detail in error.errors(include_url=False, include_input=False)}
    return model.model_validate({key: value for key, value in table.items() if key not in wrong}, context=context)


def daemon(table: Mapping[str, Any], around: Surroundings, findings: Findings) -> SyncdSettings:
    """Read `[syncd]`."""
    settings = settled(SyncdSettings, table, ("syncd",), findings, folder=around.folder)
    folder = settings.database.parent
    if _is_folder(settings.database, unseen=False):
        findings.add(("syncd", "database"), f"{settings.database} is a folder", "add a file's name to it: /syncd.db")
    elif not around.offline and not _is_folder(folder, unseen=True):
        findings.add(("syncd", "database"), f"there is no folder {folder}", f"type `mkdir -p {folder}`")
    return settings


def _is_folder(path: Path, *, unseen: bool) -> bool:
    """Return whether there is a folder; `unseen` where we may not look, and opening the file will tell."""
    try:
        return path.is_dir()
    except OSError:
        return unseen


def segment(name: str, table: Mapping[str, Any], limits: Limits, findings: Findings) -> Draft:
    """Read `[segments.NAME]`, its limits completed from `[limits]`."""
    path = ("segments", name)
    own = table.get("limits", {})
    given = {key: getattr(limits, key) for key in Limits.model_fields}
    completed = {**table, "limits": {**given, **own} if isinstance(own, dict) else own}
    query = table.get("query")
    if isinstance(query, str) and query.strip():
        read = settled(SegmentTable, completed, path, findings)
        rule = _rule(query, (*path, "query"), findings, asked=name if read.asks_store else None)
    else:
        read, rule = _without_query(completed, path, findings), None
    return Draft(read, rule, frozenset(table))


def _without_query(table: Mapping[str, Any], path: KeyPath, findings: Findings) -> SegmentTable:
    """Read a segment whose query is missing or no text, as if it had one, after saying so."""
    try:
        SegmentTable.model_validate({"query": table["query"]} if "query" in table else {})
    except ValidationError as error:
        findings.wrong.extend(explain(error, SegmentTable, path))
    return settled(SegmentTable, {**table, "query": "number_of_orders > 0"}, path, findings)


def _rule(query: str, path: KeyPath, findings: Findings, *, asked: str | None) -> Rule | None:
    """Return a query's rule; `asked` names the segment whose members the store itself is asked for."""
    try:
        rule = parse(query) if asked is None else ask(query, asked)
    except RuleError as error:
        lines = query.split("\n")
        for problem in error.problems:
            picture = RuleError([problem], query).show().partition("\n")[2]
            offset = sum(len(line) + 1 for line in lines[: problem.line - 1]) + problem.column - 1
            findings.add(path, f"{problem.message}\n{picture}", problem.suggestion, offset=offset)
        return None
    for warning in rule.warnings:
        findings.warn(path, warning)
    return rule
