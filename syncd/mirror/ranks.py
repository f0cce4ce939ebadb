"""Ranks that are kept: a change moves the edge of a rank, and nobody else is ranked again.

Kept are the *contenders*: the best of a rank, and those next to them. Of those near the edge the place is known
(`syncd.segments.placing`); of those further up it is enough that they are among the best, and of those further down
how many there are, where the rank is of a share. Where the edge would leave what is known, the rank is made anew.

Everything here belongs into the transaction that carries the answers over into membership.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, count

import msgspec
from sqlalchemy import Integer, Subquery, and_, column, func, insert, literal, select, table

from syncd.mirror import figures
from syncd.mirror.database import Mirror
from syncd.mirror.masks import BITS, Place
from syncd.segments import Frame
from syncd.segments.asked_figures import figures_of
from syncd.segments.placing import ABOVE, BELOW, Figures, figure_in, place
from syncd.segments.ranks import Rank
from syncd.segments.steering import then

HOLDERS = -1
"""A shelf for answers that say for whom rules of ranks hold: no segment has it, and nobody moves by them."""
_MARGIN = 1_000
_MARGIN_SHARE = 2
_MOST_MARGINS = 4
_LEAST = -(1 << 63)
_ASKED = table("asked", column("customer_id", Integer()))
_CONTENDERS = table("contenders", *(column(name) for name in ("rank", "customer_id", "store", "place")))


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """A segment's rank in a store, and where its answers stand in the temporary table `answers`.

    Attributes:
        segment: The segment; it has its row in `segments`.
        rank: Whom it chooses.
        frame: The store, what a person is, and what the days of the rank mean.
        holders: Where it says for whom the segment's rule holds.
        place: Where it is to say who is among the best.
        margin: Of how many on each side of the edge the place is known, at least; and of half as many as the best.
    """

    segment: str
    rank: Rank
    frame: Frame
    holders: Place
    place: Place
    margin: int = _MARGIN

    @property
    def terms(self) -> str:
        """Whatever places go by, except the days."""
        unseen = self.frame.orders_visible_from is not None
        its = (self.rank.by, self.rank.over, self.rank.top, self.frame.by, self.frame.currency, unseen, self.margin)
        return " ".join(map(str, its))

    @property
    def counts_all(self) -> bool:
        """Whether it depends on how many people can be ranked at all."""
        return not isinstance(self.rank.top, int)

    def best_of(self, people: int) -> int:
        """Return how many of so many are chosen."""
        top = self.rank.top
        return min(top, people) if isinstance(top, int) else -(-people * top.numerator // top.denominator)

    def suffices(self, people: int) -> bool:
        """Whether so many contenders are enough, where there are others below."""
        top = self.rank.top
        return not isinstance(top, int) or top <= people

    def is_too_many(self, people: int) -> bool:
        """Whether so many contenders are more than a rank of so many needs."""
        top = self.rank.top
        return isinstance(top, int) and people > top + _MOST_MARGINS * self.around(top)

    def around(self, best: int) -> int:
        """Return of how many on each side of the edge the place is to be known."""
        return max(self.margin, best // _MARGIN_SHARE)


class _Known(msgspec.Struct, frozen=True):
    """What is kept of a rank (`RankRow`)."""

    rank: int
    contenders: int
    best: int
    edge: bytes
    higher: bool
    lower: bool


def spare(taken: Collection[Place]) -> Iterator[Place]:
    """Yield places for answers by which nobody moves: first those that are free beside the places taken.

    What has places on one shelf is answered in one pass.
    """
    for shelf in chain(sorted({it.shelf for it in taken}), count(HOLDERS, -1)):
        yield from (place for bit in range(BITS) if (place := Place(shelf, bit)) not in taken)


def rank_anew(mirror: Mirror, *its: Ranking) -> None:
    """Rank everybody for whom the rules hold, add the best to the answers, and keep who is near the edges.

    What people are compared by is added up once for ranks over the same orders.
    """
    alike: dict[tuple[object, ...], list[Ranking]] = {}
    for it in its:
        over = (it.rank.over, it.rank.own_figures)
        alike.setdefault((*over, it.frame.store, it.frame.by, it.holders.shelf), []).append(it)
    for some in alike.values():
        figures.gather(mirror, some[0].rank, some[0].frame, [it.holders for it in some])
        for it in some:
            _rank(mirror, it)
        figures.clear(mirror)


def _rank(mirror: Mirror, it: Ranking) -> None:
    """Rank those who were gathered."""
    rank = _begin(mirror, it)
    known = _kept(mirror, it, rank)
    _note(mirror, known)
    _answer(mirror, it, known, f"SELECT customer_id FROM contenders WHERE rank = {rank} AND place <= :edge")


def rank_on(mirror: Mirror, it: Ranking) -> dict[int, bool] | None:
    """Bring a rank up to date for those in the temporary table `asked`, and add who of them is among the best.

    The table has everybody whose answer may have changed since the rank was last made or brought up to date, by
    rows of theirs or by time (`syncd.segments.stirring`); by address it has all records of an address or none. For
    whom of them the rule holds stands in the answers.

    Returns:
        Whether they are among the best now, by customer id, of others: whom these made room for or took it from.
        None where that cannot be told: the rank has to be made anew.
    """
    known = _known(mirror, it)
    if known is None:
        return None
    was = _places_of_asked(mirror, known)
    now = _placed(mirror, it, known)
    if now is None:
        return None
    _replace(mirror, it, known, was, now)
    inside = known.best - _inside(was, known.edge) + _inside(now, known.edge)
    people = known.contenders - len(was) + len(now)
    best = it.best_of(people)
    if known.lower and not it.suffices(people):
        return None
    passed = _passed(mirror, known, best - inside)
    if passed is None:
        return None
    edge = _settled(mirror, known.rank, passed[-1][1] if passed else known.edge, out=best < inside)
    known = msgspec.structs.replace(known, contenders=people, best=best, edge=edge)
    if it.is_too_many(people):
        known = _trimmed(mirror, it, known)
    _note(mirror, known)
    _answer(mirror, it, known, _ASKED_BEST.format(rank=known.rank))
    others = (customer_id for customer_id, _, asked in passed if not asked)
    return dict.fromkeys(_records(mirror, it.frame, others), best > inside)


def forget(mirror: Mirror, store: str, segments: Iterable[str]) -> None:
    """Keep nothing of segments that rank nobody any more."""
    mirror.raw.executemany("DELETE FROM ranks WHERE segment = ? AND store = ?", ((it, store) for it in segments))


def turn_to(mirror: Mirror, it: Ranking, others: Mapping[int, bool]) -> None:
    """Ask nothing but whether these others (`rank_on`) are among the best, in `asked` and the answers."""
    for name in ("asked", "answers"):
        mirror.raw.execute(f"DELETE FROM temp.{name}")
    mirror.raw.executemany("INSERT INTO temp.asked (customer_id) VALUES (?)", ((who,) for who in others))
    inside = [(it.place.shelf, who, it.place.mask) for who, best in others.items() if best]
    mirror.raw.executemany("INSERT INTO temp.answers (shelf, customer_id, mask) VALUES (?, ?, ?)", inside)


def _begin(mirror: Mirror, it: Ranking) -> int:
    """Return the number of a rank of which nothing is kept any more."""
    its = (it.segment, it.frame.store)
    found = mirror.raw.execute("SELECT rank FROM ranks WHERE segment = ? AND store = ?", its).fetchone()
    if found is None:
        rank = mirror.raw.execute(_BEGIN, (*its, it.terms, ABOVE)).lastrowid
    else:
        (rank,) = found
        mirror.raw.execute("UPDATE ranks SET terms = ? WHERE rank = ?", (it.terms, rank))
    mirror.raw.execute("DELETE FROM contenders WHERE rank = ?", (rank,))
    return int(rank or 0)


def _known(mirror: Mirror, it: Ranking) -> _Known | None:
    query = (
        "SELECT rank, contenders, best, edge, higher, lower FROM ranks WHERE segment = ? AND store = ? AND terms = ?"
    )
    found = mirror.raw.execute(query, (it.segment, it.frame.store, it.terms)).fetchone()
    return None if found is None else _Known(*found)


def _note(mirror: Mirror, it: _Known) -> None:
    mirror.raw.execute(
        "UPDATE ranks SET contenders = ?, best = ?, edge = ?, higher = ?, lower = ? WHERE rank = ?",
        (it.contenders, it.best, it.edge, it.higher, it.lower, it.rank),
    )


def _kept(mirror: Mirror, it: Ranking, rank: int) -> _Known:
    """Rank everybody, and keep who is among the best or not far below; of a rank of a share, all others as well."""
    able = figures.ranked(it.rank, it.holders)
    people = mirror.connection.execute(select(func.count()).select_from(able.subquery())).scalar_one()
    best = it.best_of(people)
    margin = it.around(best)
    edge = ABOVE

    def places() -> Iterator[tuple[int, bytes]]:
        nonlocal edge
        for number, its in enumerate(figures.best(mirror, it.rank, it.frame, it.holders, best + margin), 1):
            found = ABOVE if number <= best - margin else place(its)
            edge = found if number <= best else edge
            yield its.id, found

    _insert(mirror, it, rank, places())
    if it.counts_all:
        rest = able.add_columns(literal(rank), literal(it.frame.store), literal(BELOW))
        add = insert(_CONTENDERS).prefix_with("OR IGNORE")
        mirror.connection.execute(add.from_select(["customer_id", "rank", "store", "place"], rest))
    contenders = people if it.counts_all else min(people, best + margin)
    return _Known(rank, contenders, best, edge, higher=best > margin, lower=people > best + margin)


def _insert(mirror: Mirror, it: Ranking, rank: int, places: Iterable[tuple[int, bytes]]) -> None:
    rows = ((rank, customer_id, it.frame.store, its) for customer_id, its in places)
    mirror.raw.executemany(_INSERT, rows)


def _places_of_asked(mirror: Mirror, known: _Known) -> dict[int, bytes]:
    """Return the places that those who are asked had until now."""
    return dict(mirror.raw.execute(_OF_ASKED, (known.rank,)).fetchall())


def _placed(mirror: Mirror, it: Ranking, known: _Known) -> dict[int, bytes] | None:
    """Return the places of those who are asked now, of whoever has one that is to be kept; None if that is unknown."""
    ends = [mirror.raw.execute(query, (known.rank,)).fetchone() for query in (_FIRST, _LAST)]
    if None in ends and (known.higher or known.lower):
        return None
    first = ends[0][0] if known.higher else ABOVE
    last = ends[1][0] if known.lower else BELOW
    floor = figure_in(last) if known.lower else _LEAST
    found = mirror.connection.execute(figures_of(_asked_holders(it), it.rank, it.frame, floor)).all()
    places: dict[int, bytes] = {}
    for its in (Figures(*row) for row in found):
        its_place = BELOW if its.figure < floor else place(its)
        if its_place < first:
            places[its.id] = ABOVE
        elif its_place <= last:
            places[its.id] = its_place
        elif it.counts_all:
            places[its.id] = BELOW
    return places


def _replace(mirror: Mirror, it: Ranking, known: _Known, was: Mapping[int, bytes], now: Mapping[int, bytes]) -> None:
    gone = [(known.rank, customer_id) for customer_id in was if customer_id not in now]
    mirror.raw.executemany("DELETE FROM contenders WHERE rank = ? AND customer_id = ?", gone)
    _insert(mirror, it, known.rank, ((who, its) for who, its in now.items() if was.get(who) != its))


def _inside(places: Mapping[int, bytes], edge: bytes) -> int:
    return sum(its <= edge for its in places.values())


def _passed(mirror: Mirror, known: _Known, steps: int) -> list[tuple[int, bytes, int | None]] | None:
    """Return the contenders whom the edge passes, as far as it goes: down where there is room for more, or up.

    With each goes whether they are asked; None where the edge would leave those whose place is known.
    """
    query = _NEXT_BELOW if steps > 0 else _NEXT_ABOVE
    values = (known.rank, known.edge, abs(steps))
    found: list[tuple[int, bytes, int | None]] = mirror.raw.execute(query, values).fetchall()
    return found if len(found) == abs(steps) else None


def _settled(mirror: Mirror, rank: int, edge: bytes, *, out: bool) -> bytes:
    """Return the place of the last of the best, up to an edge or, if that is out, above it."""
    query = _BEFORE if out else _UPTO
    found = mirror.raw.execute(query, (rank, edge)).fetchone()
    return ABOVE if found is None else bytes(found[0])


def _trimmed(mirror: Mirror, it: Ranking, known: _Known) -> _Known:
    """Let go of those who came to be contenders and are far below the edge."""
    margin = it.around(known.best)
    (cut,) = mirror.raw.execute(_FAR_BELOW, (known.rank, known.edge, margin - 1)).fetchone()
    mirror.raw.execute(_LET_GO, (known.rank, cut))
    return msgspec.structs.replace(known, contenders=known.best + margin, lower=True)


def _answer(mirror: Mirror, it: Ranking, known: _Known, best: str) -> None:
    """Add people to the answers, with all their records."""
    chosen = best if it.frame.by == "customer" else f"{_MATES.format(people=best)}"
    values = {"shelf": it.place.shelf, "mask": it.place.mask, "edge": known.edge, "store": it.frame.store}
    mirror.raw.execute(_ANSWER.format(chosen=chosen), values)


def _records(mirror: Mirror, frame: Frame, people: Iterable[int]) -> list[int]:
    """Return the ids of all records of people."""
    if frame.by == "customer":
        return list(people)
    query = _MATES.format(people="SELECT :id AS customer_id")
    return [
        customer_id
        for person in people
        for (customer_id,) in mirror.raw.execute(query, {"id": person, "store": frame.store})
    ]


def _asked_holders(it: Ranking) -> Subquery:
    its = figures.ANSWERS.c
    mine = and_(its.shelf == it.holders.shelf, its.customer_id == _ASKED.c.customer_id)
    found = select(_ASKED.c.customer_id).select_from(then(_ASKED, figures.ANSWERS, mine))
    return found.where(its.mask.bitwise_and(it.holders.mask) != 0).subquery("holders")


_BEGIN = (
    "INSERT INTO ranks (segment, store, terms, contenders, best, edge, higher, lower) VALUES (?, ?, ?, 0, 0, ?, 0, 0)"
)
_INSERT = "INSERT OR REPLACE INTO contenders (rank, customer_id, store, place) VALUES (?, ?, ?, ?)"
_OF_ASKED = (
    "SELECT c.customer_id, c.place FROM temp.asked AS a "
    "CROSS JOIN contenders AS c ON c.rank = ? AND c.customer_id = a.customer_id"
)
_BY_PLACE = "contenders AS c INDEXED BY contenders_by_place {} WHERE c.rank = ? AND length(c.place) > 1"
_FIRST = f"SELECT c.place FROM {_BY_PLACE.format('')} ORDER BY c.place LIMIT 1"
_LAST = f"{_FIRST.removesuffix(' LIMIT 1')} DESC LIMIT 1"
_NEXT = f"SELECT c.customer_id, c.place, a.customer_id FROM {_BY_PLACE}".format(
    "LEFT JOIN temp.asked AS a ON a.customer_id = c.customer_id"
)
_NEXT_BELOW = f"{_NEXT} AND c.place > ? ORDER BY c.place LIMIT ?"
_NEXT_ABOVE = f"{_NEXT} AND c.place <= ? ORDER BY c.place DESC LIMIT ?"
_FAR_BELOW = f"SELECT c.place FROM {_BY_PLACE.format('')} AND c.place > ? ORDER BY c.place LIMIT 1 OFFSET ?"
_LET_GO = "DELETE FROM contenders INDEXED BY contenders_by_place WHERE rank = ? AND length(place) > 1 AND place > ?"
_UPTO = f"SELECT c.place FROM {_BY_PLACE.format('')} AND c.place <= ? ORDER BY c.place DESC LIMIT 1"
_BEFORE = _UPTO.replace("<=", "<")
_ASKED_BEST = (
    "SELECT c.customer_id FROM temp.asked AS a "
    "CROSS JOIN contenders AS c ON c.rank = {rank} AND c.customer_id = a.customer_id WHERE c.place <= :edge"
)
_MATES = (
    "SELECT coalesce(m.id, c.id) AS customer_id FROM ({people}) AS p "
    "CROSS JOIN customers AS c ON c.store = :store AND c.id = p.customer_id "
    "LEFT JOIN customers AS m INDEXED BY customers_email ON m.email_key = c.email_key AND m.store = c.store"
)
_ANSWER = (
    "INSERT INTO temp.answers (shelf, customer_id, mask) "
    "SELECT :shelf, b.customer_id, :mask FROM ({chosen}) AS b WHERE true "
    "ON CONFLICT (shelf, customer_id) DO UPDATE SET mask = mask | excluded.mask"
)
