"""The methods that customers pay with: how they come, which one is charged, how they are replaced."""

from __future__ import annotations

import random
import time

from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object, subscription_of
from finances.sandbox.money.habits import Habits
from finances.sandbox.objects import methods
from finances.sandbox.objects.declines import DECLINES, POOR, WRONG_CVC
from finances.sandbox.objects.payments import DEBITS
from finances.sandbox.objects.setup import setup_intent

BRANDS = ("visa", "mastercard", "amex", "discover", "jcb", "diners", "unionpay")
BRANDS_ABROAD = (54, 36, 7, 0, 1, 1, 1)
BRANDS_AT = {"US": (50, 28, 14, 8, 0, 0, 0), "JP": (40, 22, 6, 0, 30, 2, 0), "TW": (50, 30, 2, 0, 15, 0, 3)}
BANKS = (("STRIPE TEST BANK", "110000000"), ("HARBOR SAVINGS", "122199983"), ("FIRST MESA BANK", "307088754"))
SEPA_COUNTRIES = ("AT", "BE", "DE", "ES", "FI", "FR", "GR", "IE", "IT", "NL", "PT")
DEBITED = {"eur": 0.12, "usd": 0.1}  # how many pay by bank debit
LINK = 0.06


class Cards:
    """Decides by chance for everybody whose habits are not quiet."""

    def __init__(self, books: Books, rng: random.Random) -> None:
        self._books = books
        self._rng = rng
        self._lapsed: set[str] = set()  # expired cards of which the bank tells nobody the new date

    def add(self, customer_id: str, habits: Habits, attached: bool = True) -> Object:
        """A method by the customer's habits; an attached one becomes the customer's default."""
        books, rng = self._books, self._rng
        customer = books.store[customer_id]
        kind = habits.method if attached else "card"
        if attached and kind == "card" and not habits.quiet:
            kind = self._by_chance(customer)
        made = self._method(customer, kind, attached, habits)
        if not attached:
            return books.add(made)
        if not habits.quiet and rng.random() < 0.05:
            self._try_in_vain(customer, made)
        self._keep(customer, made)
        self._make_default(customer_id, made["id"])
        if habits.refusing is None:
            habits.refusing = made["id"]
        if habits.backup is None and (habits.backup_card or (not habits.quiet and rng.random() < 0.07)):
            second = self._method(customer, "card", True, habits)
            self._keep(customer, second)
            habits.backup = second["id"]
        return made

    def to_charge(self, invoice: Object, customer: Object, habits: Habits) -> Object:
        """The subscription's own method comes before the customer's; without any, one is typed in."""
        books = self._books
        subscription_id = subscription_of(invoice)
        subscription = books.store.get(subscription_id) if subscription_id else None
        for named in (
            invoice["default_payment_method"],
            subscription and subscription["default_payment_method"],
            customer["invoice_settings"]["default_payment_method"],
        ):
            held = books.store.get(named) if named else None
            if held is not None and held["customer"] == customer["id"]:
                return self._renewed(held, habits)
        return self.add(customer["id"], habits, attached=False)

    def replace(self, customer_id: str, habits: Habits, subscription_id: str | None) -> Object:
        """A new default: the second card, or one just added. Now and then a subscription keeps naming the old one."""
        books, rng = self._books, self._rng
        customer = books.store[customer_id]
        old = customer["invoice_settings"]["default_payment_method"]
        second = books.store.get(habits.backup) if habits.backup else None
        if second is not None and second["customer"] == customer_id and second["id"] != old:
            new = second
        else:
            new = self._method(customer, "card", True, habits)
            self._keep(customer, new)
        self._make_default(customer_id, new["id"])
        subscription = books.store.get(subscription_id) if subscription_id else None
        named = subscription["default_payment_method"] if subscription else None
        if subscription is not None and named is not None and rng.random() < 0.6:
            books.change(subscription["id"], "customer.subscription.updated", default_payment_method=new["id"])
            named = new["id"]
        if old is not None and old not in (named, habits.backup, new["id"]) and rng.random() < 0.5:
            books.change(old, "payment_method.detached", customer=None)
        return new

    def prefer(self, method: Object, subscription_id: str) -> None:
        """The subscription names its method itself from now on."""
        if method["customer"] is not None and subscription_id in self._books.store:
            changed = {"default_payment_method": method["id"]}
            self._books.change(subscription_id, "customer.subscription.updated", **changed)

    def expired(self, method: Object) -> bool:
        if method["type"] != "card":
            return False
        today = time.gmtime(self._books.at)
        return (method["card"]["exp_year"], method["card"]["exp_month"]) < (today.tm_year, today.tm_mon)

    def _renewed(self, method: Object, habits: Habits) -> Object:
        """Most banks tell the new date of an expired card."""
        if not self.expired(method) or method["id"] in self._lapsed:
            return method
        if not habits.quiet and self._rng.random() < 0.3:
            self._lapsed.add(method["id"])
            return method
        year = time.gmtime(self._books.at).tm_year
        card = {**method["card"], "exp_year": year + 3 + self._rng.randrange(2)}
        return self._books.change(method["id"], "payment_method.automatically_updated", card=card)

    def _by_chance(self, customer: Object) -> str:
        currency, country = customer["currency"], customer["address"]["country"]
        if currency is None:
            currency = "eur" if country in SEPA_COUNTRIES else "usd" if country == "US" else None
        draw = self._rng.random()
        if currency == "usd" and country != "US":
            return "link" if draw < LINK else "card"
        debited = DEBITED.get(currency or "", 0.0)
        if draw < debited:
            return DEBITS[str(currency)]
        return "link" if currency in DEBITS and draw < debited + LINK else "card"

    def _method(self, customer: Object, kind: str, attached: bool, habits: Habits) -> Object:
        books, rng = self._books, self._rng
        country = customer["address"]["country"] or "US"
        last4 = f"{rng.randrange(10_000):04}"
        fingerprint = books.ids.letters(16)
        details: Object = {}
        if kind == "sepa_debit":
            at = country if country in SEPA_COUNTRIES else "DE"
            details = methods.sepa_debit(last4, at, f"{rng.randrange(10**7, 10**8)}", fingerprint)
        elif kind == "us_bank_account":
            bank, routing = rng.choice(BANKS)
            company = customer["name"].endswith((".", "LLC", "Inc", "Ltd"))
            details = methods.us_bank_account(last4, bank, routing, fingerprint, company)
        elif kind == "link":
            details = {"email": customer["email"]}
        else:
            brand = rng.choices(BRANDS, BRANDS_AT.get(country, BRANDS_ABROAD))[0]
            funding = rng.choices(("credit", "debit", "prepaid"), (60, 34, 6))[0]
            ahead = rng.randrange(18, 58) if habits.quiet else rng.randrange(2, 52)
            today = time.gmtime(books.at)
            month = today.tm_mon - 1 + ahead
            wallet = None if habits.quiet else rng.choices((None, "apple_pay", "google_pay"), (86, 8, 6))[0]
            if rng.random() < 0.05:
                country = rng.choice(("US", "GB", "DE", "FR", "IE"))
            details = methods.card(
                brand,
                last4,
                month % 12 + 1,
                today.tm_year + month // 12,
                country,
                funding,
                fingerprint,
                bool(customer["address"]["postal_code"]),
                wallet,
            )
        return methods.payment_method(books.new_id("pm"), books.at, customer, kind, details, attached)

    def _keep(self, customer: Object, method: Object) -> None:
        books = self._books
        books.add(method, "payment_method.attached")
        made = setup_intent(
            books.new_id("seti"), books.at, customer["id"], method, method["type"], books.ids.letters(25)
        )
        books.add(made, "setup_intent.created", "setup_intent.succeeded")

    def _try_in_vain(self, customer: Object, method: Object) -> None:
        """Somebody mistypes the card, or leaves when their bank asks."""
        books, rng = self._books, self._rng
        if method["type"] != "card":
            return
        setup_id, secret = books.new_id("seti"), books.ids.letters(25)
        if rng.random() < 0.3:
            made = setup_intent(setup_id, books.at, customer["id"], method, "card", secret, "requires_action")
            books.add({**made, "payment_method": None}, "setup_intent.created", "setup_intent.requires_action")
            return
        decline = rng.choice((WRONG_CVC, WRONG_CVC, POOR, DECLINES[0]))
        stranger = {**method, "id": books.new_id("pm"), "customer": None, "allow_redisplay": "unspecified"}
        failed = "requires_payment_method"
        made = setup_intent(setup_id, books.at, customer["id"], stranger, "card", secret, failed, decline)
        books.add(made, "setup_intent.created", "setup_intent.setup_failed")

    def _make_default(self, customer_id: str, method_id: str) -> None:
        settings = self._books.store[customer_id]["invoice_settings"]
        changed = {**settings, "default_payment_method": method_id}
        self._books.change(customer_id, "customer.updated", invoice_settings=changed)
