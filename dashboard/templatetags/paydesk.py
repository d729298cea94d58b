"""Thin over `dashboard.formatting`: what is written there, in this console's markup."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.templatetags.banners import lag_of
from dashboard.templatetags.markup import markup, markups

register = template.Library()
register.filter("digits_in", formatting.digits)
register.filter("amount_in", formatting.amount)
register.filter("whole", formatting.whole_number)
register.filter("capped", formatting.capped)
register.filter("shortened", formatting.shortened)
register.filter("duration", formatting.duration)
register.filter("tone_of", formatting.tone)
register.filter("word_of", formatting.word)
register.simple_tag(formatting.stripe_url)
register.simple_tag(formatting.stripe_link)
register.simple_tag(formatting.console_link)
register.simple_tag(formatting.address_of)


@register.simple_tag
def filled(sentence: str, **parts: str) -> SafeString:
    """A sentence with places in braces, which markup may take: `{% filled reason plan=link %}`."""
    return markup(sentence, **parts)


@register.simple_block_tag
def piece(content: str) -> str:
    """What stands in the midst of a sentence and takes tags to be drawn: `{% piece as link %}…{% endpiece %}`."""
    return content


@register.simple_tag
def badge(status: str, word: formatting.Text = "", tone: str = "") -> SafeString:
    """A status: tone, glyph and word. `{% badge "open" "Past due" "urgent" %}` for a derived one."""
    return _badge(tone or formatting.tone(status), str(word) if word else status, not word)


@formatting.once_a_language
def _badge(tone: str, word: str, is_code: bool) -> SafeString:
    words = formatting.word(word) if is_code else word
    return markup('<span class="pd-badge" data-tone="{}">{}</span>', tone, words)


@register.simple_tag
def mark(tone: str, word: formatting.Text = "") -> SafeString:
    return markup('<span class="pd-mark" data-tone="{}">{}</span>', tone, word)


@register.simple_tag
def money(minor: int | Decimal | None, currency: str) -> SafeString:
    if minor is None:
        return markup('<span class="pd-amt pd-none">{}<small></small></span>', formatting.EN_DASH)
    return markup(
        '<span class="pd-amt">{}<small>{}</small></span>', formatting.digits(minor, currency), currency.upper()
    )


@register.simple_tag
def when(moment: datetime | None, mode: str = "") -> SafeString:
    """`mode`: empty for a distance (a date past twenty days), `date`, `time`, `exact`. In the viewer's zone; exactly
    whatever the mode where the viewer wants that, and then the distance stands in the tip."""
    if not moment:
        return markup('<span class="pd-mute">{}</span>', formatting.EN_DASH)
    zone = timezone.get_current_timezone()  # once: asking for it takes longer than moving a time there
    moment, now = moment.astimezone(zone), timezone.now().astimezone(zone)
    exact = formatting.local_exact(moment)
    match mode:
        case "date":
            text = formatting.local_day(moment, now)
        case "time":
            text = f"{moment:%H:%M}"
        case "exact":
            text = exact
        case _:
            text = formatting.relative(moment, now)
    machine = moment.isoformat(timespec="seconds")
    if not formatting.exact_times.get() or text == exact:
        # On paper a distance says nothing: the style for print shows the tip in its place.
        is_distance = not mode and text != formatting.local_day(moment, now)
        marked = SafeString(' class="pd-ago"') if is_distance else ""
        return markup('<time datetime="{}" title="{}"{}>{}</time>', machine, exact, marked, text)
    distance = formatting.relative(moment, now)
    return markup('<time datetime="{}" title="{}" class="pd-exact">{}</time>', machine, distance, exact)


@register.simple_tag
def how_times_are_shown() -> dict[str, str | bool]:
    zone = timezone.get_current_timezone_name()
    return {"zone": zone, "exact": formatting.exact_times.get(), "now": formatting.exact(timezone.now())}


@register.simple_tag
def stripes_next_try(moment: datetime) -> SafeString:
    """Of a payment. Past it, the news of what came of it is late, or still to come."""
    ahead = moment > timezone.now()
    if formatting.exact_times.get():
        said = _("Stripe tries again on {}.") if ahead else _("Stripe’s next try was due on {}.")
    else:
        said = _("Stripe tries again {}.") if ahead else _("Stripe’s next try was due {}.")
    return markup(said, when(moment))


@register.simple_tag
def object_id(value: str, what: formatting.Text = "", short: bool | str = False) -> SafeString:
    """Monospace with a copy button, which takes the whole id even where the shortened one stands."""
    return markup(
        '<span class="pd-id"><span title="{}">{}</span>{}</span>',
        value,
        formatting.shortened(value) if short else value,
        copy(value, what),
    )


@register.simple_tag
def copy(value: str, what: formatting.Text = "") -> SafeString:
    return markup(_copy_button(str(what or _("id"))), value=value)


@formatting.once_a_language
def _copy_button(what: str) -> SafeString:
    """With a place for the value."""
    what = what.replace("{", "{{").replace("}", "}}")
    return markup(
        '<button type="button" class="pd-copy" data-copy="{{value}}" title="{}" aria-label="{}">'
        '<span class="pd-ico" aria-hidden="true">content_copy</span></button>',
        _("Copy %(what)s") % {"what": what},
        _("Copy %(what)s %(value)s") % {"what": what, "value": "{value}"},
    )


@register.simple_tag(takes_context=True)
def choose_head(context: Context) -> SafeString | str:
    """Over the boxes of `choose`."""
    if not context["may_choose"]:
        return ""
    return markup('<th scope="col" class="pd-choose-cell"><span class="pd-sr">{}</span></th>', _("Choose"))


@register.simple_tag(takes_context=True)
def choose(context: Context, object_id: str) -> SafeString | str:
    """A cell with the row's box, for whoever may resync: those that are ticked are planned together, by the form
    `chosen`. The label makes the whole cell tick it."""
    if not context["may_choose"]:
        return ""
    return markup(_box(), id=object_id)


@formatting.once_a_language
def _box() -> SafeString:
    """With a place for the id."""
    return markup(
        '<td class="pd-choose-cell"><label class="pd-choose-box">'
        '<input type="checkbox" class="pd-choose" form="chosen" name="ids" value="{{id}}" aria-label="{}">'
        "</label></td>",
        _("Choose %(id)s") % {"id": "{id}"},
    )


@register.simple_tag
def icon(name: str, small: bool | str = False) -> SafeString:
    return markup('<span class="pd-ico{}" aria-hidden="true">{}</span>', " pd-ico-s" if small else "", name)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The page's query string with some parameters set, or taken away where empty: `{% query after=cursor %}`."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return "?" + parameters.urlencode()


@register.inclusion_tag("dashboard/parts/_lag.html", takes_context=True)
def lag_behind_stripe(context: Context) -> dict[str, Any]:
    """One query. Behind by how long a delivery has waited for a worker, as `Lag` counts it."""
    now, state = timezone.now(), lag_of(context)
    behind = state.behind(now)
    return {
        "never": state.last_received is None,
        "behind": behind,
        "tone": "positive" if not behind or behind < timedelta(minutes=1) else "warning",
        "last_received": state.last_received,
    }


@register.filter
def note_tone(level: str) -> str:
    """A tone as it is, a level of Django's messages as the tone that it means."""
    return {"debug": "neutral", "success": "positive", "error": "negative"}.get(level, level or "info")


@register.filter
def note_icon(tone: str) -> str:
    icons = {"positive": "check_circle", "warning": "warning", "negative": "error", "urgent": "priority_high"}
    return icons.get(tone, "info")


@register.filter
def breakable(field: str) -> SafeString:
    """A field's path, which may break after a dot."""
    return markups(SafeString("<wbr>"), "{}", ((part,) for part in re.split(r"(?<=\.)", field)))


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """`names|get:row.customer_id`: empty when there is none."""
    return mapping.get(key, "")
