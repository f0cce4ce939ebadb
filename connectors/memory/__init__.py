"""A store and a mailing list in memory: the reference of the contract suite, and the world of property tests.

`World` and `MailingList` are the services, as they truly are; `open_store` and `MemoryAudience` are the ports over
them. Faults are set at the service, as something it does (`connectors.memory.faults`).

    world = World(clock.now)
    world.put_customer(1, email="anna@example.com", tags=("vip",))
    store = open_store("main", world)

    people = MailingList(clock.now)
    people.put_contact("anna@example.com", ContactStatus.UNSUBSCRIBED)
    people.faults = Faults(mishap=Mishap(Ending.LOST))
    audience = MemoryAudience("newsletter", people)
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.memory.audience import MemoryAudience
from connectors.memory.faults import Ending, Faults, Killed, Mishap
from connectors.memory.people import Mail, MailingList
from connectors.memory.shelf import Event
from connectors.memory.store import open_store
from connectors.memory.world import World
from syncd.ports import Host, Store

__all__ = [
    "CONNECTOR",
    "Ending",
    "Event",
    "Faults",
    "Killed",
    "Mail",
    "MailingList",
    "MemoryAudience",
    "MemoryConnector",
    "MemorySettings",
    "Mishap",
    "World",
    "open_store",
]


class MemorySettings(BaseModel):
    """A store in memory has no keys of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MemoryConnector:
    """Opens worlds by name; a name that was not given one gets an empty world, kept for the next opening."""

    role: Literal["store"] = "store"
    settings = MemorySettings

    def __init__(self, worlds: dict[str, World] | None = None) -> None:
        """Know these worlds from the start."""
        self.worlds = {} if worlds is None else worlds

    def open(self, name: str, settings: MemorySettings, host: Host) -> Store:  # noqa: ARG002  # it has no keys
        """Return the store of a name."""
        world = self.worlds.setdefault(name, World(host.clock.now))
        return open_store(name, world, calls=host.calls)


CONNECTOR = MemoryConnector()
