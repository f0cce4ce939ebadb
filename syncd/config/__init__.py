"""TOML text → validated, frozen settings; secrets; the JSON Schema of the file.

    path = find(option, os.environ, Path())
    settings = load(path, connectors, environ=os.environ)

The file's tables are pydantic models (`tables`), each connector's own keys are its model, and everything that is
wrong is reported at once, as `syncd.errors.ConfigError`.
"""

from typing import TYPE_CHECKING

from syncd.deferred import deferred

if TYPE_CHECKING:
    from syncd.config.document import find
    from syncd.config.fixture_tables import FixtureTable
    from syncd.config.fixtures import Fixture, holds_tests_alone, load_tests
    from syncd.config.loading import load
    from syncd.config.schema import json_schema
    from syncd.config.service import AlertsTable, EmailTable, Listen
    from syncd.config.settings import AudienceSettings, SegmentSettings, Settings, StoreSettings
    from syncd.config.suppress import ExclusionSources, SuppressTable, exclusion_sources
    from syncd.config.tables import GlobalLimits, Rank, SyncdSettings
    from syncd.config.units import QuietHours, Share
else:
    __getattr__ = deferred(
        __name__,
        {
            "find": "document",
            "FixtureTable": "fixture_tables",
            "Fixture": "fixtures",
            "holds_tests_alone": "fixtures",
            "load_tests": "fixtures",
            "load": "loading",
            "json_schema": "schema",
            "AlertsTable": "service",
            "EmailTable": "service",
            "Listen": "service",
            "AudienceSettings": "settings",
            "SegmentSettings": "settings",
            "Settings": "settings",
            "StoreSettings": "settings",
            "ExclusionSources": "suppress",
            "SuppressTable": "suppress",
            "exclusion_sources": "suppress",
            "GlobalLimits": "tables",
            "Rank": "tables",
            "SyncdSettings": "tables",
            "QuietHours": "units",
            "Share": "units",
        },
    )

__all__ = [
    "AlertsTable",
    "AudienceSettings",
    "EmailTable",
    "ExclusionSources",
    "Fixture",
    "FixtureTable",
    "GlobalLimits",
    "Listen",
    "QuietHours",
    "Rank",
    "SegmentSettings",
    "Settings",
    "Share",
    "StoreSettings",
    "SuppressTable",
    "SyncdSettings",
    "exclusion_sources",
    "find",
    "holds_tests_alone",
    "json_schema",
    "load",
    "load_tests",
]
