"""Tax rates of the countries that the business collects in, and what its customers' tax ids look like."""

from __future__ import annotations

import random

from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.taxes import tax_id, tax_rate

# Country, name, percentage, inclusive, type, state. Canada's two stand side by side on one line.
RATES: tuple[tuple[str, str, float, bool, str, str | None], ...] = (
    ("GB", "VAT", 20.0, False, "vat", None),
    ("GB", "VAT", 20.0, True, "vat", None),
    ("DE", "MwSt.", 19.0, False, "vat", None),
    ("FR", "TVA", 20.0, False, "vat", None),
    ("ES", "IVA", 21.0, False, "vat", None),
    ("IT", "IVA", 22.0, True, "vat", None),
    ("PL", "VAT", 23.0, False, "vat", None),
    ("GR", "ΦΠΑ", 24.0, False, "vat", None),
    ("FI", "ALV", 25.5, False, "vat", None),
    ("JP", "消費税", 10.0, True, "jct", None),
    ("AU", "GST", 10.0, True, "gst", None),
    ("IN", "GST", 18.0, False, "gst", None),
    ("CA", "GST", 5.0, False, "gst", None),
    ("CA", "QST", 9.975, False, "qst", "QC"),
    ("US", "Sales tax", 8.25, False, "sales_tax", "TX"),
)

# A digit for each #, by country.
NUMBERS = {
    "GB": ("gb_vat", "GB#########"),
    "DE": ("eu_vat", "DE#########"),
    "FR": ("eu_vat", "FR###########"),
    "ES": ("eu_vat", "ESB########"),
    "IT": ("eu_vat", "IT###########"),
    "PL": ("eu_vat", "PL##########"),
    "GR": ("eu_vat", "EL#########"),
    "FI": ("eu_vat", "FI########"),
    "JP": ("jp_cn", "#############"),
    "AU": ("au_abn", "###########"),
    "IN": ("in_gst", "27AAACH####K1Z#"),
    "CA": ("ca_bn", "#########"),
    "US": ("us_ein", "##-#######"),
    "KR": ("kr_brn", "###-##-#####"),
    "AE": ("ae_trn", "###############"),
    "IL": ("il_vat", "#########"),
    "TH": ("th_vat", "#############"),
    "GE": ("ge_vat", "#########"),
    "UA": ("ua_vat", "############"),
    "TR": ("tr_tin", "##########"),
    "BR": ("br_cnpj", "##.###.###/####-##"),
    "TW": ("tw_vat", "########"),
}
EUROPEAN_UNION = frozenset({"DE", "FR", "ES", "IT", "PL", "GR", "FI"})


class Taxes:
    """Puts the rates into the books; remembers the tax ids that invoices repeat."""

    def __init__(self, books: Books, rng: random.Random) -> None:
        self._books = books
        self._rng = rng
        self._rates: dict[tuple[str, bool], list[tuple[str, str | None]]] = {}
        self._ids: dict[str, list[Object]] = {}
        for country, name, percentage, inclusive, kind, state in RATES:
            made = tax_rate(books.new_id("txr"), books.at, name, percentage, inclusive, country, kind, state)
            books.add(made, "tax_rate.created")
            self._rates.setdefault((country, inclusive), []).append((made["id"], state))

    def rates_for(self, address: Object, inclusive: bool | None = None) -> list[Object]:
        """What is charged at that address. `inclusive` None: as the country usually writes its prices."""
        country, state = address["country"], address["state"]
        kinds = (False, True) if inclusive is None else (inclusive,)
        named = next((self._rates[(country, kind)] for kind in kinds if (country, kind) in self._rates), [])
        store = self._books.store
        return [store[rate] for rate, only_in in named if only_in is None or only_in == state]

    def give_id(self, customer_id: str, country: str) -> None:
        """A tax id as that country writes it; nothing where none is kept."""
        if country not in NUMBERS:
            return
        books, rng = self._books, self._rng
        kind, shape = NUMBERS[country]
        value = "".join(str(rng.randrange(10)) if letter == "#" else letter for letter in shape)
        name = books.store[customer_id]["name"] if rng.random() < 0.7 else None
        books.add(
            tax_id(books.new_id("txi"), books.at, customer_id, country, kind, value, name), "customer.tax_id.created"
        )
        self._ids.setdefault(customer_id, []).append({"type": kind, "value": value})

    def ids_of(self, customer_id: str) -> list[Object]:
        """As an invoice shows them."""
        return self._ids.get(customer_id, [])
