"""Why an answer of Stripe's cannot be stored, in words: for the object that a page had to be written without."""

import re
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from finances import nouns
from finances.mirror.canonical import canonical
from finances.mirror.columns import Columns
from finances.mirror.parts import parts_of
from finances.mirror.table import JsonText, table
from finances.mirror.types import TYPES

Json = dict[str, Any]

LONGEST_ID = 255
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
BIGGEST = 2**63 - 1


def may_hold_nul(text: str) -> bool:
    """Of canonical text. Quick, since nearly none does."""
    return "\\u0000" in text and NUL.search(text) is not None


class DoesNotFit(Exception):
    """One object cannot be stored, whoever tries. `sentence` says why, and nothing of what is in it."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def misfit(type_name: str, it: Json) -> str:
    """A sentence without anything of the object's contents; empty where nothing is found to be wrong with it."""
    kind = nouns.one(type_name)
    if it.get("object") != type_name:
        said = it.get("object")
        other = said.replace("_", " ") if isinstance(said, str) and re.fullmatch(r"[a-z_]{1,64}", said) else _("thing")
        said = _("Stripe answered with another type (%(other)s) where a %(kind)s was expected.")
        return said % {"other": other, "kind": kind}
    object_id = it.get("id")
    if not isinstance(object_id, str) or not re.fullmatch(rf"[!-~]{{1,{LONGEST_ID}}}", object_id):
        said = _("Its id is none that can be kept: it is not text of 1 to %(longest)s plain characters.")
        return said % {"longest": LONGEST_ID}
    text = canonical(it)
    if NUL.search(text):
        return _("A text in it holds the character NUL, which PostgreSQL cannot keep.")
    if HALF_A_CHARACTER.search(text):
        return _("A text in it holds half of a character (a lone surrogate), which no database can keep.")
    return _unlike_its_kind(type_name, it, kind)


def _unlike_its_kind(type_name: str, it: Json, kind: str) -> str:
    entry = TYPES[type_name]
    rows: list[tuple[models.Field, Any]] = []
    try:
        if model := entry.model:
            columns = Columns(model, it, JsonText(""))
            if missing := columns.missing(model):
                return _("Its %(field)s is missing.") % {"field": missing[0].replace("_", " ")}
            rows += [(model._meta.get_field(name), value) for name, value in columns.values.items()]
        for row in [*([entry.project(it)] if entry.project else []), *(part for _model, part in parts_of(it))]:
            rows += zip(table(type(row)).fields, table(type(row)).values(row), strict=True)
    except (AttributeError, KeyError, LookupError, TypeError, ValueError, ArithmeticError, OSError) as error:
        said = _("It does not have the form of a %(kind)s (%(error)s while it was read).")
        return said % {"kind": kind, "error": type(error).__name__}
    return next((said for field, value in rows if (said := _unlike_its_column(field, value))), "")


def _unlike_its_column(field: models.Field, value: Any) -> str:
    longest = getattr(field, "max_length", None)
    if isinstance(value, str) and longest and len(value) > longest:
        said = _("Its %(field)s is longer than %(longest)s characters: a value that Paydesk does not know yet.")
        return said % {"field": _named(field), "longest": longest}
    if isinstance(field, models.IntegerField) and isinstance(value, int) and abs(value) > BIGGEST:
        return _("Its %(field)s is a number that no column can hold.") % {"field": _named(field)}
    if isinstance(field, models.CharField | models.TextField) and not isinstance(value, str | None):
        return _("Its %(field)s is not text.") % {"field": _named(field)}
    if isinstance(field, models.IntegerField) and not isinstance(value, int | None):
        return _("Its %(field)s is not a whole number.") % {"field": _named(field)}
    if isinstance(field, models.BooleanField) and not isinstance(value, bool | None):
        return _("Its %(field)s is neither true nor false.") % {"field": _named(field)}
    return ""


def _named(field: models.Field) -> str:
    return field.name.replace("_", " ")
