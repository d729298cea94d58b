"""The balance at Stripe: what each charge, refund and dispute did to it, and the payouts to the bank.

Every currency is settled in itself. At each midnight money becomes available; on weekdays what is available goes to
the bank, once a week (on Monday) in the smaller currencies. A payout is exactly the sum of the nets of the
transactions tied to it; its own transaction is tied to none.
"""

from __future__ import annotations

from datetime import UTC, datetime

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object
from finances.sandbox.objects import ledger

RATES = {"usd": (290, 30), "eur": (150, 25), "gbp": (150, 20), "jpy": (360, 0), "kwd": (390, 90)}
PAID_DAILY = ("eur", "usd")
SETTLES = {"card": 2, "link": 2, "sepa_debit": 1, "us_bank_account": 1}  # days from success to available
BILLING_RATE = 70  # of ten thousand: what the billing software itself takes of a month's volume
FAILS = 397, 11  # of so many payouts in a row, this one fails
MONDAY, SATURDAY = 0, 5


def fee_for(kind: str, amount: int, currency: str) -> int:
    """What taking a payment costs, in minor units: a share, rounded half up, and a fixed part."""
    if kind == "sepa_debit":
        return 35
    if kind == "us_bank_account":
        return min(_share(amount, 80), 500)
    rate, fixed = RATES.get(currency, (290, 30))
    return _share(amount, rate) + fixed


def _share(amount: int, rate: int) -> int:
    return (amount * rate + 5_000) // 10_000


class Ledger:
    """`available` and `pending` are the balance by currency, in minor units."""

    def __init__(self, books: Books, agenda: Agenda) -> None:
        self._books = books
        self._agenda = agenda
        self.available: dict[str, int] = {}
        self.pending: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[int, str, int]]] = {}  # available on, id, net
        self._free: dict[str, list[tuple[str, int]]] = {}  # available and not paid out: id, net
        self._volume: dict[str, int] = {}
        self._banks: dict[str, str] = {}
        self._payouts = 0
        midnight = books.at - books.at % DAY + DAY
        agenda.plan(midnight, self._midnight, midnight)

    def take(self, kind: str, charge_id: str, amount: int, currency: str, description: str | None) -> Object:
        """A payment by a method of that kind, less its fee."""
        self._volume[currency] = self._volume.get(currency, 0) + amount
        card = kind == "card"
        fee = fee_for(kind, amount, currency)
        name = "charge" if card else "payment"
        return self.enter(name, "charge", amount, currency, charge_id, fee, SETTLES[kind], description)

    def enter(
        self,
        kind: str,
        category: str,
        amount: int,
        currency: str,
        source: str | None,
        fee: int = 0,
        days: int = 0,
        description: str | None = None,
        fee_name: str = "Stripe processing fees",
    ) -> Object:
        """Available at the midnight before the `days`-th day from now is over; at once with 0."""
        books = self._books
        available_on = books.at - books.at % DAY + days * DAY if days else books.at
        status = "pending" if days else "available"
        made = books.add(
            ledger.balance_transaction(
                books.new_id("txn"),
                books.at,
                kind,
                amount,
                currency,
                source,
                fee,
                fee_name,
                available_on,
                status,
                category,
                description,
            )
        )
        net = amount - fee
        held = self.pending if days else self.available
        held[currency] = held.get(currency, 0) + net
        if days:
            self._waiting.setdefault(currency, []).append((available_on, made["id"], net))
        elif kind != "payout":
            self._free.setdefault(currency, []).append((made["id"], net))
        return made

    def _midnight(self, midnight: int) -> None:
        self._agenda.plan(midnight + DAY, self._midnight, midnight + DAY)
        day = datetime.fromtimestamp(midnight, UTC)
        if day.day == 1:
            self._charge_for_billing(datetime.fromtimestamp(midnight - DAY, UTC))
        for currency in sorted({*self._waiting, *self._free}):
            self._make_available(currency, midnight)
            if day.weekday() == MONDAY or (currency in PAID_DAILY and day.weekday() < SATURDAY):
                self._pay_out(currency)

    def _charge_for_billing(self, month: datetime) -> None:
        for currency, volume in sorted(self._volume.items()):
            fee = _share(volume, BILLING_RATE)
            if fee:
                text = f"Billing - Usage Fee ({month:%Y-%m})"
                self.enter("stripe_fee", "fee", -fee, currency, None, description=text)
        self._volume.clear()

    def _make_available(self, currency: str, midnight: int) -> None:
        waiting = self._waiting.get(currency, [])
        due = [each for each in waiting if each[0] <= midnight]
        if not due:
            return
        self._waiting[currency] = [each for each in waiting if each[0] > midnight]
        free = self._free.setdefault(currency, [])
        for _, transaction_id, net in due:
            if transaction_id in self._books.store:
                self._books.change(transaction_id, status="available")
            free.append((transaction_id, net))
            self.pending[currency] -= net
            self.available[currency] = self.available.get(currency, 0) + net

    def _pay_out(self, currency: str) -> None:
        """Nothing while the balance is negative: the next payments make up for it."""
        books = self._books
        amount = sum(net for _, net in self._free.get(currency, []))
        if amount <= 0:
            return
        bank = self._banks.get(currency) or self._banks.setdefault(currency, books.new_id("ba"))
        payout_id = books.new_id("po")
        own = self.enter("payout", "payout", -amount, currency, payout_id, description="STRIPE PAYOUT")
        arrives = books.at + (2 if datetime.fromtimestamp(books.at, UTC).weekday() < 3 else 4) * DAY
        books.add(ledger.payout(payout_id, books.at, amount, currency, arrives, bank, own["id"]), "payout.created")
        for transaction_id, _ in self._free.pop(currency):
            if transaction_id in books.store:
                books.store.tie(transaction_id, "payout", payout_id)
        self._payouts += 1
        fails = self._payouts % FAILS[0] == FAILS[1]
        self._agenda.plan(arrives, self._fail if fails else self._arrive, payout_id)

    def _arrive(self, payout_id: str) -> None:
        books = self._books
        if payout_id not in books.store:
            return
        trace = {"status": "supported", "value": f"{books.at % 10**9:09}{books.store[payout_id]['amount'] % 10**6:06}"}
        changed = {"status": "paid", "reconciliation_status": "completed", "trace_id": trace}
        books.change(payout_id, "payout.updated", "payout.paid", "payout.reconciliation_completed", **changed)

    def _fail(self, payout_id: str) -> None:
        """The bank sent it back: the money is in the balance again, and goes with the next payout."""
        books = self._books
        if payout_id not in books.store:
            return
        held = books.store[payout_id]
        back = self.enter("payout_failure", "payout_reversal", held["amount"], held["currency"], payout_id)
        books.change(
            payout_id,
            "payout.updated",
            "payout.failed",
            failure_balance_transaction=back["id"],
            failure_code="could_not_process",
            failure_message="The bank could not process this payout.",
            status="failed",
            reconciliation_status="completed",
        )
