"""Who the customers are: names in several scripts, addresses that fit them, e-mail addresses nobody owns."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from finances.sandbox.business.countries import COUNTRIES, Country
from finances.sandbox.engine.store import Object


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    address: Object
    phone: str | None
    locale: str
    currency: str


class People:
    """Makes one person or company after another; never the same e-mail address twice, unless it is asked for."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._weights = [country.weight for country in COUNTRIES]

    def new(self, country_code: str | None = None) -> Person:
        rng = self._rng
        country = rng.choices(COUNTRIES, self._weights)[0]
        if country_code is not None:
            country = next(each for each in COUNTRIES if each.code == country_code)
        if rng.random() < 0.3:
            name, latin = _pair(rng.choice(country.companies))
            domain = "".join(letter for letter in latin.lower().split()[0] if letter.isascii() and letter.isalnum())
            email = self._free("billing", f"{domain}.example")
        else:
            given, given_latin = _pair(rng.choice(country.given))
            family, family_latin = _pair(rng.choice(country.family))
            glue = "" if country.code == "KR" else " "
            name = f"{family}{glue}{given}" if country.family_first else f"{given} {family}"
            letters = f"{given_latin}.{family_latin}".lower().replace("'", "")
            email = self._free(letters, rng.choice(("mail.example", "post.example", "inbox.example")))
        phone = f"{country.dialling}555{rng.randrange(10**6):06}" if rng.random() < 0.6 else None
        return Person(name, email, self._address(country), phone, country.locale, country.currency)

    def named(self, name: str, email: str, country_code: str, currency: str | None = None) -> Person:
        """Somebody of the fixed cast."""
        self._taken.add(email)
        country = next(each for each in COUNTRIES if each.code == country_code)
        phone = f"{country.dialling}555{self._rng.randrange(10**6):06}"
        return Person(name, email, self._address(country), phone, country.locale, currency or country.currency)

    def address_in(self, country_code: str) -> Object:
        """A new place in the same country, for somebody who moves."""
        return self._address(next((each for each in COUNTRIES if each.code == country_code), COUNTRIES[0]))

    def _address(self, country: Country) -> Object:
        city, postal_code, state, street = self._rng.choice(country.places).split("|")
        number = self._rng.randrange(1, 190)
        first = country.code in ("US", "GB", "FR", "IN", "CA", "AU")
        return {
            "city": city,
            "country": country.code,
            "line1": f"{number} {street}" if first else f"{street} {number}",
            "line2": f"Suite {self._rng.randrange(100, 900)}" if country.code == "US" and number % 3 == 0 else None,
            "postal_code": postal_code or None,
            "state": state or None,
        }

    def same_inbox(self, person: Person, other: Person) -> Person:
        """A second account of somebody who has one: another customer, the same e-mail address."""
        return replace(person, name=other.name, email=other.email)

    def new_email(self, name: str) -> str:
        """For somebody who has changed theirs."""
        letters = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
        return self._free(letters or "contact", "moved.example")

    def _free(self, local: str, domain: str) -> str:
        """With the next number behind the name when somebody has it already."""
        wanted = email = f"{local}@{domain}"
        while email in self._taken:
            self._numbers[wanted] = self._numbers.get(wanted, 1) + 1
            email = f"{local}{self._numbers[wanted]}@{domain}"
        self._taken.add(email)
        return email


def _pair(text: str) -> tuple[str, str]:
    written, _, latin = text.partition("/")
    return written, latin or written
