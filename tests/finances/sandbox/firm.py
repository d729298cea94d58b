"""A business with nobody in it yet: tests sign people up and let time pass, without HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from finances.sandbox.business.business import Business
from finances.sandbox.business.signups import SignUp
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.events import Events
from finances.sandbox.engine.identifiers import Identifiers
from finances.sandbox.engine.store import Object, Store
from finances.sandbox.money.habits import Habits

DAY = 86_400
FIRST = int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp())


class Firm:
    """`first` is where it stands; months begin on the first at noon for whoever signs up then."""

    def __init__(self, at: int = FIRST) -> None:
        self.store = Store()
        ids = Identifiers(7)
        self.events = Events(self.store, ids)
        self.books = Books(self.store, self.events, ids, at)
        self.business = Business(self.books, 7, at)

    def join(self, plan: str, country: str = "US", currency: str | None = None, **more: object) -> Object:
        """Somebody steady of that country buys it: nothing happens to them by chance. Gives the subscription."""
        number = len(self.store.keys("customer"))
        person = self.business.people.named("Nora Quinn", f"nora{number}@quinn.example", country, currency)
        customer_id = self.business.sign_up(SignUp(person, plan, **{"steady": True, **more}))
        return self.subscription_of(customer_id)

    def subscription_of(self, customer_id: str) -> Object:
        return list(self.store.of_type("subscription", ("customer", customer_id)))[-1]

    def until(self, year: int, month: int, day: int, hour: int = 12, second: int = 0) -> None:
        self.business.run_until(int(datetime(year, month, day, hour, 0, second, tzinfo=UTC).timestamp()))

    def again(self, held: Object) -> Object:
        """The object as it is now."""
        return self.store[held["id"]]

    def invoices(self, subscription: Object) -> list[Object]:
        """Oldest first."""
        return list(self.store.of_type("invoice", ("subscription", subscription["id"])))

    def told(self, prefix: str = "") -> list[str]:
        """The types of the events so far, in their order."""
        return [each["type"] for each in self.store.of_type("event") if each["type"].startswith(prefix)]


REFUSES = Habits(refuses_after=1)
