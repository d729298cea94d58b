"""Erase a customer: who it was goes from every table of ours; what was owed and paid stays, without a name."""

from finances.erasure.customer import Erased, NotPossible, erase_customer
from finances.erasure.person import Person

__all__ = ["Erased", "NotPossible", "Person", "erase_customer"]
