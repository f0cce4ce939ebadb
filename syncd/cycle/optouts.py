"""Unsubscribes of an audience, carried to the stores that feed it (`write_back_optouts`): never the other way.

They are planned, limited, held, pushed and told as labels are, under a name that no tag can have (it holds a comma). An
unsubscribe is a person's own word; a hard bounce (`cleaned`) is not, and an archived contact was merely put away.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.cycle.services import Services
from syncd.mirror import optouts
from syncd.mirror.database import Mirror
from syncd.model import Action, Change, Wish
from syncd.plan import LabelPlan, Note

NEWER = "left alone: the store's own consent is newer than the unsubscribe"


def opt_out_wishes(services: Services, feeding: dict[str, tuple[str, ...]]) -> Iterator[Wish]:
    """Yield what the settings want carried back; `feeding` names the stores that feed each audience."""
    for name, it in services.settings.audiences.items():
        for store in feeding.get(name, ()) if it.write_back_optouts else ():
            if store in services.stores and services.stores[store].tags.traits.takes_optouts:
                yield Wish(
                    target=store,
                    label=f"unsubscribed, in {name}",
                    segment="",
                    opted_out_of=name,
                    why=f"unsubscribed in {name}",
                )


def opt_outs(mirror: Mirror, wish: Wish, number: int | None, note: Note) -> LabelPlan:
    """Return what is to be carried back to one store from one audience; no limit is looked at yet.

    Of everybody; or, with the `number` under which its rows stand, of those in `temp.pairs`. Everybody found is looked
    at again next time: when somebody left an audience may be told otherwise without any other change of theirs.
    """
    changes: list[Change] = []
    newer = 0
    for it in optouts.unknown_to(mirror, wish.target, wish.opted_out_of, number):
        note(str(it.customer_id), NEWER if it.newer else "", settled=False)
        if it.newer:
            newer += 1
        else:
            changes.append(
                Change(
                    target=wish.target,
                    label=wish.label,
                    segment=wish.segment,
                    subject=str(it.customer_id),
                    email=it.email,
                    action=Action.OPT_OUT,
                    reason=f"{wish.why}; the store says nothing of it yet",
                    opted_out_at=it.at,
                )
            )
    changes.sort(key=lambda change: change.subject)
    return LabelPlan(wish=wish, changes=tuple(changes), left_out={NEWER: newer} if newer else {})
