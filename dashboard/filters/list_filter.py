"""What the filters of every list do: leave out what they cannot read and say so, and name each condition in force."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, override

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.filters import panel, search_text, sorting
from dashboard.filters.catalogue import CatalogueFilter, called, called_apart
from dashboard.filters.kinds import SEARCH_LENGTH, CurrencyFilter, DayFilter, MonthFilter
from dashboard.filters.search_text import METADATA, Term
from dashboard.filters.shared_filters import Shared, SharedFilters
from dashboard.filters.words import NotAsked, Words
from finances.reads.catalogue import Choice
from finances.reads.search import Found

SHOWN_LENGTH = 60  # of a value that is repeated in a notice
MOST_EXCLUDED = 8  # words; each is a search of its own


class Chip(NamedTuple):
    """One condition in force; `without`: the query string that lets it go."""

    text: str
    without: str


class Suggestion(NamedTuple):
    """What may have been meant; `query`: its query string."""

    words: str
    query: str


class ListFilter(SharedFilters):
    """A list page's conditions, from its query string.

    Each parameter narrows the rows by `where_NAME(value)`, a Q, or else by what its kind asks of its column. One that
    is unknown or does not read changes nothing: `left_out` says so in a sentence.

    The text of `q` may hold terms beside its words (`dashboard.filters.search_text`). One that says just what a
    parameter says becomes that parameter: `meant` is the address of what was typed. What none can say, `-email:x`,
    stays in the text, unless `takes_parameters_only`.

    `page_parameters` belong to the page and are no conditions; changing a condition drops them. `sorted`: how the rows
    are to stand, None for the list's own way; changing a condition keeps it.
    `of_a_part`: parameters that are about one and the same thing of many that a row has, such as an attempt of a
    payment; the list says `asks_of_part(name, value)`, what each asks of it, and `with_part(condition)`.
    `counted_with`: conditions beside which every tab is counted. With others, each count would be a search of its own.
    """

    page_parameters: ClassVar[frozenset[str]] = frozenset({"after", "before", "export", "resync"})
    counted_with: ClassVar[frozenset[str]] = frozenset({"q", "status", "currency", "customer", "subscription"})
    takes_parameters_only: ClassVar[bool] = False
    of_a_part: ClassVar[frozenset[str]] = frozenset()
    of_a_person: ClassVar[frozenset[str]] = frozenset({"q", "email", "name", "phone", "user", "last4", "customer"})

    def __init__(
        self,
        data: QueryDict,
        queryset: QuerySet[Any],
        *,
        now: datetime,
        sorts: sorting.Sorts = sorting.NO_SORTS,
        without: Collection[str] = (),
    ) -> None:
        """`without`: parameters that this list has and whoever asks may not use."""
        super().__init__(data, queryset)
        if without:
            self.filters = Shared((name, each) for name, each in self.filters.items() if name not in without)
        self.now, self.sorts = now, sorts
        self.sorted = sorts.read(data.get("sort", "")) or sorts.read(sorts.usual)
        self._typed = str(data.get("q", ""))
        # What the form refuses is refused with all of its terms: half of a search would find something else.
        readable = len(self._typed) <= SEARCH_LENGTH and "\x00" not in self._typed
        self.text = search_text.read(self._typed if readable else "")
        self._found: dict[str, Found] = {}

    @classmethod
    @override
    def get_filters(cls) -> "OrderedDict[str, django_filters.Filter]":
        """In the order of the form: a list's own first, then what it shares with others."""
        shared = [each for base in cls.__mro__[1:] for each in getattr(base, "declared_filters", {}).values()]
        return Shared(
            sorted(
                super().get_filters().items(),
                key=lambda found: (any(found[1] is each for each in shared), found[1].creation_counter),
            )
        )

    @classmethod
    def meant(cls, asked: QueryDict) -> QueryDict:
        """The parameters of what was typed into the search box and chosen in the form beside it.

        Both show the whole state, so what counts is which of them was changed: `was` is the text as it was shown.
        """
        words = Words(cls.base_filters)
        shown: Mapping[str, str] = {}
        taken = {name for name, value in asked.items() if value}
        if "was" in asked:
            shown, taken = words.parameters_of(search_text.read(str(asked["was"])))[0], set()
        typed, rest = words.parameters_of(search_text.read(str(asked.get("q", ""))), taken)
        meant = QueryDict(mutable=True)
        if text := str(rest):
            meant["q"] = text
        for name in dict.fromkeys([*asked, *typed]):
            value = asked.get(name, "")
            if name in typed.keys() | shown.keys() and value == shown.get(name, ""):
                value = typed.get(name, "")
            if name not in ("q", "was") and value:
                meant[name] = value
        # A term that was one too many may be the only one of its parameter by now.
        return cls.meant(meant) if "was" in asked else meant

    @classmethod
    def by_id(cls, meant: QueryDict) -> QueryDict:
        """The same with the id of each product or price that was asked for by its name: names change."""
        for name in cls.of_catalogue():
            if value := meant.get(name):
                meant[name] = cls.base_filters[name].id_of(str(value))
        return meant

    @classmethod
    def of_catalogue(cls) -> list[str]:
        """The parameters that tell what products and prices are called."""
        return [name for name, each in cls.base_filters.items() if isinstance(each, CatalogueFilter)]

    @property
    def typed(self) -> str:
        """The whole state as a search text."""
        terms = self._words.terms_of({name: str(self.data.get(name, "")) for name in self.filters})
        return " ".join([*map(str, terms), str(self.text) or self._typed]).strip()

    @override
    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self._narrowed(queryset, self.in_force())

    def qs_with(self, name: str, value: str) -> QuerySet[Any]:
        """The rows that match the same conditions but one. `value`: as the form would give it, empty for none."""
        changed = self.in_force() | {name: self.form.fields[name].clean(value)}
        changed = {each: read for each, read in changed.items() if read not in (None, "")}
        return self._narrowed(self.queryset.all(), changed)

    def asked_for(self, in_force: Mapping[str, Any]) -> Iterator[Q]:
        """What these conditions ask of a row, each value as read."""
        part = Q()
        for name, value in in_force.items():
            if name in self.of_a_part:
                part &= self.asks_of_part(name, value)
            else:
                yield self.condition(name, value)
        if part:
            yield self.with_part(part)

    def asks_of_part(self, name: str, value: Any) -> Q:
        """What a parameter asks of one of a row's parts."""
        raise NotImplementedError  # as of the next: a list without `of_a_part` is never asked

    def with_part(self, condition: Q) -> Q:
        """Rows that have a part of which this is true."""
        raise NotImplementedError

    def _narrowed(self, queryset: QuerySet[Any], in_force: Mapping[str, Any]) -> QuerySet[Any]:
        for condition in self.asked_for(in_force):
            queryset = queryset.filter(condition)
        for word in self._excluded:
            queryset = queryset.filter(~self.condition("q", word))
        for _term, asked in self._terms:
            if isinstance(asked, Q):
                queryset = queryset.filter(asked)
        return queryset

    def condition(self, name: str, value: Any) -> Q:
        """What a parameter asks of a row, its value as read; of a part, that there is such a one."""
        if name in self.of_a_part:
            return self.with_part(self.asks_of_part(name, value))
        where = getattr(self, f"where_{name}", None)
        return where(value) if where else self.filters[name].condition(value)

    @property
    def has_metadata(self) -> bool:
        """Whether the list says `where_metadata(key, value)`."""
        return hasattr(self, "where_metadata")

    @property
    def is_broad(self) -> bool:
        """The search means so many rows that nobody counts them. Known once `qs` was asked for."""
        return any(found.is_broad for found in self._found.values())

    def counts_every_tab(self) -> bool:
        return self.in_force().keys() <= self.counted_with and not self.text.terms

    def searched(self, text: str, search: Callable[[QuerySet[Any], str], Found]) -> Q:
        """What `search` finds: it looks once, for these conditions and for all that differ from them in one."""
        return self.looked_up(text, lambda: search(self.queryset, text))

    def looked_up(self, name: str, look: Callable[[], Found]) -> Q:
        """What `look` finds: it looks once for a name."""
        if name not in self._found:
            self._found[name] = look()
        return self._found[name].rows

    def query(self, name: str = "", value: str = "", without: str = "") -> str:
        """The query string of these conditions, from the first page on, with one of them changed, and one let go."""
        changed = self._changed(name, value)
        changed.pop(without, None)
        return "?" + changed.urlencode()

    def given(self) -> list[tuple[str, str]]:
        """Names and values that ask for these conditions, whatever the order."""
        return [(name, value) for name, value in self._changed("sort", "").items() if isinstance(value, str)]

    def left_out(self) -> Iterator[str]:
        for name, value in self.data.items():
            if name in self.form.errors:
                yield self._left_out(name, str(value), self.form.errors[name].as_data())
            elif name == "sort" and self.sorts.every:
                if value and not self.sorts.read(value):
                    yield _("A list cannot be sorted by %(what)s here; it has its usual order.") % {
                        "what": _short(str(value))
                    }
            elif name not in self.filters and name not in self.page_parameters:
                yield _("%(name)s is not a filter here; it was left out.") % {"name": name[:SHOWN_LENGTH]}
        for _term, condition in self._terms:
            if isinstance(condition, str):
                yield condition
        sentence = _("-%(word)s: this search leaves no more than %(most)s words out; it was ignored.")
        if self.takes_parameters_only:
            sentence = _("-%(word)s: this search leaves nothing out; the word was ignored.")
        for word in self.text.excluded[len(self._excluded) :]:
            yield sentence % {"word": _short(word), "most": MOST_EXCLUDED}

    def _left_out(self, name: str, value: str, errors: Sequence[ValidationError]) -> str:
        malformed = any(error.code == "invalid" for error in errors)
        if malformed and isinstance(self.filters[name], DayFilter):
            said = _("%(label)s: %(value)s is not a date; it was left out.")
        elif malformed and isinstance(self.filters[name], django_filters.NumberFilter):
            said = _("%(label)s: %(value)s is not a number; it was left out.")
        elif any(error.code == "several" for error in errors):
            said = _("%(label)s: %(value)s may mean several; it was left out.")
        else:
            said = _("%(label)s: %(value)s is not known here; it was left out.")
        said = said % {"label": self.filters[name].label, "value": _short(value)}
        nearest = self._words.nearest_value(name, value)
        return " ".join((said, _("Did you mean %(nearest)s?") % {"nearest": nearest})) if nearest else said

    def suggestions(self) -> list[Suggestion]:
        """Of names that were left out as they mean several things, each of these."""
        return [
            Suggestion(f"{self.filters[name].label}: {words}", self.query(name, each.id))
            for name, errors in self.form.errors.items()
            for error in errors.as_data()
            for each, words in called_apart((error.params or {}).get("meant", ()))
        ]

    def parts_instead(self) -> list[Suggestion]:
        """For a list that is empty: what was asked for as a whole, as a part."""
        found = []
        for name, value in self.in_force().items():
            if hasattr(self, f"containing_{name}"):
                part = Term(name, "~", str(value))
                words = _("%(label)s with “%(part)s” in it") % {"label": self.filters[name].label, "part": value}
                found.append(Suggestion(words, self.query("q", f"{self.text} {part}".strip(), without=name)))
        return found

    def in_force(self) -> dict[str, Any]:
        """Each condition that narrows the list, as read, by parameter; of the search text its plain words alone."""
        return self._in_force.copy()

    @cached_property
    def _in_force(self) -> dict[str, Any]:
        self.form.is_valid()  # reads the form; what has errors is not in cleaned_data
        read = self.form.cleaned_data.copy()
        if read.get("q"):
            read["q"] = self.text.words
        return {name: value for name, value in read.items() if value not in (None, "")}

    @property
    def is_search(self) -> bool:
        """Looks for somebody, and is recorded."""
        return bool(self.in_force().keys() & self.of_a_person or self.text.parts)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.in_force() or self.text.parts)

    def in_words(self) -> list[str]:
        """Each condition; what was searched for in quotes."""
        words = self.in_force().get("q")
        return [f"“{words}”"] * bool(words) + [chip.text for chip in self.chips()]

    def panel(self) -> list[tuple[Any, list[Any]]]:
        """The form's fields in groups, each with its heading."""
        return panel.grouped(self.filters, self.form)

    def chips(self) -> list[Chip]:
        """All but the plain words, which stand in their own field."""
        chips = [
            Chip(self.describe(name, value), self.query(name)) for name, value in self.in_force().items() if name != "q"
        ]
        asked = [str(term) for term, condition in self._terms if isinstance(condition, Q)]
        asked += [f"-{word}" for word in self._excluded]
        return chips + [
            Chip(str(part), self.query("q", str(self.text.without(part))))
            for part in self.text.parts
            if str(part) in asked
        ]

    def describe(self, name: str, value: Any) -> str:
        """A condition in words."""
        label = str(self.filters[name].label)
        if isinstance(value, date):
            return f"{label} {date_format(value, 'F Y' if isinstance(self.filters[name], MonthFilter) else 'j M Y')}"
        if isinstance(self.filters[name], CurrencyFilter):
            return f"{label}: {value.upper()}"
        if isinstance(value, Choice):
            return f"{label}: {called(value)}"
        choices = dict(self.filters[name].extra.get("choices", ()))
        return f"{label}: {choices.get(value, value)}"

    @property
    def _excluded(self) -> list[str]:
        """The words that no row may have."""
        return [] if self.takes_parameters_only else self.text.excluded[:MOST_EXCLUDED]

    @cached_property
    def _words(self) -> Words:
        return Words(self.filters)

    @cached_property
    def _terms(self) -> list[tuple[Term, Q | str]]:
        """Each term of the text with what it asks of a row, or the sentence on why it was left out."""
        found: list[tuple[Term, Q | str]] = []
        for term in self.text.terms:
            try:
                found.append((term, self._asked_by(term)))
            except NotAsked as sentence:
                found.append((term, str(sentence)))
        return found

    def _asked_by(self, term: Term) -> Q:
        """Raises NotAsked."""
        condition = self._condition_of(term)
        return ~condition if term.negated else condition

    def _condition_of(self, term: Term) -> Q:
        """What it asks, were it not negated. Raises NotAsked."""
        if term.name == METADATA and (where_metadata := getattr(self, "where_metadata", None)):
            if term.operator or not term.key:
                raise NotAsked(_('Metadata is asked for as metadata["key"]:value; it was left out.'))
            return where_metadata(term.key, None if term.is_null else term.value)
        if term.operator == "~" and (containing := getattr(self, f"containing_{self._words.name_of(term)}", None)):
            return containing(self._read(self._words.name_of(term), term.value))
        asked = self._words.asked_by(term)
        values = [self._read(each.parameter, each.value) for each in asked]
        if self.takes_parameters_only:
            sentence = _("%(term)s cannot be asked for together with the rest; it was left out.")
            raise NotAsked(sentence % {"term": _short(str(term))})
        condition = Q()
        for each, value in zip(asked, values, strict=True):
            beyond = each.beyond * self.filters[each.parameter].step if each.beyond else None
            condition &= self.condition(each.parameter, value if beyond is None else value + beyond)
        return condition

    def _read(self, name: str, value: str) -> Any:
        try:
            return self.form.fields[name].clean(value)
        except ValidationError as error:
            raise NotAsked(self._left_out(name, value, error.error_list)) from None

    def _changed(self, name: str, value: str) -> QueryDict:
        data = QueryDict(mutable=True)
        for each in self.data:
            if each != name and each in self.filters and self.data[each]:
                data[each] = self.data[each]
        if name and value:
            data[name] = value
        if name != "sort" and self.sorted and (sort := self.sorts.parameter(self.sorted)):
            data["sort"] = sort
        return data


def _short(value: str) -> str:
    return value if len(value) <= SHOWN_LENGTH else value[:SHOWN_LENGTH] + "…"
