"""What commands need, imported once."""

import pkgutil
from importlib import import_module

import alembic.command  # noqa: F401  # a migration's, too

import connectors.mailchimp
import connectors.shopify
import syncd

for _package in (syncd, connectors.shopify, connectors.mailchimp):
    for _found in pkgutil.walk_packages(_package.__path__, f"{_package.__name__}."):
        if not _found.name.endswith("__main__") and ".migrations" not in _found.name:
            import_module(_found.name)
