"""How cards and bank debits are refused: in Stripe's words, as they stand on the charge and on its intent."""

from __future__ import annotations

from dataclasses import dataclass

NO_DETAILS = "The bank did not return any further details with this decline."


@dataclass(frozen=True)
class Decline:
    """`code` is the charge's failure code, `decline_code` the issuer's reason (None where there is no issuer's),
    `network` the network's own code. `outcome` is the charge's outcome type. One that is not `charged` stops before a
    charge is made; `action` leaves the intent waiting for the cardholder."""

    code: str
    decline_code: str | None
    message: str
    advice_code: str | None = "try_again_later"
    seller_message: str = NO_DETAILS
    network: str | None = None
    outcome: str = "issuer_declined"
    charged: bool = True
    action: bool = False


def _refused(reason: str, advice: str | None, network: str, seller: str = NO_DETAILS) -> Decline:
    return Decline("card_declined", reason, "Your card was declined.", advice, seller, network)


GENERIC = _refused("generic_decline", "try_again_later", "01")
POOR = Decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
    seller_message="The bank returned the decline code `insufficient_funds`.",
    network="51",
)
EXPIRED = Decline(
    "expired_card",
    "expired_card",
    "Your card has expired.",
    "confirm_card_data",
    "The bank returned the decline code `expired_card`.",
    "54",
)
DO_NOT_HONOR = _refused("do_not_honor", "try_again_later", "05")
LOST = _refused("lost_card", "do_not_try_again", "41", "The bank returned the decline code `lost_card`.")
STOLEN = _refused("stolen_card", "do_not_try_again", "43", "The bank returned the decline code `stolen_card`.")
WRONG_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
    "confirm_card_data",
    "The bank returned the decline code `incorrect_cvc`.",
    "82",
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    seller_message="The bank returned the decline code `processing_error`.",
    network="96",
)
AUTHENTICATION = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    None,
    "The bank returned the decline code `authentication_required`.",
    "1A",
    action=True,
)
TOO_OFTEN = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    "try_again_later",
    "The bank returned the decline code `card_velocity_exceeded`.",
    "65",
)
LATER = _refused("try_again_later", "try_again_later", "19")
BLOCKED = Decline(
    "card_declined",
    "fraudulent",
    "Your card was declined.",
    "do_not_try_again",
    "Stripe blocked this payment as too risky.",
    outcome="blocked",
)
FAILED_3DS = Decline(
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again.",
    None,
    charged=False,
)

DECLINES = (
    GENERIC,
    POOR,
    EXPIRED,
    DO_NOT_HONOR,
    LOST,
    STOLEN,
    WRONG_CVC,
    PROCESSING,
    AUTHENTICATION,
    TOO_OFTEN,
    LATER,
    BLOCKED,
)
WEIGHTS = (24, 30, 0, 14, 3, 2, 5, 4, 8, 3, 4, 3)  # of a refusal by chance; a card's expiry date decides on its own


def _returned(reason: str, message: str) -> Decline:
    return Decline(reason, None, message, None, "The customer's bank returned the debit.")


RETURNS = {
    "sepa_debit": (
        _returned("insufficient_funds", "The customer's account has insufficient funds to cover this payment."),
        _returned("debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."),
        _returned("account_closed", "The customer's bank account has been closed."),
    ),
    "us_bank_account": (
        _returned("insufficient_funds", "The customer's account has insufficient funds to cover this payment."),
        _returned("no_account", "The bank account could not be located."),
        _returned("account_closed", "The customer's bank account has been closed."),
    ),
}
