"""One Mailchimp audience, as syncd sees it: contacts to read, and labels to write as tags."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from connectors.mailchimp.client import CONNECTIONS, marketing_client
from connectors.mailchimp.contacts import Contacts
from connectors.mailchimp.judge import NotFoundError
from connectors.mailchimp.labels import LABEL_MAX, Labels, normalised
from connectors.mailchimp.newcomers import Newcomers
from connectors.mailchimp.price import AT_ONCE
from connectors.mailchimp.push import Push
from connectors.mailchimp.quietly import Quietly
from connectors.mailchimp.readback import ReadBack
from connectors.mailchimp.settings import MailchimpSettings
from connectors.mailchimp.shapes import PAGE, MailingList, MailingLists, MergeFields, shaped
from connectors.mailchimp.signup import SignupForm
from connectors.speed import Speed
from syncd.errors import FatalError
from syncd.model import Change, Contact, Outcome
from syncd.ports import Check, Feed, Host, Missing, Price, Traits

TRAITS = Traits(
    subject="email",
    batch_size=AT_ONCE,
    label_a_call=True,
    label_max=LABEL_MAX,
    label_forbidden=",",
    labels_per_subject=None,
    starts_automations=True,
)

_NO_PLAIN_TEXT = frozenset({"address", "birthday", "date", "imageurl", "number", "url"})
"""Types of merge fields that take a form of their own: a contact with anything else there is refused whole."""

_ASSUMED_SPEED = 100.0
"""People a second, before anything was written."""

_LIST_FIELDS = ("id", "name", "web_id", "double_optin", "has_welcome")


def open_audience(name: str, settings: MailchimpSettings, host: Host, page: int = PAGE) -> MailchimpAudience:
    """Return an audience by its settings; no request is sent yet. `page` is how many contacts are read at once."""
    client = marketing_client(name, settings.address, settings.api_key.get_secret_value(), host)
    back = ReadBack(client.lists, settings.list, CONNECTIONS)
    contacts = Contacts(name, client.lists, settings.list, back, host, page)
    speed = Speed(host, "write speed", _ASSUMED_SPEED)
    newcomers = Newcomers(
        client.lists,
        settings.list,
        settings.merge_fields,
        contacts.archived,
        back.read,
        SignupForm(client.lists, settings.list).way_back,
        speed,
    )
    labels = Labels(client.lists, settings.list, host.memo)
    quietly = Quietly(client.lists, settings.list, contacts.archived, CONNECTIONS)
    push = Push(client.lists, settings.list, newcomers, labels, quietly, back.read, speed)
    return MailchimpAudience(name, settings.list, settings.merge_fields, client.lists, contacts, back, push)


class MailchimpAudience:
    """The audience port over one list."""

    traits = TRAITS

    def __init__(  # the parts it is put together from
        self,
        name: str,
        list_id: str,
        merge_fields: Mapping[str, str],
        lists: Any,
        contacts: Contacts,
        back: ReadBack,
        push: Push,
    ) -> None:
        """Put the parts together; `open_audience` makes them."""
        self.name = name
        self._list = list_id
        self._merge_fields = merge_fields
        self._lists = lists
        self._contacts = contacts
        self._back = back
        self._push = push

    @property
    def contacts(self) -> Feed[Contact]:
        """Everybody in the audience, whatever their status, with all their labels."""
        return self._contacts

    def check(self) -> Check:
        """Name the list, and say what of it bears on what syncd writes.

        Raises:
            CredentialsError: The key is refused.
            FatalError: There is no such list; the hint names those that there are.
        """
        mailing = self._mailing()
        answer = self._lists.get_list_merge_fields(
            self._list, fields=("merge_fields.tag", "merge_fields.required", "merge_fields.type"), count=PAGE
        )
        fields = shaped(answer, MergeFields).merge_fields
        return Check(
            account=mailing.name,
            missing=tuple(_missing(self._merge_fields, {field.tag: field.type for field in fields})),
            notes=tuple(_notes(mailing, [field.tag for field in fields if field.required])),
        )

    def normalise(self, label: str) -> str:
        """Return the label without space around it; letter case stays, for the first spelling of a tag wins.

        Raises:
            ValueError: A tag cannot be called so.
        """
        return normalised(label)

    def read(self, subjects: Collection[str]) -> Iterator[Contact]:
        """Read contacts by their addresses, one call each: those that exist, archived ones included."""
        return self._back.read(subjects)

    def price(self, changes: Sequence[Change]) -> Price:
        """Say what a push takes; nothing is asked."""
        return self._push.price(changes, CONNECTIONS)

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Carry out changes; see `syncd.ports.Target.apply`.

        Raises:
            ValueError: More changes than `traits.batch_size`.
        """
        if len(changes) > TRAITS.batch_size:
            raise ValueError(f"the audience {self.name} takes {TRAITS.batch_size} changes at once, not {len(changes)}")
        return self._push.apply(changes)

    def _mailing(self) -> MailingList:
        try:
            return shaped(self._lists.get_list(self._list, fields=_LIST_FIELDS), MailingList)
        except NotFoundError as error:
            raise FatalError(
                f"the audience {self.name}: this Mailchimp account has no audience with the id {self._list}",
                hint=self._advice(),
            ) from error

    def _advice(self) -> str:
        """Name the audiences that there are: the id is easily mistaken for the number in Mailchimp's addresses."""
        answer = self._lists.get_all_lists(fields=("lists.id", "lists.name", "lists.web_id"), count=PAGE)
        there = shaped(answer, MailingLists).lists
        meant = next((each for each in there if self._list in {str(each.web_id), each.name}), None)
        if meant is not None:
            return f'did you mean list = "{meant.id}", the audience {meant.name}?'
        if not there:
            return "the account has no audience yet: make one in Mailchimp (Audience, Create audience)"
        names = ", ".join(f"{each.id} ({each.name})" for each in there[:10])
        return f"put one of its audiences into `list` of [audiences.{self.name}]: {names}"


def _missing(merge_fields: Mapping[str, str], there: Mapping[str, str]) -> Iterator[Missing]:
    for tag, field in merge_fields.items():
        if there.get(tag) in _NO_PLAIN_TEXT:
            yield Missing(
                f"merge field {tag} for plain text",
                costs=f"it is of type {there[tag]}: Mailchimp refuses a new contact whose {field} is put there",
                fix=f"take {tag} out of merge_fields, or give it the type text in Mailchimp",
            )
        if tag not in there:
            yield Missing(
                f"merge field {tag}",
                costs=f"the {field.replace('_', ' ')} of new contacts is not kept",
                fix=f"make the merge field {tag} in Mailchimp (Audience, Settings, Audience fields), or take it out "
                "of merge_fields",
            )


def _notes(mailing: MailingList, required: Sequence[str]) -> Iterator[str]:
    if mailing.double_optin:
        yield "double opt-in is on; contacts that syncd creates with the store's consent are not asked again"
    if mailing.has_welcome:
        yield "a welcome automation is connected; contacts created as subscribed may be mailed by it"
    if required:
        yield f"required merge fields ({', '.join(required)}) are not insisted on for contacts that syncd creates"
