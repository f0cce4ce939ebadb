"""The shop of these tests, in a mirror."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.segments import Frame, matches, measured, parse
from tests.unit.segments.shop import BO, FRAME, SHOP
from tests.unit.segments.world import World, by_sql

Who = Callable[..., set[int]]


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """Return a mirror with the shop as `main`, and another store whose rows have the same ids."""
    opened = open_mirror(tmp_path_factory.mktemp("segments") / "mirror.db")
    SHOP.save(opened, "main")
    twins = [msgspec.structs.replace(BO, id=customer.id) for customer in SHOP.customers]
    World(customers=twins, orders=SHOP.orders, segments={3: frozenset({"vips"})}).save(opened, "other")
    yield opened
    opened.close()


@pytest.fixture
def who(mirror: Mirror) -> Who:
    """Return what tells for whom a query holds; both readings have to say the same."""

    def ask(query: str, frame: Frame = FRAME) -> set[int]:
        rule = parse(query)
        seen = measured(rule, frame, mirror.connection.execute)
        found = by_sql(mirror, rule, seen)
        assert found == {id_ for id_, person in SHOP.people().items() if matches(rule, person, seen)}
        return found

    return ask
