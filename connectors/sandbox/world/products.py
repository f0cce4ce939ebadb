"""Making the catalogue."""

from __future__ import annotations

from connectors.sandbox.world.making import DAY, Maker
from connectors.sandbox.world.records import Collection, Product
from connectors.sandbox.world.words import ADJECTIVES, COLLECTIONS, VENDORS, WARES


def make_collections(maker: Maker) -> list[Collection]:
    """Return the shop's collections."""
    founded = maker.now - 1200 * DAY
    return [
        Collection(
            id=maker.id("Collection"), title=title, handle=title.lower().replace(" ", "-"), updated_at=founded + n
        )
        for n, title in enumerate(COLLECTIONS)
    ]


def make_products(maker: Maker, number: int, collections: list[Collection]) -> list[Product]:
    """Return `number` products, of which some are in no collection and a few are no longer sold."""
    return [_product(maker, n, collections) for n in range(number)]


def _product(maker: Maker, n: int, collections: list[Collection]) -> Product:
    ware = WARES[n % len(WARES)]
    title = f"{maker.pick(ADJECTIVES)} {ware.product_type} No. {n + 1}"
    created_at = maker.now - maker.between(400, 1200) * DAY - maker.between(0, DAY)
    chosen = {maker.favourite(collections).id for _ in range(maker.between(0, 4))}
    return Product(
        id=maker.id("Product"),
        created_at=created_at,
        updated_at=created_at + maker.between(0, maker.now - created_at - DAY),
        title=title,
        handle=title.lower().replace(" ", "-").replace(".", ""),
        vendor=VENDORS[(n // 3) % len(VENDORS)],
        product_type=ware.product_type,
        price=ware.price + 100 * maker.between(-3, 9),
        category_id=ware.category_id,
        category=ware.category,
        status=maker.pick(("ACTIVE",) * 18 + ("ARCHIVED", "DRAFT")),
        gift_card=ware.product_type == "Gift card",
        tags=tuple(sorted({maker.pick(("new", "eco", "Limited", "staff pick")) for _ in range(maker.between(0, 3))})),
        collection_ids=tuple(sorted(chosen)),
    )
