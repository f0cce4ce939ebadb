"""The words that a world is made of. Addresses lie under `.example`, which nobody can own (RFC 2606)."""

from __future__ import annotations

from typing import NamedTuple

FIRST_NAMES = (
    "Anna Ben Carla David Elif Finn Grace Hugo Ines Jonas Karine Łukasz Mei Noah Olga Paul Quinn Rosa Samir Tara "
    "Uwe Vera Wim Xenia Yusuf Zoë José Chloé Søren Björn Aoife Ngozi"
).split()
LAST_NAMES = (
    "Adler Brown Costa Dubois Eriksen Fischer García Haas Ivanova Jensen Kowalski Lopez Müller Nakamura O'Brien "
    "Petrov Quist Rossi Schmidt Tremblay Ueda Vogel Weber Xu Yılmaz Zimmer D'Angelo McKay Nguyễn Okafor"
).split()
MAIL_HOSTS = ("inbox.example", "post.example", "webmail.example", "works.example", "uni.example")
LOCALES = ("en", "en", "en", "de", "fr", "en-CA", "ja", "nl")
MERCHANT_TAGS = (
    "VIP",
    "wholesale",
    "B2B",
    "Newsletter 2024",
    "press",
    "été",
    "💎 Diamond",
    'said "hello"',
    "O'Reilly's friends",
    "DO NOT CALL",
    "loyal;gold",
    "mixed Case-Tag",
)
ORDER_TAGS = ("gift", "express", "Backorder", "phone order")
VENDORS = ("Alpenglow,Brass & Bone,Café Nord,Dune,Ember,Fjord Supply,Grove,Harbour,Iris & Co,Juniper,Kiln,Lumen").split(
    ","
)
ADJECTIVES = "Amber Bold Cedar Daily Easy Fine Grand Hemp Indigo Jade Linen Misty Nordic Olive Plain".split()


class Place(NamedTuple):
    """A city with its place on the globe, and an example of its postal codes."""

    city: str
    province: str | None
    province_code: str | None
    country: str
    country_code: str
    zip: str
    latitude: float
    longitude: float


class Ware(NamedTuple):
    """A type of product, its taxonomy category, and its usual price in hundredths."""

    product_type: str
    category_id: str | None
    category: str | None
    price: int


PLACES = (
    Place("Toronto", "Ontario", "ON", "Canada", "CA", "M5H 1A1", 43.651, -79.383),
    Place("Ottawa", "Ontario", "ON", "Canada", "CA", "K2P 2L8", 45.418, -75.695),
    Place("Montréal", "Quebec", "QC", "Canada", "CA", "H2X 1Y4", 45.509, -73.568),
    Place("Vancouver", "British Columbia", "BC", "Canada", "CA", "V6B 1A1", 49.282, -123.121),
    Place("New York", "New York", "NY", "United States", "US", "10001", 40.750, -73.997),
    Place("Seattle", "Washington", "WA", "United States", "US", "98104", 47.603, -122.330),
    Place("Los Angeles", "California", "CA", "United States", "US", "90012", 34.061, -118.239),
    Place("Austin", "Texas", "TX", "United States", "US", "73301", 30.267, -97.743),
    Place("Berlin", None, None, "Germany", "DE", "10115", 52.532, 13.385),
    Place("München", None, None, "Germany", "DE", "80331", 48.135, 11.573),
    Place("Paris", None, None, "France", "FR", "75001", 48.862, 2.336),
    Place("Lyon", None, None, "France", "FR", "69001", 45.767, 4.834),
    Place("London", "England", "ENG", "United Kingdom", "GB", "SW1A 1AA", 51.501, -0.142),
    Place("Amsterdam", None, None, "Netherlands", "NL", "1012", 52.373, 4.893),
    Place("Tokyo", "Tokyo", "JP-13", "Japan", "JP", "100-0001", 35.684, 139.752),
    Place("Sydney", "New South Wales", "NSW", "Australia", "AU", "2000", -33.868, 151.209),
)
WARES = (
    Ware("Coffee", "fb-1-3", "Food, Beverages & Tobacco > Beverages > Coffee", 1290),
    Ware("Tea", "fb-1-12", "Food, Beverages & Tobacco > Beverages > Tea & Infusions", 890),
    Ware("Mug", "hg-11-4-4", "Home & Garden > Kitchen & Dining > Tableware > Drinkware", 1650),
    Ware("Shirt", "aa-1-13", "Apparel & Accessories > Clothing > Clothing Tops", 3900),
    Ware("Scarf", "aa-2-26", "Apparel & Accessories > Clothing Accessories > Scarves & Shawls", 4500),
    Ware("Lamp", "hg-13-2", "Home & Garden > Lighting > Lamps", 8900),
    Ware("Notebook", "os-9-3", "Office Supplies > Paper Products > Notebooks & Notepads", 1190),
    Ware("Bike light", "sg-4-17-2-17", "Sporting Goods > Outdoor Recreation > Cycling > Bicycle Lights", 2990),
    Ware("Candle", None, None, 1990),
    Ware("Gift card", "gc", "Gift Cards", 5000),
)
COLLECTIONS = "Summer,Winter,New in,Bestsellers,Sale,Gifts under 20,Home,On the road,Kitchen,Archive".split(",")
