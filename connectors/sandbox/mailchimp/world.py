"""What an account is made of, without its front door: lists, options, refusals, the outbox, the hour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import Fault, Reason
from connectors.sandbox.mailchimp import problems
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.backlog import Backlog
from connectors.sandbox.mailchimp.contacts import Contact, Who, member_id
from connectors.sandbox.mailchimp.outbox import Mail, MailKind, Outbox, Tagging
from connectors.sandbox.mailchimp.settings import NewList, Options, Refusal


class Clock(Protocol):
    """Where the account has the hour from."""

    def now(self) -> int:
        """Return the instant: UTC, whole seconds since 1970."""
        ...


class World:
    """The account's contents. Not safe by itself between threads: the account's front door lets one in at a time."""

    def __init__(self, clock: Clock, lists: Iterable[NewList], options: Options, faults: Faults | None = None) -> None:
        """Open the account with empty lists; `faults` may have addresses refused."""
        self._faults = faults or Faults()
        self._drawn: dict[str, Refusal | None] = {}
        self.clock = clock
        self.options = options
        self.outbox = Outbox()
        self.taggings: list[Tagging] = []
        self.backlog = Backlog()
        self.opened_at = clock.now()
        self.audiences: dict[str, Audience] = {}
        self._refusals: dict[tuple[str, str], tuple[Refusal, int | None]] = {}
        for new in lists:
            self.open_list(new)

    @property
    def now(self) -> int:
        """The instant, UTC seconds."""
        return self.clock.now()

    def open_list(self, new: NewList) -> Audience:
        """Add an empty list.

        Raises:
            Problem: Its id is taken.
        """
        if new.id in self.audiences:
            raise problems.invalid(f"There is a list with the id {new.id} already.")
        audience = Audience(new, len(self.audiences) + 1, self.now)
        self.audiences[new.id] = audience
        return audience

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Have nothing of some addresses from now on; `times = 0` ends it."""
        for refusal in refusals:
            self._refusals[refusal.when, member_id(refusal.email_address)] = (refusal, refusal.times)

    def refusal(self, when: str, email: str) -> problems.Problem | None:
        """Return what an address is to be told, and count it; None where it is welcome."""
        key = (when, member_id(email))
        if when == "subscribing" and key not in self._refusals:
            self._draw(email)
        refusal, left = self._refusals.get(key, (None, 0))
        if refusal is None or left == 0:
            return None
        self._refusals[key] = (refusal, None if left is None else left - 1)
        return _worded(refusal, email)

    def welcome_again(self) -> None:
        """Forget whom the plan before had refused: another one begins."""
        for key in self._drawn:
            self._refusals.pop(("subscribing", key), None)
        self._drawn.clear()

    def drawn(self) -> list[Refusal]:
        """Return whom the plan has refused so far."""
        return [refusal for refusal in self._drawn.values() if refusal is not None]

    def _draw(self, email: str) -> None:
        """Decide once for all whether the plan has an address refused, and why."""
        key = member_id(email)
        if key in self._drawn:
            return
        self._drawn[key] = None
        for fault in self._faults.of("member"):
            dice = self._faults.dice(fault.kind, key)
            if dice.random() < fault.chance and (fault.calls is None or len(self.drawn()) < fault.calls):
                self._drawn[key] = self._drew(fault, email, dice.choice(fault.reasons))
                return

    def _drew(self, fault: Fault, email: str, reason: Reason) -> Refusal:
        refusal = Refusal(email_address=email, reason=reason, times=fault.times)
        self._refusals[refusal.when, member_id(email)] = (refusal, fault.times)
        self._faults.note(fault.kind)
        return refusal

    def mail_welcome(self, audience: Audience, contact: Contact, by: Who) -> None:
        """Greet a new subscriber, where the list does."""
        if audience.settings.welcome:
            self._send(audience, contact, by, "welcome")

    def mail_confirmation(self, audience: Audience, contact: Contact, by: Who) -> None:
        """Ask somebody to confirm: `pending` does so at once, every time it is written."""
        self._send(audience, contact, by, "confirmation")

    def begin_automation(
        self, audience: Audience, contact: Contact, by: Who, tag: str, *, syncing: bool = False
    ) -> None:
        """Begin what the merchant may have hung on a tag, unless it is `syncing`; only subscribers are mailed."""
        self.taggings.append(
            Tagging(
                at=self.now,
                list_id=audience.settings.id,
                email_address=contact.email,
                tag=tag,
                by=by,
                syncing=syncing,
            )
        )
        if syncing:
            return
        self._send(audience, contact, by, "automation", tag=tag, delivered=contact.status == "subscribed")

    def _send(self, audience: Audience, contact: Contact, by: Who, kind: MailKind, **more: Any) -> None:
        self.outbox.mails.append(
            Mail(at=self.now, list_id=audience.settings.id, email_address=contact.email, kind=kind, by=by, **more)
        )


def _worded(refusal: Refusal, email: str) -> problems.Problem:
    if refusal.detail:
        return problems.invalid(refusal.detail)
    words = {
        "many_lists": problems.many_lists,
        "compliance": problems.compliance,
        "forgotten": problems.forgotten,
        "merge_field": problems.incomplete_address,
        "interest": problems.interest,
        "other": problems.other,
    }
    return words.get(refusal.reason, problems.fake)(email)
