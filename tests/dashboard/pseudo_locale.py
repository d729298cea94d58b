"""A language in which every message stands in brackets, so that a text that is in no message is seen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import NamedTuple, override

from django.utils.translation import trans_real

OPEN, CLOSE = "⟦", "⟧"
CONTEXT = "\x04"
READ_ALOUD = re.compile(r"title|placeholder|aria-label|alt|data-side|data-words-\w+")
LETTERS = re.compile(r"[^\W\d_]{2,}")
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class Bracketed(NullTranslations):
    """What `trans_real` asks of a translation. Formats of dates and numbers stay English."""

    def to_language(self) -> str:
        return "en"

    @override
    def gettext(self, message: str) -> str:
        return f"{OPEN}{message.rpartition(CONTEXT)[2]}{CLOSE}"

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@contextmanager
def bracketed() -> Iterator[None]:
    """In every thread, whether it has said that its language is English, as a request does, or has chosen none."""
    trans_real.deactivate()
    before, trans_real._default = trans_real._default, Bracketed()  # type: ignore[attr-defined]  # Django's own store, untyped
    english = trans_real.translation("en")
    trans_real._translations["en"] = trans_real._default  # type: ignore[attr-defined]  # Django's own store, untyped
    try:
        yield
    finally:
        trans_real.deactivate()
        trans_real._default = before  # type: ignore[attr-defined]  # Django's own store, untyped
        trans_real._translations["en"] = english  # type: ignore[attr-defined]  # Django's own store, untyped


class Text(NamedTuple):
    """`words`: those outside brackets. `element`: the nearest, or `@` and the name of the attribute."""

    words: str
    element: str


def texts_of(html: str) -> Iterator[Text]:
    """What people read on a page and that is in no message. A message may begin before an element and end after it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    depth = 0
    for text, element in reader.texts:
        of_attribute = element.startswith("@")
        kept, after = _outside(text, 0 if of_attribute else depth)
        depth = depth if of_attribute else after
        if LETTERS.search(kept):
            yield Text(" ".join(kept.split()), element)


def _outside(text: str, depth: int) -> tuple[str, int]:
    kept = []
    for sign in text:
        depth += (sign == OPEN) - (sign == CLOSE)
        # A message parts what stands beside it.
        kept.append(sign if not depth and sign != CLOSE else "\n" if sign in OPEN + CLOSE else "")
    return "".join(kept), depth


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self._inside: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.texts += [(value, f"@{name}") for name, value in given.items() if READ_ALOUD.fullmatch(name)]
        if tag not in VOID:
            icon = any(name in given.get("class", "") for name in ("pd-ico", "material-symbols"))
            self._inside.append("icon" if icon else tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._inside) - 1, -1, -1):
            if self._inside[place] in (tag, "icon"):
                del self._inside[place:]
                return

    @override
    def handle_data(self, data: str) -> None:
        if not {"script", "style", "icon"} & set(self._inside):
            self.texts.append((data, self._inside[-1] if self._inside else ""))
