"""What a list draws for each of its rows or of its many fields.

As templates of their own these took a third of a list's time: an include costs ten times what a tag does.
"""

from collections.abc import Iterable

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.filters.catalogue import called
from dashboard.filters.list_filter import ListFilter
from dashboard.filters.words import Words
from dashboard.tables.failures import Failure
from dashboard.tables.payments import Method
from dashboard.tables.remark import Remark
from dashboard.tables.resyncs import no_single_object
from dashboard.templatetags.markup import markup, markups
from dashboard.templatetags.paydesk import money, object_id, when
from finances.models import Customer, Invoice
from finances.reads.attempts import Purpose
from finances.reads.catalogue import Choice
from finances.reads.customers import Amount

register = template.Library()
register.simple_tag(no_single_object)

_empty_fields: dict[tuple[type[ListFilter], str, str | None], SafeString] = {}


@register.simple_tag
def customer_cell(customer: Customer | None, customer_id: str = "") -> SafeString:
    """Name and e-mail; the id of one who was never read."""
    if customer:
        return markup(
            '<bdi class="pd-clip" title="{name}"><a href="{address}">{shown}</a></bdi>'
            '<bdi class="pd-clip pd-small pd-mute" title="{email}">{email}</bdi>',
            name=customer.name,
            address=formatting.address_of("customer", customer.id),
            shown=customer.name or _("(no name)"),
            email=customer.email,
        )
    if customer_id:
        return object_id(customer_id, _("customer id"), short=True)
    return markup('<span class="pd-mute">{}</span>', formatting.EN_DASH)


@register.simple_tag
def amounts(each_currencys: Iterable[Amount]) -> SafeString:
    """A line a currency, never added across; an en dash for none."""
    lines = markups("", "<div>{}</div>", ((money(it.minor, it.currency),) for it in each_currencys))
    return lines or money(None, "")


@register.simple_tag
def remark(said: Remark | None) -> SafeString | str:
    """A line of its own under what it qualifies."""
    if not said:
        return ""
    return markup('<div class="pd-small {}">{}{}{}</div>', _tone_class(said), said.words, _time_of(said), said.after)


@register.simple_tag
def due(said: Remark) -> SafeString:
    """When money is or was due."""
    return markup('<span class="{}">{}{}</span>', _tone_class(said), said.words, _time_of(said))


def _tone_class(said: Remark) -> str:
    return f"pd-tone-{said.tone}" if said.tone else "pd-mute"


def _time_of(said: Remark) -> SafeString | str:
    return markup(" {}", when(said.at, said.mode)) if said.at else ""


@register.simple_tag
def invoice_links(purposes: Iterable[Purpose]) -> SafeString:
    """To the invoices that a payment is for."""
    links = ((formatting.address_of("invoice", it.invoice_id), it.number or _("(no number)")) for it in purposes)
    return markups(", ", '<a class="pd-nowrap" href="{}">{}</a>', links)


@register.simple_tag
def tries(invoice: Invoice, status: str) -> SafeString | str:
    """How often one that is past due was tried, and when it is tried again."""
    if status != "past_due" or not invoice.attempt_count:
        return ""
    said = ngettext("%(tries)s try", "%(tries)s tries", invoice.attempt_count) % {"tries": invoice.attempt_count}
    if invoice.next_attempt_at:
        said = markup(_("{tries}, next {at}"), tries=said, at=when(invoice.next_attempt_at))
    return markup('<div class="pd-small pd-mute">{}</div>', said)


@register.simple_tag
def failure(why: Failure) -> SafeString:
    """Without the advice. Stripe's code follows in monospace."""
    code = markup(" <code>{}</code>", why.code) if why.code else ""
    return markup('<span class="pd-why">{}{}</span>', why.sentence, code)


@register.simple_tag
def method(pays: Method | None) -> SafeString:
    """The brand or kind, and the last digits as they are read out."""
    if not pays:
        return markup('<span class="pd-mute">{}</span>', formatting.EN_DASH)
    digits = (
        markup(
            ' <span class="pd-num"><span aria-hidden="true">••••</span><span class="pd-sr">{}</span> {}</span>',
            _("ending in"),
            pays.last4,
        )
        if pays.last4
        else ""
    )
    return markup('<span class="pd-nowrap">{}{}</span>', pays.name, digits)


@register.simple_tag
def form_field(filters: ListFilter, field: BoundField) -> SafeString:
    """A field of a list's form, with its label. Most are empty most of the time, and then always the same. Under an id
    stands what has it."""
    if not filters.data.get(field.name):
        return _empty_field(filters, field)
    if not isinstance(chosen := filters.in_force().get(field.name), Choice):
        return _labelled(field, field.as_widget())
    name = f"{field.id_for_label}-name"
    return markup(
        '{}<bdi id="{}" class="pd-small pd-mute pd-field-name">{}</bdi>',
        _labelled(field, field.as_widget(attrs={"aria-describedby": name})),
        name,
        called(chosen),
    )


def _empty_field(filters: ListFilter, field: BoundField) -> SafeString:
    key = (type(filters), field.name, get_language())
    if key not in _empty_fields:
        _empty_fields[key] = _labelled(field, field.as_widget())
    return _empty_fields[key]


def _labelled(field: BoundField, widget: SafeString) -> SafeString:
    return markup('<label for="{}">{}</label>{}', field.id_for_label, field.label, widget)


@register.simple_tag
def search_words(filters: ListFilter) -> SafeString:
    """The terms that this search takes, and what each is about."""
    return _search_words(type(filters))


@formatting.once_a_language
def _search_words(of: type[ListFilter]) -> SafeString:
    return markups("", "<dt><code>{}</code></dt><dd>{}</dd>", Words(of.base_filters).examples())
