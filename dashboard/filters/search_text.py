"""What is typed into a list's search: plain words, and terms such as `status:past_due`, `-email:x` or `amount:>100`.

Stripe's own search has these words, with `:` left out before `>`, `<` and `~`: both are understood. So is its
`metadata["key"]:null` for objects without the key; a value that is just that stands in quotes.
"""

import re
from dataclasses import dataclass

OPERATORS = (">=", "<=", ">", "<", "~")
TERM = re.compile(
    r"""
    (?P<negated>-)?
    (?: metadata\[ (?: "(?P<quoted_key>[^"]*)" | (?P<key>[^\]"]*) ) \] | (?P<name>[A-Za-z][A-Za-z0-9_]*) )
    (?P<operator> : \s* (?: >= | <= | > | < | ~ )? | >= | <= | > | < | ~ )
    (?P<value> "[^"]*"? | [^\s"]\S* | )
    (?= \s | $ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
WORD = re.compile(r"\S+")
METADATA = "metadata"
NULL = "null"


@dataclass(frozen=True)
class Term:
    """`operator`: "" for equality, else one of OPERATORS. `key`: of the metadata, for `metadata["key"]:value` alone, as
    is `is_null`, beside which `value` is empty."""

    name: str
    operator: str
    value: str
    negated: bool = False
    key: str = ""
    is_null: bool = False

    def __str__(self) -> str:
        name = f'{METADATA}["{self.key}"]' if self.key else self.name
        value = NULL if self.is_null else _quoted(self.value)
        return f"{'-' if self.negated else ''}{name}:{self.operator}{value}"


@dataclass(frozen=True)
class SearchText:
    """`parts` in the order in which they were typed; a plain word is a str, one to be left out begins with a minus."""

    parts: tuple[Term | str, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.parts))

    @property
    def words(self) -> str:
        """What is searched for."""
        return " ".join(part for part in self.parts if isinstance(part, str) and not _is_excluded(part))

    @property
    def excluded(self) -> list[str]:
        return [part[1:] for part in self.parts if isinstance(part, str) and _is_excluded(part)]

    @property
    def terms(self) -> list[Term]:
        return [part for part in self.parts if isinstance(part, Term)]

    def without(self, *gone: Term | str) -> "SearchText":
        return SearchText(tuple(part for part in self.parts if part not in gone))


def read(text: str) -> SearchText:
    """Every text can be read: what is no term is a word. `str` of the answer reads as the same again."""
    parts: list[Term | str] = []
    place = 0
    while match := WORD.search(text, place):
        term = TERM.match(text, match.start())
        if term and not _is_an_address(term):
            parts.append(_term(term))
            place = term.end()
        else:
            parts.append(match[0])
            place = match.end()
    return SearchText(tuple(parts))


def _term(match: re.Match[str]) -> Term:
    key = match["quoted_key"] if match["quoted_key"] is not None else match["key"]
    operator = match["operator"].lstrip(":").strip()
    is_null = bool(key) and not operator and match["value"].lower() == NULL
    return Term(
        name=METADATA if key is not None else match["name"].lower(),
        operator=operator,
        value="" if is_null else match["value"].strip('"'),
        negated=bool(match["negated"]),
        key=key or "",
        is_null=is_null,
    )


def _is_an_address(match: re.Match[str]) -> bool:
    """`https://…` is searched for as it stands."""
    return match["operator"] == ":" and match["value"].startswith("//")


def _is_excluded(word: str) -> bool:
    return len(word) > 1 and word.startswith("-")


def _quoted(value: str) -> str:
    if '"' in value:  # then it was typed without quotes, and reads as itself
        return value
    return f'"{value}"' if not value or value.lower() == NULL or re.search(r"\s|^[<>=~]", value) else value
