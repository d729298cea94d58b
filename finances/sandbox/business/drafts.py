"""Invoices as they are drawn up: lines of a subscription's items and of what else is pending, discounts, taxes."""

from __future__ import annotations

from finances.sandbox.business.deductions import discounted, taxed, totals
from finances.sandbox.business.discounts import Discounts
from finances.sandbox.business.pricing import Piece, pieces
from finances.sandbox.business.taxes import Taxes
from finances.sandbox.business.usage import used
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object
from finances.sandbox.objects import billing
from finances.sandbox.objects.invoice_items import line_of_invoice_item

EXEMPT = ("exempt", "reverse")


class Drafts:
    def __init__(self, books: Books, account: Object, discounts: Discounts, taxes: Taxes) -> None:
        self._books = books
        self._account = account
        self._discounts = discounts
        self._taxes = taxes
        self._pending: dict[str, list[str]] = {}

    def of_subscription(self, subscription: Object, reason: str, period: tuple[int, int]) -> Object:
        """A draft that is not in the books yet: what is due in advance, what was used in `period`, what is pending
        (unless it only looks ahead, `upcoming`)."""
        ahead = reason == "upcoming"
        invoice_id = "upcoming" if ahead else self._books.new_id("in")
        lines = [
            line
            for item in subscription["items"]["data"]
            for line in self._item_lines(invoice_id, subscription, item, period)
        ]
        if not ahead:
            lines += self.take_pending(subscription["customer"], invoice_id)
        return self.whole(invoice_id, subscription, subscription["customer"], lines, reason, period)

    def whole(
        self,
        invoice_id: str,
        subscription: Object | None,
        customer_id: str,
        lines: list[Object],
        reason: str,
        period: tuple[int, int],
        days_until_due: int | None = None,
    ) -> Object:
        """The draft with these lines, less discounts, with taxes."""
        customer = self._books.store[customer_id]
        currency = subscription["currency"] if subscription else lines[0]["currency"]
        applied, shown = self._discounts.applied(subscription, customer)
        rates = subscription["default_tax_rates"] if subscription else []
        if applied:
            lines = discounted(lines, applied, currency)
        if rates and customer["tax_exempt"] not in EXEMPT:
            own = {item["id"]: item["tax_rates"] for item in subscription["items"]["data"]} if subscription else {}
            lines = taxed(lines, rates, own)
        due = subscription["days_until_due"] if subscription else days_until_due
        draft = billing.invoice(
            invoice_id,
            self._books.at,
            self._account,
            customer,
            currency,
            lines,
            reason,
            period,
            subscription,
            due,
        )
        draft["customer_tax_ids"] = self._taxes.ids_of(customer_id)
        if applied or rates:
            draft.update(totals(lines), default_tax_rates=rates, discounts=shown)
        return draft

    def hold(self, invoice_item: Object) -> None:
        """Into the books, and on the customer's next invoice."""
        self._books.add(invoice_item, "invoiceitem.created")
        self._pending.setdefault(invoice_item["customer"], []).append(invoice_item["id"])

    def is_pending(self, customer_id: str) -> bool:
        return bool(self._pending.get(customer_id))

    def take_pending(self, customer_id: str, invoice_id: str) -> list[Object]:
        """What waited for the customer's next invoice, as lines of this one."""
        books = self._books
        lines = []
        for invoice_item_id in self._pending.pop(customer_id, ()):
            if invoice_item_id in books.store:
                held = books.change(invoice_item_id, invoice=invoice_id)
                lines.append(line_of_invoice_item(books.new_id("il"), invoice_id, held))
        return lines

    def _item_lines(self, invoice_id: str, subscription: Object, item: Object, period: tuple[int, int]) -> list[Object]:
        price = item["price"]
        name = self._books.store[price["product"]]["name"]
        covers = (item["current_period_start"], item["current_period_end"])
        if price["recurring"]["usage_type"] == "metered":
            covers = period  # in arrears; nothing was used before the first period
            parts = pieces(price, used(item, *period), name)
        else:
            parts = pieces(price, item["quantity"], name)
        if subscription["status"] == "trialing":
            parts = [Piece(0, item.get("quantity", 0), "0", f"Trial period for {name}")]
        return [self._line(invoice_id, item, part, covers) for part in parts]

    def _line(self, invoice_id: str, item: Object, part: Piece, covers: tuple[int, int]) -> Object:
        # A preview draws no ids: whether there is one must not change what comes after it.
        line_id = f"il_tmp_{item['id'][3:]}" if invoice_id == "upcoming" else self._books.new_id("il")
        currency = item["price"]["currency"]
        made = billing.line(line_id, invoice_id, currency, part.amount, part.text, part.quantity, covers)
        return {**made, **billing.of_item(item, part.unit_amount)}
