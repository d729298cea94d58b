"""Plain words against `search_text`, which the mirror keeps folded (`finances.folding`); so must the words be.

A list is asked for many things at once, its page, its tabs, its sums, and none of them should search anew: what the
words mean is looked up once. Where that is little it is ids; where it is much, a condition, which enough of the newest
rows fulfil for a page, and which nobody counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from finances.folding import folded
from finances.models import Charge, Customer, FormerEmail

MOST_WORDS = 8
MOST_FOUND = 500
LEAST_OF_A_PHONE = 6
"""Digits of a telephone number that mean it; fewer are a card's or an invoice's, and stand in many a number."""
IN_A_PHONE = re.compile(r"[\d()+./-]+")


@dataclass(frozen=True)
class Found:
    """`ids`: of all rows that the words mean, None where there are more than five hundred. `few`: there are not, or a
    condition finds them as soon."""

    condition: Q
    ids: frozenset[str] | None
    few: bool = False

    @property
    def is_broad(self) -> bool:
        return self.ids is None and not self.few

    @property
    def rows(self) -> Q:
        return self.condition if self.ids is None else Q(pk__in=self.ids)


def search_words(text: str) -> list[str]:
    """The words of a search as `search_text` spells them; at most eight, what PostgreSQL cannot hold taken out."""
    text = text.replace("\x00", " ")
    # An accent alone folds to nothing, and is then looked for in vain, where no word would mean every row.
    return (folded(text).split() or text.split())[:MOST_WORDS]


def matching[Rows: QuerySet[Any]](rows: Rows, text: str) -> Rows:
    """Rows whose `search_text` contains every word."""
    return rows.filter(holding(search_words(text)))


def holding(words: Sequence[str]) -> Q:
    """Every word. `icontains` would ask for UPPER(), which no index serves."""
    condition = Q()
    for word in words:
        condition &= Q(search_text__contains=word)
    return condition


def found_in(rows: QuerySet[Any], text: str) -> Found:
    """Rows whose own `search_text` contains every word. One query."""
    condition = holding(search_words(text))
    return _found(condition, rows.filter(condition).values_list("pk"))


def found_customers(customers: QuerySet[Any], text: str) -> Found:
    """Customers by e-mail, name, id and telephone number, however that is written. One query."""
    condition = _of_customer(search_words(text))
    return _found(condition, customers.filter(condition).values_list("pk"))


def found_by_phone(customer: Customer, text: str) -> bool:
    """Whether one that the words found has them in its telephone number alone. No query."""
    elsewhere = folded(f"{customer.email} {customer.name} {customer.id}")
    return not all(word in elsewhere for word in search_words(text))


def with_phone(number: str) -> Q:
    """Customers who have these digits in their telephone number, however it is written."""
    digits = dialled_from_anywhere(number)
    # `search_text` has the index, and holds other digits too.
    return holding([digits]) & Q(phone__regex=r"\D*".join(digits)) if digits else Q(pk__in=())


def dialled_from_anywhere(number: str) -> str:
    """The digits that are the same at home (`030 5550`) and from abroad (`0049 30 5550`, `+49 (0)30 5550`)."""
    return re.sub(r"\D", "", number.replace("(0)", "")).lstrip("0")


def found_customers_ever(customers: QuerySet[Any], text: str) -> Found:
    """The same, and those that had an e-mail before which is one of the words, as a whole. One query."""
    words = search_words(text)
    parts = [_of_customer(words)]
    for email in dict.fromkeys(word for word in words if "@" in word):
        had = Q(pk__in=FormerEmail.objects.filter(email=email).values("customer_id"))
        parts.append(had & holding([word for word in words if word != email]))
    return _found(_any(parts), *(customers.filter(part).values_list("pk") for part in parts))


def found_with_customer(rows: QuerySet[Any], text: str) -> Found:
    """Rows of a customer's things: each word stands in the row's own `search_text` or in its customer's. One query."""
    parts = _parts(search_words(text))
    return _found(_any(parts), *(rows.filter(part).values_list("pk") for part in parts))


def found_with_attempts(payments: QuerySet[Any], text: str) -> Found:
    """The same of payments, or the words stand in one of their attempts (id, last four digits). One query."""
    words = search_words(text)
    codes, names = _codes(words), _names(words)
    attempts = [(holding(words), Q())]
    if codes and names:
        attempts.append((holding(codes), _of_customers(names)))
    # Where that is much, row by row from the newest on: a set of all of them would have to be made first.
    by_row = [Exists(Charge.objects.filter(held, payment_intent_id=OuterRef("pk"))) & rest for held, rest in attempts]
    of_attempts = [
        Q(pk__in=Charge.objects.filter(held).exclude(payment_intent_id="").values("payment_intent_id")) & rest
        for held, rest in attempts
    ]
    parts = _parts(words)
    return _found(
        _any([*parts, *by_row]), *(payments.filter(part).values_list("pk") for part in [*parts, *of_attempts])
    )


def _parts(words: Sequence[str]) -> list[Q]:
    """Conditions that an index serves each: all words in the row, all in its customer, codes here and names there."""
    parts = [holding(words), _of_customers(words)]
    codes, names = _codes(words), _names(words)
    return [*parts, holding(codes) & _of_customers(names)] if codes and names else parts


def _codes(words: Sequence[str]) -> list[str]:
    """Ids, numbers, digits of a card: what stands in a row itself."""
    return [word for word in words if not word.isalpha()]


def _names(words: Sequence[str]) -> list[str]:
    return [word for word in words if word.isalpha()]


def _of_customers(words: Sequence[str]) -> Q:
    return Q(customer_id__in=Customer.objects.filter(_of_customer(words)).values("pk"))


def _of_customer(words: Sequence[str]) -> Q:
    """Words of a customer; where they are digits alone, a telephone number too, however it is written: also as it is
    dialled at home (`030 5550`) or from abroad (`0049 30 5550`, `+49 (0)30 5550`)."""
    digits = dialled_from_anywhere("".join(words))
    if not digits or not all(IN_A_PHONE.fullmatch(word) for word in words):
        return holding(words)
    if len(digits) >= LEAST_OF_A_PHONE:
        return holding(words) | holding([digits])
    condition = holding(words)
    for word in words:
        condition &= Q(email__icontains=word) | Q(name__icontains=word) | Q(id__icontains=word)
    return condition


def _any(parts: Sequence[Q]) -> Q:
    return Q(*parts, _connector=Q.OR)


def _found(condition: Q, *parts: QuerySet[Any, Any]) -> Found:
    # One after the other, and no further than it takes to know that there are too many; a row may come more than once.
    parts = tuple(each.order_by() for each in parts)
    ids = [row[0] for row in parts[0].union(*parts[1:], all=True)[: MOST_FOUND * len(parts) + 1]]
    distinct = frozenset(ids)
    return Found(condition, distinct if len(ids) <= MOST_FOUND * len(parts) else None)
