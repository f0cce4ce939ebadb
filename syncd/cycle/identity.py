"""A name in the settings stands for one account for good: what the mirror holds under it is that account's."""

from __future__ import annotations

from syncd.cycle.services import Services
from syncd.errors import FatalError
from syncd.mirror.stores import Memo

_KEY = "account"


def refuse_another(services: Services, name: str) -> None:
    """Make sure that a name still stands for the account that the mirror knows under it.

    Raises:
        FatalError: The settings now name another one. Its tags would be taken for written already, and the tags that
            syncd wrote at the old one would be nobody's.
    """
    found = services.settings.stores.get(name) or services.settings.audiences[name]
    identity = str(getattr(found.own, "identity", ""))
    memo = Memo(services.mirror, name)
    known = memo.setdefault(_KEY, identity)
    if known != identity:
        raise FatalError(
            f"{name} is another account than before in the settings; nothing was read or written there",
            hint=f"give the new one a name of its own, and leave {name} as it was until its labels are withdrawn",
        )
