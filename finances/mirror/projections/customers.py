from django.conf import settings

from finances.expandable import id_of
from finances.mirror.projections.values import Json, created, dialled, moment, search_lines
from finances.models import Customer, PaymentMethod, SubscriptionSchedule


def customer(it: Json) -> Customer:
    settings, phone = it.get("invoice_settings") or {}, it.get("phone") or ""
    return Customer(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        email=it.get("email") or "",
        name=it.get("name") or "",
        currency=it.get("currency") or "",
        balance=it.get("balance") or 0,
        delinquent=bool(it.get("delinquent")),
        phone=phone[:64],
        country=((it.get("address") or {}).get("country") or "")[:2],
        default_payment_method_id=id_of(settings.get("default_payment_method")) or id_of(it.get("default_source")),
        subscriber_id=subscriber_of(it),
        created_at=created(it),
        search_text=search_lines(it.get("email"), it.get("name"), it["id"], phone, dialled(phone)),
    )


def subscriber_of(it: Json) -> str:
    """dj-stripe writes whose customer it made into the metadata, under a name that a setting may change."""
    value = (it.get("metadata") or {}).get(settings.DJSTRIPE_SUBSCRIBER_CUSTOMER_KEY)
    return value[:255] if isinstance(value, str) else ""


def payment_method(it: Json) -> PaymentMethod:
    """A card, or a bank account: Stripe puts the details under the name of the type."""
    kind = it.get("type") or ""
    details = it.get(kind) if isinstance(it.get(kind), dict) else {}
    details = details or {}
    return PaymentMethod(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        customer_id=id_of(it.get("customer")),
        type=kind,
        brand=str(details.get("brand") or details.get("bank_name") or details.get("bank_code") or "")[:64],
        last4=str(details.get("last4") or "")[:4],
        expires_month=details.get("exp_month"),
        expires_year=details.get("exp_year"),
        funding=str(details.get("funding") or details.get("account_type") or "")[:16],
        country=str(details.get("country") or "")[:2],
        created_at=created(it),
    )


def subscription_schedule(it: Json) -> SubscriptionSchedule:
    phase = it.get("current_phase") or {}
    return SubscriptionSchedule(
        id=it["id"],
        livemode=bool(it.get("livemode")),
        customer_id=id_of(it.get("customer")),
        subscription_id=id_of(it.get("subscription")) or id_of(it.get("released_subscription")),
        status=it.get("status") or "",
        end_behavior=it.get("end_behavior") or "",
        phase_starts_at=moment(phase.get("start_date")),
        phase_ends_at=moment(phase.get("end_date")),
        created_at=created(it),
        completed_at=moment(it.get("completed_at")),
        released_at=moment(it.get("released_at")),
        canceled_at=moment(it.get("canceled_at")),
    )
