"""Pages so small that a store of few rows takes many of them, or is exported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from connectors.shopify import shapes

ROWS = 7


def small() -> Iterator[tuple[str, Any]]:
    """Yield the shapes of `connectors.shopify.shapes`, by name, with small pages."""
    for name in ("CUSTOMERS", "ORDERS", "PRODUCTS", "CHECKOUTS"):
        yield name, msgspec.structs.replace(getattr(shapes, name), size=ROWS)
