"""Who the customers are."""

from __future__ import annotations

import random

from finances.sandbox.business.countries import COUNTRIES
from finances.sandbox.business.people import People


def test_nobody_gets_the_address_of_another() -> None:
    people = People(random.Random(1))

    emails = [people.new().email for _ in range(3_000)]

    assert len(set(emails)) == 3_000
    assert all(email.isascii() and email.endswith(".example") and email.count("@") == 1 for email in emails)


def test_unless_it_is_a_second_account_of_theirs() -> None:
    people = People(random.Random(1))
    first = people.new()

    second = people.same_inbox(people.new(), first)

    assert (second.email, second.name) == (first.email, first.name)


def test_somebody_who_changes_their_address_gets_a_free_one() -> None:
    people = People(random.Random(1))

    assert [people.new_email(name) for name in ("Ada King", "Ada King", "渡辺 結衣")] == [
        "adaking@moved.example",
        "adaking2@moved.example",
        "contact@moved.example",
    ]


def test_every_country_can_be_lived_in() -> None:
    people = People(random.Random(1))

    assert len({country.code for country in COUNTRIES}) == len(COUNTRIES) >= 20
    for country in COUNTRIES:
        person = people.new(country.code)
        assert (person.address["country"], person.currency, person.locale) == (
            country.code,
            country.currency,
            country.locale,
        )
