"""The list's own sign-up form: the one way back for somebody whom no program may bring back."""

from __future__ import annotations

from typing import Any

from connectors.mailchimp.shapes import SignupAddress, shaped
from syncd.errors import SyncdError


class SignupForm:
    """Knows where a list's form is, and asks Mailchimp only once somebody needs it."""

    def __init__(self, lists: Any, list_id: str) -> None:
        """Ask nothing yet. `lists` is the package's lists API."""
        self._lists = lists
        self._list = list_id
        self._words = ""

    def way_back(self) -> str:
        """Say how somebody comes back who was deleted for good or may not be subscribed by others."""
        if not self._words:
            self._words = f"Only they themselves can come back, through the audience's sign-up form{self._address()}"
        return self._words

    def _address(self) -> str:
        try:
            answer = self._lists.get_list(self._list, fields=("subscribe_url_short",))
        except SyncdError:  # the refusal is what counts; it must not become an error of the push
            return ""
        url = shaped(answer, SignupAddress).subscribe_url_short
        return f": {url}" if url else ""
