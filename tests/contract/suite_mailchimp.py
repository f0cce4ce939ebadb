"""The bench of the Mailchimp connector lies beside its own tests, which open it with other options too."""

from __future__ import annotations

from tests.unit.mailchimp.bench import mailchimp

__all__ = ["mailchimp"]
