"""Thin over `dashboard.formatting`: what is written there, in this console's markup."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.templatetags.banners import lag_of

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


@register.simple_tag
def filled(sentence: str, **parts: str) -> SafeString:
    """A sentence with places in braces, which markup may take: `{% filled reason plan=link %}`."""
    return format_html(sentence, **parts)


@register.simple_block_tag
def piece(content: str) -> str:
    """What stands in the midst of a sentence and takes tags to be drawn: `{% piece as link %}…{% endpiece %}`."""
    return content


@register.simple_tag
def badge(status: str, word: formatting.Text = "", tone: str = "") -> SafeString:
    """A status: tone, glyph and word. `{% badge "open" "Past due" "urgent" %}` for a derived one."""
    return format_html(
        '<span class="pd-badge" data-tone="{}">{}</span>',
        tone or formatting.tone(status),
        word or formatting.word(status),
    )


@register.simple_tag
def mark(tone: str, word: formatting.Text = "") -> SafeString:
    return format_html('<span class="pd-mark" data-tone="{}">{}</span>', tone, word)


@register.simple_tag
def money(minor: int | Decimal | None, currency: str) -> SafeString:
    if minor is None:
        return format_html('<span class="pd-amt pd-none">{}<small></small></span>', formatting.EN_DASH)
    return format_html(
        '<span class="pd-amt">{}<small>{}</small></span>', formatting.digits(minor, currency), currency.upper()
    )


@register.simple_tag
def when(moment: datetime | None, mode: str = "") -> SafeString:
    """`mode`: empty for a distance (a date past twenty days), `date`, `time`, `exact`. In the viewer's zone; exactly
    whatever the mode where the viewer wants that, and then the distance stands in the tip."""
    if not moment:
        return format_html('<span class="pd-mute">{}</span>', formatting.EN_DASH)
    # Once: what is in the viewer's zone is not moved there again.
    moment, now = timezone.localtime(moment), timezone.localtime()
    match mode:
        case "date":
            text = formatting.day(moment, now)
        case "time":
            text = f"{moment:%H:%M}"
        case "exact":
            text = formatting.exact(moment)
        case _:
            text = formatting.relative(moment, now)
    machine, exact = moment.isoformat(timespec="seconds"), formatting.exact(moment)
    if not formatting.exact_times.get() or text == exact:
        return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, text)
    distance = formatting.relative(moment, now)
    return format_html('<time datetime="{}" title="{}" class="pd-exact">{}</time>', machine, distance, exact)


@register.simple_tag
def how_times_are_shown() -> dict[str, str | bool]:
    return {"zone": timezone.get_current_timezone_name(), "exact": formatting.exact_times.get()}


@register.simple_tag
def stripes_next_try(moment: datetime) -> SafeString:
    """Of a payment. Past it, the news of what came of it is late, or still to come."""
    ahead = moment > timezone.now()
    if formatting.exact_times.get():
        said = _("Stripe tries again on {}.") if ahead else _("Stripe’s next try was due on {}.")
    else:
        said = _("Stripe tries again {}.") if ahead else _("Stripe’s next try was due {}.")
    return format_html(said, when(moment))


@register.simple_tag
def object_id(value: str, what: formatting.Text = "", short: bool | str = False) -> SafeString:
    """Monospace with a copy button, which takes the whole id even where the shortened one stands."""
    return format_html(
        '<span class="pd-id"><span title="{}">{}</span>{}</span>',
        value,
        formatting.shortened(value) if short else value,
        copy(value, what),
    )


@register.simple_tag
def copy(value: str, what: formatting.Text = "") -> SafeString:
    what = what or _("id")
    return format_html(
        '<button type="button" class="pd-copy" data-copy="{}" title="{}" aria-label="{}">'
        '<span class="pd-ico" aria-hidden="true">content_copy</span></button>',
        value,
        _("Copy %(what)s") % {"what": what},
        _("Copy %(what)s %(value)s") % {"what": what, "value": value},
    )


@register.simple_tag(takes_context=True)
def choose_head(context: Context) -> SafeString | str:
    """Over the boxes of `choose`."""
    if not context["may_choose"]:
        return ""
    return format_html('<th scope="col" class="pd-choose-cell"><span class="pd-sr">{}</span></th>', _("Choose"))


@register.simple_tag(takes_context=True)
def choose(context: Context, object_id: str) -> SafeString | str:
    """A cell with the row's box, for whoever may resync: those that are ticked are planned together, by the form
    `chosen`. The label makes the whole cell tick it."""
    if not context["may_choose"]:
        return ""
    return format_html(
        '<td class="pd-choose-cell"><label class="pd-choose-box">'
        '<input type="checkbox" class="pd-choose" form="chosen" name="ids" value="{}" aria-label="{}"></label></td>',
        object_id,
        _("Choose %(id)s") % {"id": object_id},
    )


@register.simple_tag
def icon(name: str, small: bool | str = False) -> SafeString:
    return format_html('<span class="pd-ico{}" aria-hidden="true">{}</span>', " pd-ico-s" if small else "", name)


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
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in re.split(r"(?<=\.)", field)))


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """`names|get:row.customer_id`: empty when there is none."""
    return mapping.get(key, "")
