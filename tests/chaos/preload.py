"""What every command needs, imported once."""

from importlib import import_module

for _name in (
    "alembic.command",
    "connectors.mailchimp.audience",
    "connectors.shopify.opening",
    "syncd.cli.app",
    "syncd.cli.members",
    "syncd.cli.status",
    "syncd.cli.sync",
    "syncd.cycle",
    "syncd.mirror.opening",
    "syncd.wiring",
):
    import_module(_name)
