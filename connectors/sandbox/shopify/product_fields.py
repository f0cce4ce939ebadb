"""What the fields of products and collections say."""

from __future__ import annotations

from connectors.sandbox.shopify.getters import Table, identity
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import instant_text
from connectors.sandbox.world.records import Line, Product


def product_of(line: Line, view: View) -> Product | None:
    """Return the product of a line, None for a custom one and for one deleted since."""
    return None if line.product_id is None else view.shop.products.get(line.product_id)


TABLE: Table = {
    "Product": identity("Product")
    | {
        "category": lambda p, _: p if p.category_id else None,
        "createdAt": lambda p, _: instant_text(p.created_at),
        "handle": lambda p, _: p.handle,
        "isGiftCard": lambda p, _: p.gift_card,
        "productType": lambda p, _: p.product_type,
        "status": lambda p, _: p.status,
        "tags": lambda p, _: p.tags,
        "title": lambda p, _: p.title,
        "updatedAt": lambda p, _: instant_text(p.updated_at),
        "vendor": lambda p, _: p.vendor,
    },
    "ProductVariant": identity("ProductVariant")
    | {"sku": lambda p, _: f"SKU-{p.id % 100_000}", "title": lambda _p, _: "Default Title"},
    "TaxonomyCategory": {
        "id": lambda p, _: f"gid://shopify/TaxonomyCategory/{p.category_id}",
        "fullName": lambda p, _: p.category,
        "isLeaf": lambda _p, _: True,
        "isRoot": lambda p, _: "-" not in p.category_id,
        "level": lambda p, _: p.category_id.count("-") + 1,
        "name": lambda p, _: p.category.rpartition(" > ")[2],
    },
    "Collection": identity("Collection")
    | {
        "handle": lambda c, _: c.handle,
        "title": lambda c, _: c.title,
        "updatedAt": lambda c, _: instant_text(c.updated_at),
    },
}
