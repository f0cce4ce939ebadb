"""A simulated Mailchimp account, as honest as what is published about the real one allows.

    account = Account(clock, [NewList(id="abc123", name="Newsletter")], api_key="…-us1")
    account.answer(Request(method="GET", path="/lists/abc123/members", headers={"authorization": "Bearer …-us1"}))
    account.control(Request(method="GET", path="/lists/abc123/members"))

No sockets: a server hands requests in (`answer` below `/mailchimp/3.0`, `control` below `/control/mailchimp`; the
control API's table is in `control`). Where nothing published says how the service behaves, the choice that is harder
on a client is taken, or left to `Options`:

| question | what the simulated account does |
|---|---|
| `since_last_changed`, `before_last_changed` on the very second | left out: the words are "after" and "before" |
| tagging and untagging | moves `last_changed` (`Options.tagging_moves_last_changed`) |
| deleting a tag from the list | moves nobody's `last_changed` |
| a write that changes nothing | moves no `last_changed` |
| `update_existing`, no `status` but `status_if_new` | who is there keeps theirs, even archived (`Options.archived`) |
| `sync_tags` | replaces the tags where the contact's `tags` are in the request, else leaves them |
| the same address twice in a batch | the second is an error, or left out with `skip_duplicate_check` |
| PUT of a new contact without a status | refused |
| `pending` written again | mails again |
| a tag that is there, in other letters | the spelling that is there wins |
| creating or renaming to a tag's name that is there | 400 "Sorry, that tag already exists." |
| a tag longer than 100 characters | refused |
| an address that is not in the list, in a call that tags many | in `errors` (`Options.absent`) |
| an address that has the tag already, there | named as added (`Options.repeated`) |
| an archived contact, there | not in the list |
| `error_count` there | groups of addresses, as `errors` has them |
| archiving somebody archived, pending or cleaned | 405 |
| `count` over 1000 | 400 |
| `True` for a switch in a query | not taken for `true` |
| `tags` in PATCH | ignored |
| `/batches` | carried out all at once when their time (by the clock) has come, one batch after another |
| campaigns, webhooks, e-commerce, `/audiences` | not simulated; filters by interest are refused |
"""

from connectors.sandbox.mailchimp.account import Account
from connectors.sandbox.mailchimp.settings import DEFAULT_KEY, MergeField, NewList, Options, Refusal

__all__ = ["DEFAULT_KEY", "Account", "MergeField", "NewList", "Options", "Refusal"]
