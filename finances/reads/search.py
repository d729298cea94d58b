"""Plain words against `search_text`, which the mirror keeps casefolded and NFKC-normalised; so must the words be."""

import unicodedata
from typing import Any

from django.db.models import Q, QuerySet

from finances.models import Customer

MOST_WORDS = 8


def search_words(text: str) -> list[str]:
    """The words of a search as `search_text` spells them; at most eight, what PostgreSQL cannot hold taken out."""
    return unicodedata.normalize("NFKC", text.replace("\x00", " ")).casefold().split()[:MOST_WORDS]


def matching[Rows: QuerySet[Any]](rows: Rows, text: str) -> Rows:
    """Rows whose `search_text` contains every word. `icontains` would ask for UPPER(), which no index serves."""
    for word in search_words(text):
        rows = rows.filter(search_text__contains=word)
    return rows


def matching_with_customer[Rows: QuerySet[Any]](rows: Rows, text: str) -> Rows:
    """Rows of a customer's things: each word stands in the row's own `search_text` or in its customer's."""
    for word in search_words(text):
        owners = Customer.objects.filter(search_text__contains=word).values("pk")
        rows = rows.filter(Q(search_text__contains=word) | Q(customer_id__in=owners))
    return rows
