"""The one way from a file to `Settings`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from syncd.config.accounts import Reader
from syncd.config.checks import Names, cross_check
from syncd.config.document import digest_of, parse, read
from syncd.config.findings import Findings
from syncd.config.fixtures import SECTION, fixtures
from syncd.config.privacy import warn_of_others
from syncd.config.reading import daemon, named, sections, segment, settled
from syncd.config.secret import Surroundings
from syncd.config.service import MetricsTable, alerts
from syncd.config.settings import SegmentSettings, Settings
from syncd.config.suppress import SuppressTable
from syncd.config.tables import GlobalLimits, SegmentTable
from syncd.errors import ConfigError
from syncd.ports import Connector
from syncd.segments import Rule


def load(
    path: Path, connectors: Mapping[str, Connector], *, environ: Mapping[str, str], offline: bool = False
) -> Settings:
    """Return the settings in the file at `path`.

    Args:
        path: As the user named it; it stands so in every message.
        connectors: By kind. May load its values on access: only kinds that the file names are looked up, and all of
            them where a message has to list them.
        environ: Where `{ env = … }` and systemd's credentials are looked up.
        offline: Look at the file alone: secrets that lead to nothing and a missing folder are no problem.

    Raises:
        ConfigError: The file is missing, not TOML or wrong; it carries every problem, in the order of the file.
    """
    text = read(path)
    document = parse(path, text)
    findings = Findings(str(path), text)
    around = Surroundings(path.absolute().parent, environ, offline)
    tables = sections(document, findings)
    syncd = daemon(tables["syncd"], around, findings)
    limits = settled(GlobalLimits, tables["limits"], ("limits",), findings)
    suppress = settled(SuppressTable, tables["suppress"], ("suppress",), findings, folder=around.folder)
    metrics = settled(MetricsTable, tables["metrics"], ("metrics",), findings)
    told = alerts(tables["alerts"], around, findings)
    reader = Reader(connectors, around, findings)
    stores = {name: reader.store(name, table) for name, table in named("stores", tables["stores"], findings)}
    audiences = {
        name: reader.audience(name, table) for name, table in named("audiences", tables["audiences"], findings)
    }
    drafts = {
        name: segment(name, table, limits, findings) for name, table in named("segments", tables["segments"], findings)
    }
    kinds = {name: None if store is None else store.kind for name, store in stores.items()}
    cross_check(Names(kinds, tuple(audiences)), drafts, findings)
    known = {name: (draft.table, draft.rule) for name, draft in drafts.items()}
    tests = fixtures(document.get(SECTION, []), known, path, findings)
    warn_of_others(path, syncd.database, findings)
    if problems := findings.problems():
        raise ConfigError(problems)
    return Settings(
        syncd=syncd,
        stores={name: store for name, store in stores.items() if store is not None},
        audiences={name: audience for name, audience in audiences.items() if audience is not None},
        segments={
            name: _complete(name, draft.table, draft.rule, tuple(stores))
            for name, draft in drafts.items()
            if draft.rule is not None
        },
        limits=limits,
        suppress=suppress,
        metrics=metrics,
        alerts=told,
        tests=tests,
        path=path,
        digest=digest_of(text),
        warnings=findings.warnings(),
    )


def _complete(name: str, table: SegmentTable, rule: Rule, all_stores: tuple[str, ...]) -> SegmentSettings:
    return SegmentSettings(**{**dict(table), "stores": table.stores or all_stores}, name=name, rule=rule)
