"""What a list draws for each of its rows or of its many fields.

As templates of their own these took a third of a list's time: an include costs ten times what a tag does.
"""

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_filters import FilterSet

from dashboard import formatting
from dashboard.templatetags.paydesk import object_id
from finances.models import Customer

register = template.Library()

_empty_fields: dict[tuple[type[FilterSet], str, str | None], SafeString] = {}


@register.simple_tag
def customer_cell(customer: Customer | None, customer_id: str = "") -> SafeString:
    """Name and e-mail; the id of one who was never read."""
    if customer:
        return format_html(
            '<bdi class="pd-clip" title="{}"><a href="{}">{}</a></bdi>'
            '<bdi class="pd-clip pd-small pd-mute" title="{}">{}</bdi>',
            customer.name,
            reverse("console:customer", args=[customer.id]),
            customer.name or _("(no name)"),
            customer.email,
            customer.email,
        )
    if customer_id:
        return object_id(customer_id, _("customer id"), short=True)
    return format_html('<span class="pd-mute">{}</span>', formatting.EN_DASH)


@register.simple_tag
def form_field(filters: FilterSet, field: BoundField) -> SafeString:
    """A field of a list's form. Most are empty most of the time, and then always the same."""
    if field.value() or field.errors:
        return field.as_widget()
    key = (type(filters), field.name, get_language())
    if key not in _empty_fields:
        _empty_fields[key] = field.as_widget()
    return _empty_fields[key]
