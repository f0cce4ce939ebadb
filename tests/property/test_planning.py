"""What is planned from what changed is what is planned in full, whatever happened in between.

`Household.run` makes each plan both ways and compares them (`tests.support.twice`). Here everything that a plan goes by
changes at random: people, labels by hand, settings of every kind, faults, parts of a run, kills, holds and approvals.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.memory import Ending, Faults, Killed, Mishap
from syncd.cycle import Undoing, undo
from syncd.cycle.forgetting import forget
from syncd.errors import SyncdError
from syncd.mirror import doubts, runs, undone
from syncd.mirror.held import names_of
from syncd.mirror.people import sought
from syncd.mirror.pruning import prune_history
from syncd.model import ContactStatus, Kind
from syncd.ports import Missing
from tests.support.examples import examples
from tests.support.household import Household
from tests.support.turmoil import killed_before

NUMBERS = range(1, 8)
CONSENTS = ("SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID", None)
DAY = 86_400


def address(number: int) -> str:
    return f"p{number}@{'x' if number % 2 else 'y'}.example"


class Life:
    """A house whose dice decide what happens next; the same seed lives the same life."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # dice that fall the same again
        self.excluded: set[str] = set()
        self.told: list[int] = []
        self.house = Household(folder, "", stores=("main", "side"), batch_size=self.dice.choice([1, 3, 500]))
        self.write()

    def write(self) -> None:
        """Write settings as the dice fall: limits, rules, stores, labels, what is adopted, who is made a contact."""
        dice = self.dice
        listed = "\n".join([*sorted(self.excluded), *(["@y.example"] if dice.random() < 0.1 else [])])
        (self.house.folder / "left-alone.txt").write_text(listed)
        texts = [
            f"[limits]\nmin_size = {dice.choice([1, 2, 1000, 1000])}\n",
            '[suppress]\nfiles = ["left-alone.txt"]\n',
        ]
        for name, rule in (
            ("many", "number_of_orders >= {}"),
            ("few", "number_of_orders < {} OR last_order_date < -9000d"),
            ("fresh", "customer_added_date >= -{}d"),  # whom time alone moves
            ("lent", ""),
        ):
            if dice.random() < 0.85:
                texts.append(self._segment(name, rule.format(dice.choice([2, 2, 2, 3])) or "segments CONTAINS 'many'"))
        if not any("[segments.many]" in text for text in texts):
            texts = [text for text in texts if "CONTAINS" not in text]
        self.house.write("".join(texts))
        made = dice.choice(["if-consented", "if-consented", "transactional", "never"])
        mine = f'new_contacts = "{made}"\nwrite_back_optouts = {str(dice.random() < 0.5).lower()}\n'
        kind = '[audiences.news]\nkind = "memory-list"\n'
        self.house.settings_text = self.house.settings_text.replace(kind, kind + mine)

    def _segment(self, name: str, query: str) -> str:
        dice = self.dice
        lines = [f'[segments.{name}]\nquery = "{query}"', f"adopt = {str(dice.random() < 0.3).lower()}"]
        lines += [f'tag = "{name.title()}"'] * (dice.random() < 0.7) + ['audiences = ["news"]'] * (dice.random() < 0.8)
        lines += [f'audience_tag = "{name} people"'] if 'audiences = ["news"]' in lines else []
        lines += ['stores = ["main"]'] * (dice.random() < 0.2) + ["enabled = false"] * (dice.random() < 0.1)
        return "\n".join(lines) + "\n"

    def live(self, steps: int) -> None:
        deeds = [self._buys, self._buys, self._buys, self._goes, self._merges, self._is_tagged, self._is_labelled]
        deeds += [self._is_listed, self._is_listed, self._many_come]
        turns = [*[self._sync] * 30, self._sync_a_part, self._sync_a_part, self._look, self.write, self._undo]
        turns += [self._approve, self._exclude, self._forget, self._time_passes, self._prune]
        for _ in range(steps):
            for _ in range(self.dice.choice([0, 1, 2, 4])):
                self.dice.choice(deeds)()
            self._weather()
            self.dice.choice(turns)()
        self._sync()

    def _somebody(self) -> tuple[str, int]:
        return self.dice.choice(["main", "main", "side"]), self.dice.choice(NUMBERS)

    def _buys(self) -> None:
        store, number = self._somebody()
        world = self.house.worlds[store]
        orders, consent = self.dice.randint(0, 4), self.dice.choice(CONSENTS)
        email = address(self.dice.choice([number, number, number, 1])) if self.dice.random() < 0.9 else None
        world.put_customer(number, number_of_orders=orders, email_consent=consent, email=email)

    def _goes(self) -> None:
        store, number = self._somebody()
        if self.house.worlds[store].customer(number):
            self.house.worlds[store].delete(Kind.CUSTOMERS, number)

    def _merges(self) -> None:
        """One record becomes another: its order is that one's, and so are its tags."""
        world, (one, other) = self.house.worlds["main"], self.dice.sample(NUMBERS, 2)
        if world.customer(one) and world.customer(other):
            world.put_order(100 + one, customer_id=one)
            self._sync()
            world.put_order(100 + one, customer_id=other)
            world.tag_by_hand(other, *world.tags_of(one))
            world.delete(Kind.CUSTOMERS, one)

    def _is_tagged(self) -> None:
        store, number = self._somebody()
        world = self.house.worlds[store]
        if world.customer(number):
            by_hand = self.dice.choice([world.tag_by_hand, world.untag_by_hand])
            by_hand(number, self.dice.choice(["Many", "few", "VIP"]))

    def _is_labelled(self) -> None:
        news, email = self.house.lists["news"], address(self.dice.choice(NUMBERS))
        if news.contact(email):
            by_hand = self.dice.choice([news.tag_by_hand, news.untag_by_hand])
            by_hand(email, self.dice.choice(["many people", "Few People", "VIP"]))

    def _is_listed(self) -> None:
        news, email = self.house.lists["news"], address(self.dice.choice(NUMBERS))
        if news.contact(email) and self.dice.random() < 0.2:
            news.forget(email)
        else:
            news.put_contact(email, self.dice.choice(list(ContactStatus)), news.labels_of(email))

    def _many_come(self) -> None:
        """Another app writes over what everybody had said."""
        side = self.dice.random() < 0.5
        for number in NUMBERS:
            if side and self.house.worlds["main"].customer(number):
                self.house.worlds["main"].put_customer(number, email_consent="SUBSCRIBED")
            elif not side and self.house.lists["news"].contact(address(number)):
                news = self.house.lists["news"]
                news.put_contact(address(number), ContactStatus.SUBSCRIBED, news.labels_of(address(number)))

    def _weather(self) -> None:
        """Let services work, or not, for some while."""
        lacks = Missing(what="x", costs="y", fix="z", kinds=frozenset({Kind.CUSTOMERS}))
        self.house.worlds["side"].missing = (lacks,) if self.dice.random() < 0.05 else ()
        for it in (*self.house.worlds.values(), self.house.lists["news"]):
            mishap = Mishap(self.dice.choice(list(Ending)), done=self.dice.choice([None, 0, 1, 2]), told=1)
            somebody = {key: "no" for number in NUMBERS[:2] for key in (str(number), address(number))}
            unnamed = dict.fromkeys(somebody, self.dice.random() < 0.5)
            ill = [Faults(mishap=mishap), Faults(unreachable=True), Faults(refuse=somebody), Faults(fail=somebody)]
            it.faults = self.dice.choice([*[Faults()] * 20, *ill, Faults(unnamed=unnamed)])

    def _do(self, **options: object) -> None:
        self.house.clock.instant += self.dice.choice([30, 400, 4000])
        try:
            with killed_before(self.dice.choice([0, 0, 0, 0, 0, 0, self.dice.randint(1, 90)])):
                self.told.append(self.house.run(**{"yes": self.dice.random() < 0.8, **options}).run)
        except Killed:
            self.house.restart()
        except SyncdError:
            pass

    def _sync(self) -> None:
        self._do(full=self.dice.random() < 0.03)

    def _sync_a_part(self) -> None:
        self._do(**self.dice.choice([{"store": "side"}, {"store": "main"}, {"segment": "many"}, {"segment": "few"}]))

    def _look(self) -> None:
        self._do(upto=self.dice.choice(["plan", "pull"]))

    def _time_passes(self) -> None:
        self.house.clock.instant += self.dice.choice([DAY, 8 * DAY])

    def _prune(self) -> None:
        prune_history(self.house.mirror, self.house.clock.now() - self.dice.choice([0, DAY]))

    def _undo(self) -> None:
        if self.told:
            try:
                undo(self.house.services(), Undoing(run=self.dice.choice(self.told[-3:]), yes=True))
            except (Killed, SyncdError):
                self.house.restart()

    def _approve(self) -> None:
        mirror = self.house.mirror
        waiting = {it.run for it in runs.holds(mirror)} | {it.run for it in doubts.standing(mirror)}
        for run in waiting | set(undone.by_run(mirror)):
            runs.approve(mirror, run, self.house.clock.now())
            doubts.approve(mirror, run)
            undone.release(mirror, run)

    def _exclude(self) -> None:
        self.excluded ^= {address(self.dice.choice(NUMBERS))}
        self.write()

    def _forget(self) -> None:
        whom = names_of(self.house.mirror, sought(address(self.dice.choice(NUMBERS))))
        try:
            forget(self.house.services(), whom, local=self.dice.random() < 0.5)
        except (Killed, SyncdError):
            self.house.restart()


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_a_plan_of_what_changed_is_the_plan_of_everybody(seed: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="syncd-planning-"))
    life = Life(seed, folder)
    try:
        life.live(30)
    finally:
        life.house.mirror.close()
        shutil.rmtree(folder)
