"""The catalogue in the books: products, prices in every shape, meters. `goods` has the amounts."""

from __future__ import annotations

from functools import cached_property

from finances.sandbox.business.goods import CURRENCIES, METERS, PLANS_SOLD, SPECIALS, Special
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.catalogue import meter, price, product

PLANS = ("Berth", "Pier", "Harbour")
EXTRA = "Lighthouse"


class Shop:
    """Puts the catalogue into the books; `price` finds one by what it is, `special` one of the other shapes."""

    def __init__(self, books: Books) -> None:
        self._ids: dict[tuple[str, str, str], str] = {}
        self._plan_of: dict[str, tuple[str, str, str]] = {}
        self._books = books
        self.products: dict[str, str] = {}
        for plan in PLANS_SOLD:
            sold = self._product(plan.name, plan.description)
            for currency, monthly in zip(CURRENCIES, plan.monthly, strict=True):
                for interval, months in (("month", 1), ("year", 10)):
                    made = price(
                        books.new_id("price"),
                        books.at,
                        sold,
                        currency,
                        monthly * months,
                        interval,
                        nickname=f"{plan.name}, {interval}ly",
                        lookup_key=f"{plan.name.lower()}_{interval}_{currency}",
                    )
                    books.add(made, "price.created")
                    self._ids[(plan.name, currency, interval)] = made["id"]
                    if plan.name in PLANS:
                        self._plan_of[made["id"]] = (plan.name, currency, interval)
            books.change(sold, default_price=self._ids[(plan.name, "usd", "month")])
        self._meters = self._add_meters()
        for special in SPECIALS:
            self._add(special)
        self._retire()

    def price(self, name: str, currency: str, interval: str) -> Object:
        """A plan's price: `Pier`, eur, year."""
        return self._books.store[self._ids[(name, currency, interval)]]

    def special(self, key: str, currency: str) -> Object | None:
        """The price of that key (`fleet`, `tide`, ...), or None where it is not sold in the currency."""
        held = self._ids.get((key, currency, "special"))
        return self._books.store[held] if held else None

    @cached_property
    def sold(self) -> frozenset[tuple[str, str]]:
        """Which special is sold in which currency."""
        return frozenset((key, currency) for key, currency, interval in self._ids if interval == "special")

    def neighbour(self, price: Object, step: int) -> Object | None:
        """The next plan up (1) or down (-1), same currency and interval; None at the end, and for what is no plan."""
        found = self._plan_of.get(price["id"])
        if found is None:
            return None
        name, currency, interval = found
        place = PLANS.index(name) + step
        return self.price(PLANS[place], currency, interval) if 0 <= place < len(PLANS) else None

    def yearly(self, price: Object) -> Object | None:
        """The same plan by the year; None for one that is, and for what is no plan."""
        found = self._plan_of.get(price["id"])
        return self.price(found[0], found[1], "year") if found and found[2] == "month" else None

    def risen(self, price: Object) -> Object | None:
        """What a Pier by the month will cost; None for everything else."""
        found = self._plan_of.get(price["id"])
        return self.special("pier_rise", found[1]) if found and found[::2] == ("Pier", "month") else None

    def _product(self, name: str, description: str, unit_label: str | None = "seat") -> str:
        if name not in self.products:
            books = self._books
            made = product(books.new_id("prod"), books.at, name, description, unit_label)
            self.products[name] = books.add(made, "product.created")["id"]
        return self.products[name]

    def _add_meters(self) -> dict[str, str]:
        books, ids = self._books, {}
        for event_name, name in METERS.items():
            made = meter(books.new_id("mtr"), books.at, name, event_name)
            ids[event_name] = books.add(made, "billing.meter.created")["id"]
        return ids

    def _add(self, special: Special) -> None:
        books = self._books
        sold = self._product(special.product, special.description, special.unit_label)
        for currency in special.amounts or special.tiers or {}:
            made = price(
                books.new_id("price"),
                books.at,
                sold,
                currency,
                special.amounts[currency] if special.amounts else None,
                special.interval,
                tiers=special.tiers[currency] if special.tiers else (),
                tiers_mode=special.tiers_mode,
                package=special.package,
                meter=self._meters[special.meter] if special.meter else None,
                tax_behavior=special.tax_behavior,
                nickname=f"{special.product}, {special.interval or 'once'}",
                lookup_key=f"{special.key}_{currency}",
            )
            books.add(made, "price.created")
            self._ids[(special.key, currency, "special")] = made["id"]
        held = books.store[sold]
        if held["default_price"] is None:
            first = next(iter(special.amounts or special.tiers or {}))
            books.change(sold, default_price=self._ids[(special.key, first, "special")])

    def _retire(self) -> None:
        """A plan of earlier days: neither it nor its price is sold any more."""
        books = self._books
        old = self._product("Jetty", "Our first plan")
        made = books.add(price(books.new_id("price"), books.at, old, "usd", 1_250, "month"), "price.created")
        books.change(made["id"], "price.updated", active=False)
        books.change(old, "product.updated", active=False)
