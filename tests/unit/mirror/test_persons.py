"""Every table says how its rows are about a person: else it could be neither forgotten nor handed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Integer
from sqlmodel import SQLModel

from syncd.mirror import tables  # noqa: F401  # fills the metadata
from syncd.mirror.opening import open_mirror
from syncd.mirror.tables.persons import NOBODY, PERSONS, About, Hanging
from syncd.mirror.views.membership import INNER

DECLARED = dict(SQLModel.metadata.tables)
VIEWS = {
    "members": {"segment", "store", "customer_id", "shelf", "since"},
    "movements": {"run", "at", "segment", "store", "customer_id", "entered", "id"},
}
"""Views of tables that keep it in another form, with their columns."""
TELLING = {"customer_id", "subject", "email", "email_key", "address", "record", "phone", "first_name"}
"""Columns that nobody has who is nobody."""


def test_every_table_is_declared_to_be_about_persons_or_about_nobody() -> None:
    assert set(DECLARED) | set(VIEWS) == PERSONS.keys() | NOBODY
    assert not PERSONS.keys() & NOBODY


def columns_of(name: str) -> set[str]:
    return VIEWS[name] if name in VIEWS else set(DECLARED[name].columns.keys())


def test_the_views_that_tell_of_persons_have_these_columns(tmp_path: Path) -> None:
    mirror = open_mirror(tmp_path / "syncd.db")
    for name, columns in VIEWS.items():
        assert {row[1] for row in mirror.raw.execute(f"PRAGMA table_info({name})")} == columns
    assert set(INNER) == set(VIEWS)
    mirror.close()


@pytest.mark.parametrize("name", sorted(PERSONS))
def test_the_columns_that_name_a_person_are_there(name: str) -> None:
    about = PERSONS[name]
    columns = columns_of(name)
    if isinstance(about, Hanging):
        named = {here for here, _ in about.keys}
        assert {there for _, there in about.keys} <= columns_of(about.parent)
    else:
        named = {column for pair in about.customers for column in pair} | set(about.addresses)
        named |= set(about.subjects or ())
    assert named <= columns
    assert set(about.blanks) <= columns


@pytest.mark.parametrize("name", sorted(PERSONS))
def test_what_is_emptied_may_be_empty(name: str) -> None:
    columns = [DECLARED[name].columns[column] for column in PERSONS[name].blanks]
    assert all(column.nullable or isinstance(column.type, Integer) for column in columns)


@pytest.mark.parametrize("name", sorted(PERSONS))
def test_nothing_that_tells_a_person_stays_in_a_row_that_stays(name: str) -> None:
    about = PERSONS[name]
    if about.blanks:
        assert set(DECLARED[name].columns.keys()) & TELLING <= set(about.blanks)


@pytest.mark.parametrize("name", sorted(NOBODY))
def test_a_table_about_nobody_has_no_column_for_anybody(name: str) -> None:
    assert not set(DECLARED[name].columns.keys()) & TELLING


def test_what_hangs_on_a_table_is_erased_before_it() -> None:
    order = list(PERSONS)
    for name, about in PERSONS.items():
        if isinstance(about, Hanging):
            assert order.index(name) < order.index(about.parent)
            assert isinstance(PERSONS[about.parent], About)


def test_every_part_of_an_export_has_a_name_of_its_own() -> None:
    titles = [about.title for about in PERSONS.values() if isinstance(about, About) and about.held]
    assert len(titles) == len(set(titles))
    assert all(titles)
