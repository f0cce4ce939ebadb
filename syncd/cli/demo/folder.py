"""The demo's folder: settings, secrets, mirror. Only a folder that a demo made itself is ever cleared."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from syncd.errors import FatalError

MARK = ".syncd-demo"

SETTINGS = """\
# The settings of `syncd demo`: a simulated shop and two mailing lists on this machine.
# Change a segment, then type `syncd plan` while `syncd demo --keep` runs to see what would happen.

[syncd]
database = "syncd.db"

{services}
# The first time that a tag is written, syncd asks (or waits for --yes); so it does where a change is larger than this.
[limits]
max_remove = "30%"
max_add = "50%"
min_size = 20

[segments.repeat-buyers]
title = "Two orders or more, the last within a year"
query = "number_of_orders >= 2 AND last_order_date >= -365d"
tag = "repeat-buyer"
audiences = ["newsletter"]

[segments.big-spenders]
title = "Spent 1000 or more"
query = "amount_spent >= 1000"
tag = "big-spender"
audiences = ["newsletter"]

[segments.new-this-month]
title = "Joined in the last 30 days"
query = "customer_added_date >= -30d"
tag = "new"
audiences = ["newsletter"]
audience_tag = "New this month"

[segments.lapsed]
title = "Bought before, but not for half a year, and reads the newsletter"
query = "last_order_date < -180d AND email_subscription_status = 'SUBSCRIBED'"
tag = "lapsed"
audiences = ["newsletter"]
audience_tag = "Win back"

[segments.not-yet-bought]
title = "Reads the newsletter, never ordered"
query = "email_subscription_status = 'SUBSCRIBED' AND number_of_orders = 0"
audiences = ["newsletter"]
audience_tag = "First order"

[segments.left-a-basket]
title = "Left a basket in the last 30 days"
query = "abandoned_checkout_date >= -30d"
tag = "left-a-basket"

[segments.berlin-or-paris]
title = "Lives in Berlin or Paris"
query = "customer_cities CONTAINS 'DE-Berlin' OR customer_cities CONTAINS 'FR-Paris'"
tag = "Berlin/Paris"
audiences = ["newsletter"]

[segments.canadians-this-quarter]
title = "Canadians with an order in the last 90 days"
query = "customer_countries CONTAINS 'CA' AND orders_placed MATCHES (date >= -90d)"
tag = "canada-90d"

[segments.wholesale]
title = "Whom the merchant tagged as wholesale"
query = "customer_tags CONTAINS 'wholesale'"
audiences = ["partners"]
audience_tag = "Wholesale"
"""


def prepare(folder: Path) -> None:
    """Make the folder, or empty the one that an earlier demo made.

    Raises:
        FatalError: It is there and not a demo's, or cannot be made.
    """
    try:
        if folder.exists() and not (folder / MARK).is_file():
            raise FatalError(
                f"{folder} is there already and no demo made it; it is left as it is",
                hint="name another with --folder",
            )
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, mode=0o700)
        (folder / MARK).write_text("made by `syncd demo`, which may delete this folder\n", encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        raise FatalError(f"the folder {folder} cannot be made: {reason}", hint="name another with --folder") from error


def write_settings(folder: Path, services: dict[str, Any]) -> None:
    """Write the settings of a sandbox, its secrets in files of their own."""
    tables = []
    for section in ("stores", "audiences"):
        for name, table in services[section].items():
            tables.append(_table(folder, section, name, table))
    text = SETTINGS.format(services="\n".join(tables))
    _private(folder / "syncd.toml", text)


def _table(folder: Path, section: str, name: str, table: dict[str, Any]) -> str:
    secret = "access_token" if section == "stores" else "api_key"
    _private(folder / f"{name}.secret", f"{table[secret]}\n")
    lines = [f"[{section}.{name}]"]
    for key, value in table.items():
        if key == secret:
            lines.append(f'{key} = {{ file = "{name}.secret" }}')
        elif key not in {"client_id", "client_secret"}:
            lines.append(f'{key} = "{value}"')
    lines.append('every = "1d"')
    return "\n".join(lines) + "\n"


def _private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
