"""Whether what people typed says who somebody is."""

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

from finances.folding import folded

LEAST_DIGITS = 7
"""Of a telephone number: shorter ones are anybody's."""
PHONE = re.compile(r"[\d+(][\d\s()+./-]{5,}\d")


class Person:
    """Known by what Stripe's objects said: e-mails, names, telephone numbers, the last digits of cards.

    An e-mail, a number and a name of two words and more are looked for anywhere in a text. A single name, the four
    digits and what stands before an e-mail's @ are many people's: they count only as a whole word that was searched
    for.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        spelled = {_spelled(text) for text in texts} - {""}
        self.numbers = {
            digits for text in spelled if PHONE.fullmatch(text) and len(digits := _digits(text)) >= LEAST_DIGITS
        }
        self.phrases = {text for text in spelled if "@" in text or " " in text}
        self.words = (spelled - self.phrases) | {text.partition("@")[0] for text in self.phrases if "@" in text}
        longest_first = sorted(self.phrases, key=len, reverse=True)
        self._phrase = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in longest_first) or "(?!)")

    def is_named_in(self, text: str) -> bool:
        """Free text, such as a note."""
        text = _spelled(text)
        return bool(self._phrase.search(text)) or any(self._is_theirs(found) for found in PHONE.findall(text))

    def is_sought_by(self, text: str) -> bool:
        """Words of a search, or the query string of a list."""
        spelled = _spelled(unquote_plus(text))
        # An apostrophe is a part of a name, or stands around one.
        words = {each.strip("'") for each in re.split(r"[\s:=&?\"(),]+", spelled)}
        words.update(re.split(r"[\s:=&?\"'(),]+", spelled))
        return self.is_named_in(spelled) or not self.words.isdisjoint(words)

    def is_in(self, value: object) -> bool:
        """Any text within a JSON value."""
        match value:
            case str():
                return self.is_sought_by(value)
            case dict():
                return any(self.is_in(each) for each in value.values())
            case list():
                return any(self.is_in(each) for each in value)
        return False

    def _is_theirs(self, number: str) -> bool:
        """As it is written at home or from abroad: `030 1234567` is `+49 30 1234567`."""
        digits = _digits(number).lstrip("0")
        return len(digits) >= LEAST_DIGITS and any(
            each.endswith(digits) or digits.endswith(each) for each in self.numbers
        )


def _spelled(text: str) -> str:
    return " ".join(folded(text).split())


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
