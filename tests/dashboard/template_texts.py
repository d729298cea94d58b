"""Which texts of a template stand outside the translation tags.

The template is read with Django's own lexer; what the tags leave is read as HTML.
"""

import re
from html.parser import HTMLParser
from typing import override

from django.template.base import Lexer, TokenType
from django.utils.text import smart_split

LETTER = re.compile(r"[^\W\d_]")
EXEMPT = re.compile(r"\b(Paydesk|XLSX)\b")
"""The names of the product and of a format are the same in every language."""
READ_ALOUD = re.compile(r"title|placeholder|aria-label|alt|label|data-side|data-words-\w+")
"""Attributes that people read, or that a script or the style sheet shows them."""
CODE = frozenset({"code", "kbd", "style", "script"})
TRANSLATED = re.compile(r'_\((?:"[^"]*"|\'[^\']*\')\)')
LITERAL = re.compile(r'"([^"]*)"')
# In tags: which literal people read. A number: of the argument; a name: of the parameter.
WORDS_OF_TAGS = {"badge": 1, "mark": 1, "object_id": 1, "copy": 1}
WORDS_OF_INCLUDES = frozenset({"title", "text", "fact", "verb", "hint", "what", "word", "words", "nothing"})
# Filters whose arguments people read, and those whose very use glues a sentence together.
WORDS_OF_FILTERS = re.compile(r'\|(?:default|default_if_none|add|join|firstof):"([^"]*)"')
GLUE = re.compile(r"\|(pluralize)\b")
CODES = frozenset({"neutral", "info", "warning", "inbox", "pd-btn-main", "coupon:", "product:"})
"""What such arguments may say besides: tones, icons, classes, the beginning of a target."""


def untranslated(source: str) -> list[str]:
    """`line: text` of each; empty where all of them are in gettext."""
    found: list[str] = []
    html: list[str] = []
    skipping = ""
    for token in Lexer(source).tokenize():
        name = token.contents.split(None, 1)[0] if token.contents.strip() else ""
        if skipping:
            skipping = "" if token.token_type is TokenType.BLOCK and name == skipping else skipping
            continue
        if token.token_type is TokenType.TEXT:
            html.append(token.contents)
            continue
        html.append("\n" * token.contents.count("\n"))
        if token.token_type is TokenType.BLOCK and name in ("comment", "blocktranslate"):
            skipping = f"end{name}"
        elif token.token_type is not TokenType.COMMENT:
            found += [f"{token.lineno}: {words}" for words in in_tag(name, token.contents)]
    return found + _Reader().read("".join(html))


def is_text(words: str) -> bool:
    return LETTER.search(EXEMPT.sub("", words)) is not None


def in_tag(name: str, contents: str) -> list[str]:
    """Literals of a tag or a variable that people read and that are not `_("…")`."""
    if name in ("translate", "trans"):
        return []
    bare = TRANSLATED.sub("_()", contents)
    found = [words for words in WORDS_OF_FILTERS.findall(bare) if is_text(words) and words not in CODES]
    found += GLUE.findall(bare)
    if "|yesno" in bare:
        found.append("yesno")
    if name in WORDS_OF_TAGS:
        arguments = list(smart_split(bare))[1:]
        found += [each for each in arguments[WORDS_OF_TAGS[name] :][:1] if each.startswith('"') and is_text(each)]
    elif name == "firstof":
        found += [words for words in LITERAL.findall(bare) if is_text(words)]
    elif name in ("include", "with"):
        for each in smart_split(bare):
            parameter, equals, value = each.partition("=")
            if equals and parameter in WORDS_OF_INCLUDES and value.startswith('"') and is_text(value):
                found.append(value)
    return found


class _Reader(HTMLParser):
    def read(self, html: str) -> list[str]:
        self.found: list[str] = []
        self.inside: list[str] = []
        self.feed(html)
        self.close()
        return self.found

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        icon = given.get("class", "").startswith(("pd-ico", "material-symbols"))
        self.inside.append("code" if icon else tag)
        line = self.getpos()[0]
        self.found += [
            f"{line}: {name}={value}" for name, value in given.items() if READ_ALOUD.fullmatch(name) and is_text(value)
        ]
        if given.get("type") in ("submit", "hidden") and " " in given.get("value", "").strip():
            self.found.append(f"{line}: value={given['value']}")

    @override
    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() not in (tag, "code"):
            pass

    @override
    def handle_data(self, data: str) -> None:
        if is_text(data) and not CODE & set(self.inside[-1:]):
            self.found.append(f"{self.getpos()[0]}: {' '.join(data.split())}")
