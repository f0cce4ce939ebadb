"""Random stores in which people have several customer records, order as guests, and share names of addresses."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from hypothesis import strategies as st

from syncd.model import identity
from syncd.segments import Frame, Person
from syncd.segments.kin import united
from tests.property.segment_worlds import worlds
from tests.unit.segments.world import World

ADDRESSES = st.sampled_from(
    [None, "ann@x.example", " Ann@X.example", "bob@x.example", "ÉVE@x.example", "éve@x.example"]
)


@st.composite
def shared(draw: st.DrawFn, frame: Frame) -> World:
    """Yield a store whose records and orders share a few addresses."""
    world = draw(worlds(frame))
    return msgspec.structs.replace(
        world,
        customers=[msgspec.structs.replace(each, email=draw(ADDRESSES)) for each in world.customers],
        orders=[msgspec.structs.replace(each, email=draw(ADDRESSES)) for each in world.orders],
    )


def by_address(world: World) -> Iterator[list[Person]]:
    """Yield each person of the store, as each of their records sees them."""
    alone = world.people()
    met: set[int] = set()
    for id_, person in alone.items():
        if id_ not in met:
            address = identity(person.customer.email)
            its = [id_] if address is None else [each for each in alone if _of(alone[each], address)]
            met.update(its)
            yield [_seen_from(each, its, alone, address, world) for each in its]


def _of(person: Person, address: str) -> bool:
    return identity(person.customer.email) == address


def _seen_from(id_: int, its: list[int], alone: dict[int, Person], address: str | None, world: World) -> Person:
    guest = [
        order
        for order in world.orders
        if address is not None and order.customer_id is None and identity(order.email) == address and order.counts
    ]
    return united([alone[id_], *(alone[each] for each in its if each != id_)], guest)
