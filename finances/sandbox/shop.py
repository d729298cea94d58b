"""What the business sells: four products with a monthly and a yearly price in each of three currencies."""

from __future__ import annotations

from .books import Books
from .objects.catalogue import price, product
from .store import Object

CURRENCIES = ("usd", "eur", "jpy")

# Monthly amounts in minor units: dollars and euros have cents, yen do not. A year costs ten months.
GOODS = (
    ("Berth", "One desk for one person", {"usd": 1_900, "eur": 1_700, "jpy": 2_800}),
    ("Pier", "For small teams", {"usd": 4_900, "eur": 4_500, "jpy": 7_200}),
    ("Harbour", "For companies, with roles and audit", {"usd": 9_900, "eur": 9_100, "jpy": 14_800}),
    ("Lighthouse", "Priority support, added to any plan", {"usd": 2_950, "eur": 2_750, "jpy": 4_400}),
)
PLANS = ("Berth", "Pier", "Harbour")
EXTRA = "Lighthouse"


class Shop:
    """Puts the catalogue into the books; `price` finds one by what it is."""

    def __init__(self, books: Books) -> None:
        self._ids: dict[tuple[str, str, str], str] = {}
        self._books = books
        for name, description, amounts in GOODS:
            sold = books.add(product(books.new_id("prod"), books.at, name, description), "product.created")
            for currency in CURRENCIES:
                for interval, months in (("month", 1), ("year", 10)):
                    amount = amounts[currency] * months
                    made = price(books.new_id("price"), books.at, sold["id"], currency, amount, interval)
                    books.add(made, "price.created")
                    self._ids[(name, currency, interval)] = made["id"]
            books.change(sold["id"], default_price=self._ids[(name, "usd", "month")])
        self._retire(books)

    def price(self, name: str, currency: str, interval: str) -> Object:
        return self._books.store[self._ids[(name, currency, interval)]]

    def _retire(self, books: Books) -> None:
        """A plan of earlier days: neither it nor its price is sold any more."""
        old = books.add(product(books.new_id("prod"), books.at, "Jetty", "Our first plan"), "product.created")
        made = books.add(price(books.new_id("price"), books.at, old["id"], "usd", 1_250, "month"), "price.created")
        books.change(made["id"], "price.updated", active=False)
        books.change(old["id"], "product.updated", active=False)
