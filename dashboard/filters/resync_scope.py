"""What a resync is to read, as a person says it: from a form or from the query string."""

import re
from datetime import UTC, date, datetime, time
from typing import Any, override

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters.kinds import FIRST_DAY, LAST_DAY
from dashboard.formatting import capped, things
from finances.redaction import without_keys
from finances.resync.steps import LISTED
from finances.resync.targets import LOOKS_LIKE_A_KEY, pasted, target_of

ALL, DRIFTED, IDS = "all", "drifted", "ids"
LONGEST_REASON = 500
WITH_A_RANGE = frozenset({ALL, *LISTED})


class DayOfCreation(forms.DateField):
    """The start of a day in UTC, as Stripe's months are cut; aware. Takes the same moment written as a time too."""

    def __init__(self, label: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"class": "pd-input", "type": "date"})
        super().__init__(label=label, required=False, input_formats=["%Y-%m-%d"], widget=widget)

    @override
    def to_python(self, value: Any) -> Any:
        text = re.sub(r"T00:00(:00)?(Z|\+00:00)?$", "", str(value or "").strip())
        try:
            day: date | None = super().to_python(text)
        except ValidationError:
            raise ValidationError(_("This is not a date such as 2026-01-31.")) from None
        if day is None:
            return None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(_("Stripe has nothing that was created then."))
        return datetime.combine(day, time(), tzinfo=UTC)


class ScopeForm(forms.Form):
    """`target`: `all`, `drifted`, `ids` (what stands in `ids`), a type, or any other target that names one object.
    `alone`: a single id without what hangs on it, as several are read anyway.

    Cleaned: `target`; `since`, `until` (aware, or None); `ids`, a list. What was typed stands in the form again,
    but not what looks like a key.
    """

    target = forms.CharField(label=gettext_lazy("What"), max_length=255)
    since = DayOfCreation(gettext_lazy("Created from"))
    until = DayOfCreation(gettext_lazy("Created before"))
    ids = forms.CharField(
        label=gettext_lazy("Ids"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(
            attrs={
                "class": "pd-input",
                "rows": 4,
                "placeholder": "cus_…, in_…, coupon:WELCOME25",
                "spellcheck": "false",
            }
        ),
    )

    alone = forms.BooleanField(
        label=gettext_lazy("A single id alone, without what hangs on it"),
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for the audit trail"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"class": "pd-input", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, drifted: int | None = None, **options: Any) -> None:
        """`drifted`: how many objects differed when they were last compared; None where that is not asked."""
        super().__init__(None if data is None else _sorted_out(data), label_suffix="", **options)
        self.initial = _sorted_out(self.initial)
        only = _("Only what drifted")
        if drifted is not None:
            only = _("Only what drifted (%(objects)s)") % {"objects": capped(drifted)}
        choices: list[tuple[str, Any]] = [
            (ALL, _("Everything")),
            (DRIFTED, only),
            (IDS, _("Some objects, by their ids")),
            (_("All of a type"), [(name, capfirst(things(name))) for name in LISTED]),
        ]
        self.fields["target"].widget = forms.Select(choices=choices, attrs={"class": "pd-input"})
        self.fields["target"].error_messages["required"] = _("Say what is to be read.")

    def clean_ids(self) -> list[str]:
        typed = self.cleaned_data["ids"]
        if self.cleaned_data.get("target") != IDS:
            return []
        # An id that somebody chose may have spaces in it: it stands alone, with its type.
        ids = pasted(typed) if "\n" in typed or not target_of("", typed) else [typed]
        if not ids:
            raise ValidationError(_("Paste an id, or several: one a line, or with spaces between."))
        return ids

    @override
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        target = str(cleaned.get("target", ""))
        if target not in WITH_A_RANGE:
            cleaned |= {"since": None, "until": None}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", _("This day is not after the one before it."))
        if target == IDS and len(cleaned.get("ids") or ()) == 1 and not cleaned.get("alone"):
            cleaned |= {"target": cleaned["ids"][0], "ids": []}
        return cleaned

    def refuse(self, sentence: str) -> None:
        """What the plan said of it, at the field that it is about."""
        self.add_error("ids" if self["target"].value() == IDS else "target", sentence)
        typed = re.split(r"(\s+)", str(self.data.get("ids", "")))
        kept = (each for each in typed if not LOOKS_LIKE_A_KEY.search(each) or target_of("", each))
        self.data = {**self.data, "ids": "".join(kept)}

    def scope(self) -> dict[str, Any]:
        """As `make_plan` and `request_resync` take it. Only after `is_valid`."""
        return {name: self.cleaned_data[name] for name in ("target", "since", "until", "ids")}

    def given(self) -> list[tuple[str, str]]:
        """Names and values that ask for the same again, but for the reason."""
        values = [(name, str(self[name].value() or "")) for name in self.fields if name not in ("reason", "alone")]
        values += [("alone", "1")] if self["alone"].value() else []
        return [(name, value) for name, value in values if value]


def _sorted_out(given: Any) -> dict[str, str]:
    """What names one object is written where a person would type it; no key comes back to the page."""
    fields = ("target", "since", "until", "ids", "alone", "reason")
    values = {name: without_keys(str(given.get(name) or "")) for name in fields}
    values["target"] = target = values["target"].strip()
    if target and target not in {ALL, DRIFTED, IDS, *LISTED}:
        values |= {"target": IDS, "ids": target}
    return values
