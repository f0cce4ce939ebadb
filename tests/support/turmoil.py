"""A house in which everything happens at once: people's deeds, faults, kills, and all that its owner can type.

The dice decide; the same seed plays the same. What must hold is judged from the truth of the services, and from which
commands said that they were done.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.memory import Ending, Faults, Killed, MailingList, Mishap, World
from syncd.cycle import Undoing, undo
from syncd.cycle.forgetting import forget
from syncd.cycle.keeping import make_backup
from syncd.errors import SyncdError
from syncd.mirror import backups, doubts, forgotten, runs, undone
from syncd.mirror.database import Mirror
from syncd.mirror.forgotten import Whom
from syncd.mirror.held import names_of
from syncd.mirror.opening import open_mirror
from syncd.mirror.people import sought
from syncd.mirror.restoring import restore
from syncd.model import LABELLED, ContactStatus, Customer, Kind, fold, identity
from tests.support.household import Household

NUMBERS = range(1, 9)
CONSENTS = ("SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED")
MANY = """
[segments.many]
query = "number_of_orders >= {least}"
tag = "Many"
audiences = ["news"]
"""
FEW = """
[segments.few]
query = "number_of_orders < 2"
audiences = ["news"]
audience_tag = "few"
"""


def address(number: int) -> str:
    """Return a customer's first address."""
    return f"p{number}@x.example"


@contextmanager
def killed_before(transaction: int) -> Iterator[None]:
    """Let the process die just before its n-th transaction; never, with 0."""
    real, left = Mirror.transaction, transaction

    def counted(mirror: Mirror) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return real(mirror)

    Mirror.transaction = counted  # type: ignore[method-assign]  # where a kill comes, not what is done
    try:
        yield
    finally:
        Mirror.transaction = real  # type: ignore[method-assign]


class Turmoil:
    """One such house."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # dice that fall the same again
        self.excluded: set[str] = set()
        self.touched: set[tuple[str, str, str]] = set()
        self.told: list[int] = []
        self._judged = 0
        self._new_contacts = self.dice.choice(["if-consented", "transactional", "never"])
        self._small = self.dice.random() < 0.4
        self.house = Household(folder, "", batch_size=self.dice.choice([1, 2, 3, 500]), stores=("main", "side"))
        self.write()

    @property
    def news(self) -> MailingList:
        return self.house.lists["news"]

    def write(self) -> None:
        """Write settings as the dice fall."""
        dice = self.dice
        self.least, self.few = dice.choice([2, 3]), dice.random() < 0.6
        limits = f"[limits]\nmin_size = {2 if self._small else 1000}\n"
        (self.house.folder / "left-alone.txt").write_text("\n".join(sorted(self.excluded)))
        suppress = '[suppress]\nfiles = ["left-alone.txt"]\n'
        self.house.write(limits + MANY.format(least=self.least) + (FEW if self.few else "") + suppress)
        mine = f'new_contacts = "{self._new_contacts}"\nquiet_first_push = true\nwrite_back_optouts = true\n'
        kind = '[audiences.news]\nkind = "memory-list"\n'
        self.house.settings_text = self.house.settings_text.replace(kind, kind + mine)

    def play(self) -> None:
        """Play it to its end, and judge after every command."""
        deeds = [self._buys, self._buys, self._moves, self._goes, self._is_tagged, self._is_labelled, self._changes]
        commands = [*[self._sync] * 9, *[self._undo] * 3, self._approve, self._approve, self._forget, self._forget]
        commands += [self._remember, self._exclude, self._exclude, self.write, self._back_up, self._restore]
        for _ in range(self.dice.randint(6, 24)):
            for _ in range(self.dice.choice([0, 1, 2, 5])):
                self.dice.choice(deeds)()
            if self.dice.random() < 0.4:
                self._trouble()
            self.dice.choice(commands)()
            self.judge()
            if self.dice.random() < 0.5:
                self._calm()
        self._come_to_rest()
        self.judge_labels()

    def judge(self) -> None:
        """Hold the laws against what syncd did since the last look."""
        fresh, self._judged = self.news.history[self._judged :], len(self.news.history)
        for it in fresh:
            if it.by == "syncd":
                assert it.what != "status", it
                assert not (it.what in {"added", "created"} and it.subject in self.excluded), it
                if (it.what, it.value) == ("created", ContactStatus.SUBSCRIBED):
                    said = {who.email_consent for _, who in self._customers() if identity(who.email) == it.subject}
                    assert "SUBSCRIBED" in said, it
                    assert "UNSUBSCRIBED" not in said, it

    def judge_labels(self) -> None:
        """Hold every label, and the mirror, against the truth."""
        for store, it in self._customers():
            wanted, there = self._wanted(it, "many"), "many" in map(fold, it.tags)
            assert there or not wanted, (store, it)
            assert wanted or not there or (store, str(it.id), "many") in self.touched, (store, it)
        for label in ("many", "few"):
            wanting = {identity(it.email) for _, it in self._customers() if self._wanted(it, label)}
            for subject, contact in self.news.contacts().items():
                there = label in map(fold, contact.labels)
                assert there or subject not in wanting or contact.status not in LABELLED, (label, contact)
                stays = contact.status is ContactStatus.ARCHIVED or ("news", subject, label) in self.touched
                assert not there or subject in wanting or stays, (label, contact)
        here = set(self.house.mirror.raw.execute("SELECT store, id FROM customers"))
        assert here == {(store, it.id) for store, it in self._customers()}

    def _customers(self) -> list[tuple[str, Customer]]:
        """Return all customers as they truly are, but for those forgotten."""
        found = [(name, it) for name, world in self._worlds() for it in world.records(Kind.CUSTOMERS).values()]
        return [(name, it) for name, it in found if not forgotten.known(self.house.mirror, _whom(name, it))]

    def _wanted(self, it: Customer, label: str) -> bool:
        if identity(it.email) in self.excluded:
            return False
        return it.number_of_orders >= self.least if label == "many" else self.few and it.number_of_orders < 2

    def _worlds(self) -> list[tuple[str, World]]:
        return list(self.house.worlds.items())

    def _somebody(self) -> tuple[str, World, int]:
        name, world = self.dice.choice(self._worlds())
        return name, world, self.dice.choice(NUMBERS)

    def _buys(self) -> None:
        _, world, number = self._somebody()
        email = {} if world.customer(number) else {"email": address(number).upper()}
        consent = self.dice.choice(CONSENTS)
        world.put_customer(number, number_of_orders=self.dice.randint(0, 4), email_consent=consent, **email)

    def _moves(self) -> None:
        _, world, number = self._somebody()
        if world.customer(number):
            world.put_customer(number, email=address(self.dice.choice(NUMBERS)))

    def _goes(self) -> None:
        _, world, number = self._somebody()
        if world.customer(number):
            world.delete(Kind.CUSTOMERS, number)

    def _is_tagged(self) -> None:
        name, world, number = self._somebody()
        if world.customer(number):
            self.touched.add((name, str(number), "many"))
            self.dice.choice([world.tag_by_hand, world.untag_by_hand])(number, "many")

    def _is_labelled(self) -> None:
        email, label = address(self.dice.choice(NUMBERS)), self.dice.choice(["many", "few"])
        if self.news.contact(email):
            self.touched.add(("news", email, label))
            self.dice.choice([self.news.tag_by_hand, self.news.untag_by_hand])(email, label)

    def _changes(self) -> None:
        email, status = address(self.dice.choice(NUMBERS)), self.dice.choice(list(ContactStatus))
        if self.news.contact(email) and self.dice.random() < 0.2:
            self.news.forget(email)
        else:
            self.news.put_contact(email, status, self.news.labels_of(email))

    def _trouble(self) -> None:
        for it in (*self.house.worlds.values(), self.news):
            mishap = Mishap(self.dice.choice(list(Ending)), done=self.dice.choice([None, 0, 1, 2]), told=1)
            unnamed = {key: self.dice.random() < 0.5 for number in NUMBERS for key in (str(number), address(number))}
            ill = [Faults(), Faults(mishap=mishap), Faults(mishap=mishap), Faults(unreachable=True)]
            it.faults = self.dice.choice([*ill, Faults(break_off=0), Faults(unnamed=unnamed)])

    def _calm(self) -> None:
        for it in (*self.house.worlds.values(), self.news):
            it.faults = Faults()

    def _typed(self, command: Callable[[], Any]) -> Any:
        """Type a command that may be killed; None where it did not end well."""
        self.house.clock.instant += self.dice.choice([20, 400, 90_000])
        try:
            with killed_before(self.dice.choice([0, 0, 0, self.dice.randint(1, 60)])):
                return command()
        except Killed:
            self.house.restart()
        except SyncdError:
            return None

    def _sync(self) -> None:
        ways: list[dict[str, Any]] = [{}, {}, {}, {"full": True}, {"compare": "now"}, {"store": "side"}]
        ways += [{"segment": "many"}, {"upto": "pull"}, {"upto": "plan"}]
        options = self.dice.choice(ways) | {"yes": self.dice.random() < 0.5}
        report = self._typed(lambda: self.house.run(**options))
        self.told += [report.run] if report else []

    def _undo(self) -> None:
        if self.told:
            run = self.dice.choice(self.told[-3:])
            made = self._typed(lambda: undo(self.house.services(), Undoing(run=run, yes=True)))
            self.told += [made[0].run] if made else []

    def _approve(self) -> None:
        mirror = self.house.mirror
        waiting = {it.run for it in runs.holds(mirror)} | {it.run for it in doubts.standing(mirror)}
        for run in waiting | set(undone.by_run(mirror)):
            runs.approve(mirror, run, self.house.clock.now())
            doubts.approve(mirror, run)
            undone.release(mirror, run)

    def _forget(self) -> None:
        whom = names_of(self.house.mirror, sought(address(self.dice.choice(NUMBERS))))
        if self._typed(lambda: forget(self.house.services(), whom, local=False)):
            marks = [it.encode() for it in whom.addresses]
            files = [it for it in self.house.folder.rglob("*") if it.is_file() and it.name != "left-alone.txt"]
            assert not [file.name for file in files for mark in marks if mark in file.read_bytes()]

    def _remember(self) -> None:
        forgotten.let_in(self.house.mirror, None)

    def _exclude(self) -> None:
        self.excluded ^= {address(self.dice.choice(NUMBERS))}
        self.write()

    def _back_up(self) -> None:
        self._typed(lambda: make_backup(self.house.services()))

    def _restore(self) -> None:
        found = [it for it in backups.listed(self.house.mirror.path) if not it.why]
        if found:
            self.house.mirror.close()
            restore(self.house.folder / "syncd.db", self.dice.choice(found), self.house.clock.now())
            self.house.mirror = open_mirror(self.house.folder / "syncd.db")

    def _come_to_rest(self) -> None:
        """Run, with all approved, until there is nothing left to do."""
        self._calm()
        self._small = False
        self.write()
        self.house.clock.instant += 8 * 90_000
        for at in range(9):
            self.house.clock.instant += 700
            self._approve()
            before = self._happened()
            report = self.house.run(full=at == 0)
            self.judge()
            if report.result == "done" and self._happened() == before:
                return
        raise AssertionError(f"it never comes to rest: {report}")

    def _happened(self) -> list[int]:
        return [len(it.history) for it in (*self.house.worlds.values(), self.news)]


def _whom(store: str, it: Customer) -> Whom:
    known = identity(it.email)
    return Whom(frozenset({(store, it.id)}), frozenset({known} if known else ()))
