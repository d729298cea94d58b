"""Why a payment failed, in plain words for support: what happened, and what the customer can do.

The codes are those that Stripe documents for cards, for bank debits (ACH, SEPA, Bacs) and for its own refusals. A code
that is not among them is repeated as Stripe gave it; nothing is guessed.
"""

from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.formatting import Text

OTHER_CARD = _("The customer can pay with another card or ask the bank.")
OTHER_WAY = _("The customer has to pay in another way.")
ASK_THE_BANK = _("The bank tells only the cardholder more: the customer can ask it, or pay with another card.")
TYPE_AGAIN = _("The customer can enter the card again, or use another one.")
LATER = _("Trying again later often works; if not, the customer can use another card.")
KEEP_IT_TO_YOURSELF = _("Do not tell the customer more than “the bank declined”: the person may not be the cardholder.")
OTHER_WAY_LATER = _("The customer can put money in, after which the debit can be tried again, or pay by card.")
OTHER_ACCOUNT = _("The customer has to give another bank account or pay by card.")
AGREE_AGAIN = _("Ask the customer what happened. A new try needs a new mandate; trying without one leads to disputes.")
OURS = _("Nothing is wrong with the customer’s card. Someone with access to Stripe has to look at it.")
NEVER_AGAIN = _(
    "Do not try this card again. The customer has to allow the payments at the bank, or pay in another way."
)
APPROVE = _("The customer has to approve the payment with the bank, on the invoice’s payment page.")


class Failure(NamedTuple):
    """`sentence`: what happened. `advice`: what can be done, may be empty. `code`: Stripe's, may be empty.

    `name`: a few words, for a chart or a list.
    """

    sentence: str
    advice: str
    code: str
    name: str


class Words(NamedTuple):
    name: Text
    sentence: Text
    advice: Text


BANK_SAYS_NO = Words(_("Declined by the bank"), _("The bank declined the card and gave no reason."), ASK_THE_BANK)
FRAUD_SUSPECTED = Words(
    _("Suspected fraud"),
    _("The bank, or Stripe, takes this payment for fraud."),
    KEEP_IT_TO_YOURSELF,
)
WRONG_NUMBER = Words(_("Wrong card number"), _("The card number is not right."), TYPE_AGAIN)
WRONG_CVC = Words(_("Wrong security code"), _("The card’s security code (CVC) is not right."), TYPE_AGAIN)
WRONG_PIN = Words(
    _("Wrong PIN"),
    _("The PIN is not right."),
    _("The customer can enter it again at the card reader."),
)
NEEDS_PIN = Words(
    _("PIN needed"),
    _("The bank asks for the card’s PIN."),
    _("The customer can insert the card and enter it."),
)
WRONG_EXPIRY = Words(_("Wrong expiry date"), _("The expiry date of the card is not right."), TYPE_AGAIN)
NO_MORE_CHARGES = Words(
    _("Stopped by the cardholder"),
    _("The cardholder told the bank to stop these payments."),
    NEVER_AGAIN,
)
NOT_ALLOWED = Words(_("Not allowed for this card"), _("The bank does not allow this kind of payment."), OTHER_CARD)
NOT_APPROVED = Words(
    _("Approval needed"),
    _("The bank wants the cardholder to approve this payment, and nobody did."),
    APPROVE,
)
CLOSED = Words(_("Bank account closed"), _("The customer’s bank account is closed."), OTHER_ACCOUNT)
NO_SUCH_ACCOUNT = Words(_("Bank account not found"), _("The bank finds no account with this number."), OTHER_ACCOUNT)
NO_MANDATE = Words(
    _("Debit not authorised"),
    _("The account’s holder says that this debit was not agreed to."),
    AGREE_AGAIN,
)
BANK_STUCK = Words(
    _("Bank could not process it"),
    _("The bank could not process the debit and gave no reason."),
    LATER,
)
RESTRICTED_ACCOUNT = Words(_("Bank account restricted"), _("The bank account does not take debits."), OTHER_ACCOUNT)
OVER_LIMIT = Words(_("Over a limit"), _("The payment is over a limit of the bank or of Stripe."), OTHER_CARD)

# What a bank, or Stripe for it, answers for a card.
DECLINES = {
    "approve_with_id": Words(_("Not authorised"), _("The bank did not authorise the payment."), LATER),
    "authentication_not_handled": NOT_APPROVED,
    "authentication_required": NOT_APPROVED,
    "call_issuer": Words(_("Declined by the bank"), _("The bank declined the card and wants a call."), ASK_THE_BANK),
    "card_not_supported": Words(
        _("Card not supported"),
        _("The card cannot be used for this kind of purchase."),
        OTHER_CARD,
    ),
    "card_velocity_exceeded": Words(
        _("Card’s limit reached"),
        _("The card has reached its limit of money or of payments for now."),
        OTHER_CARD,
    ),
    "currency_not_supported": Words(
        _("Currency not supported"), _("The card does not pay in this currency."), OTHER_CARD
    ),
    "do_not_honor": BANK_SAYS_NO,
    "do_not_try_again": Words(
        _("Declined for good"),
        _("The bank declined the card and asks not to be asked again."),
        ASK_THE_BANK,
    ),
    "duplicate_transaction": Words(
        _("Looks like a duplicate"),
        _("The same amount was charged to the same card a moment before."),
        _("Look whether the earlier payment is there before anyone pays again."),
    ),
    "expired_card": Words(
        _("Card expired"),
        _("The card has expired."),
        _("The customer has to enter a new card."),
    ),
    "fraudulent": FRAUD_SUSPECTED,
    "generic_decline": Words(
        _("Declined without a reason"),
        _("The bank declined the card and gave no reason."),
        ASK_THE_BANK,
    ),
    "incorrect_address": Words(_("Wrong address"), _("The address is not the one that the bank has."), TYPE_AGAIN),
    "incorrect_cvc": WRONG_CVC,
    "incorrect_number": WRONG_NUMBER,
    "incorrect_pin": WRONG_PIN,
    "incorrect_zip": Words(_("Wrong postal code"), _("The postal code is not the one that the bank has."), TYPE_AGAIN),
    "insufficient_funds": Words(_("Not enough money"), _("There is not enough money on the card."), OTHER_CARD),
    "invalid_account": Words(_("Card not valid"), _("The card, or the account behind it, is not valid."), OTHER_CARD),
    "invalid_amount": Words(
        _("Amount not possible"),
        _("The bank does not take this amount: it may be over the card’s limit."),
        ASK_THE_BANK,
    ),
    "invalid_cvc": WRONG_CVC,
    "invalid_expiry_month": WRONG_EXPIRY,
    "invalid_expiry_year": WRONG_EXPIRY,
    "invalid_number": WRONG_NUMBER,
    "invalid_pin": WRONG_PIN,
    "issuer_not_available": Words(_("Bank not reachable"), _("The bank could not be reached."), LATER),
    "lost_card": Words(_("Card reported lost"), _("The card was reported lost."), KEEP_IT_TO_YOURSELF),
    "merchant_blacklist": Words(
        _("On your block list"),
        _("The payment matches a value on your own block list in Stripe."),
        KEEP_IT_TO_YOURSELF,
    ),
    "mobile_device_authentication_required": Words(
        _("Approval needed"),
        _("The bank wants the payment approved on the customer’s phone."),
        APPROVE,
    ),
    "new_account_information_available": Words(
        _("Card was replaced"),
        _("The card, or the account behind it, was replaced."),
        _("The customer has to enter the new card."),
    ),
    "no_action_taken": BANK_SAYS_NO,
    "not_permitted": NOT_ALLOWED,
    "offline_pin_required": NEEDS_PIN,
    "online_or_offline_pin_required": NEEDS_PIN,
    "pickup_card": Words(
        _("Card must not be used"),
        _("The card must not be used; it may be lost or stolen."),
        KEEP_IT_TO_YOURSELF,
    ),
    "pin_try_exceeded": Words(_("Too many wrong PINs"), _("The PIN was entered wrong too often."), OTHER_CARD),
    "processing_error": Words(_("Processing error"), _("An error happened while the card was processed."), LATER),
    "reenter_transaction": Words(
        _("Processing error"),
        _("The bank could not process the payment and gave no reason."),
        LATER,
    ),
    "restricted_card": Words(
        _("Card restricted"),
        _("The card must not be used for this; it may be lost or stolen."),
        OTHER_CARD,
    ),
    "revocation_of_all_authorizations": NO_MORE_CHARGES,
    "revocation_of_authorization": NO_MORE_CHARGES,
    "security_violation": BANK_SAYS_NO,
    "service_not_allowed": NOT_ALLOWED,
    "stolen_card": Words(_("Card reported stolen"), _("The card was reported stolen."), KEEP_IT_TO_YOURSELF),
    "stop_payment_order": NO_MORE_CHARGES,
    "testmode_decline": Words(_("Test card"), _("A test card was used where only real cards work."), OTHER_CARD),
    "transaction_not_allowed": NOT_ALLOWED,
    "try_again_later": Words(_("Declined for now"), _("The bank declined the card and gave no reason."), LATER),
    "withdrawal_count_limit_exceeded": Words(
        _("Card’s limit reached"),
        _("The card has reached its limit of money or of payments for now."),
        OTHER_CARD,
    ),
}

# What a bank answers to a debit of an account: ACH, SEPA, Bacs and their like.
BANK_DEBITS = {
    "account_closed": CLOSED,
    "account_frozen": Words(_("Bank account frozen"), _("The bank has frozen the customer’s account."), OTHER_ACCOUNT),
    "bank_account_closed": CLOSED,
    "bank_account_restricted": RESTRICTED_ACCOUNT,
    "bank_account_unusable": RESTRICTED_ACCOUNT,
    "bank_account_unverified": Words(
        _("Bank account not verified"),
        _("The bank account was never verified."),
        _("The customer has to verify it first."),
    ),
    "bank_ownership_changed": Words(
        _("Account moved"), _("The bank account has moved to another bank."), OTHER_ACCOUNT
    ),
    "could_not_process": BANK_STUCK,
    "debit_declined": BANK_STUCK,
    "debit_disputed": NO_MANDATE,
    "debit_not_authorized": NO_MANDATE,
    "declined": Words(
        _("Declined by the bank"),
        _("The bank declined the payment and gave no reason."),
        ASK_THE_BANK,
    ),
    "generic_could_not_process": BANK_STUCK,
    "insufficient_funds": Words(
        _("Not enough money"),
        _("There is not enough money in the bank account."),
        OTHER_WAY_LATER,
    ),
    "incorrect_account_holder_name": Words(
        _("Wrong account holder"),
        _("The name is not that of the account’s holder."),
        _("The customer has to correct the name."),
    ),
    "invalid_account_number": Words(
        _("Wrong account number"), _("The bank account’s number is not right."), OTHER_ACCOUNT
    ),
    "no_account": NO_SUCH_ACCOUNT,
    "payment_intent_mandate_invalid": Words(
        _("Mandate not valid"),
        _("The mandate for this debit is not valid any more."),
        _("The customer has to give a new one."),
    ),
    "payment_method_bank_account_blocked": Words(
        _("Bank account blocked"),
        _("Stripe has blocked this bank account after an earlier debit came back."),
        _("Stripe lifts the block once the customer’s bank confirms the account; another account works at once."),
    ),
    "payment_method_microdeposit_failed": Words(
        _("Verification failed"),
        _("The small deposits that verify the account did not arrive."),
        OTHER_ACCOUNT,
    ),
    "sepa_unsupported_account": Words(_("No SEPA debits"), _("This bank account takes no SEPA debits."), OTHER_ACCOUNT),
}

# What Stripe itself, or another kind of payment method, answers.
FAILURES = {
    "amount_too_large": OVER_LIMIT,
    "amount_too_small": Words(_("Amount too small"), _("The amount is below what can be charged."), OURS),
    "card_declined": BANK_SAYS_NO,
    "card_decline_rate_limit_exceeded": Words(
        _("Declined too often"),
        _("The card was declined too often in a short time."),
        _("Stripe takes it again after a day."),
    ),
    "charge_exceeds_source_limit": OVER_LIMIT,
    "charge_exceeds_transaction_limit": OVER_LIMIT,
    "charge_exceeds_weekly_limit": OVER_LIMIT,
    "charge_expired_for_capture": Words(
        _("Not captured in time"),
        _("The reserved money was not captured in time and went back."),
        OURS,
    ),
    "country_unsupported": Words(
        _("Country not supported"), _("This way to pay does not work in the country."), OTHER_WAY
    ),
    "invalid_card_type": Words(_("Card not supported"), _("This kind of card is not taken."), OTHER_CARD),
    "lock_timeout": Words(_("Processing error"), _("Stripe was busy with this payment already."), LATER),
    "payment_intent_authentication_failure": Words(
        _("Approval failed"),
        _("The cardholder did not pass the bank’s check (3D Secure)."),
        APPROVE,
    ),
    "payment_intent_payment_attempt_expired": Words(
        _("Ran out of time"),
        _("The customer did not finish the payment in time."),
        _("The customer can start it again."),
    ),
    "payment_intent_payment_attempt_failed": Words(
        _("Failed"), _("The payment failed and Stripe gives no reason."), LATER
    ),
    "payment_method_currency_mismatch": Words(
        _("Currency not supported"),
        _("The payment method does not pay in this currency."),
        OTHER_WAY,
    ),
    "payment_method_customer_decline": Words(
        _("Declined by the customer"),
        _("The customer did not confirm the payment."),
        _("The customer can start it again."),
    ),
    "payment_method_not_available": Words(
        _("Provider not reachable"), _("The payment’s provider did not answer."), LATER
    ),
    "payment_method_provider_decline": Words(
        _("Declined by the provider"),
        _("The payment’s provider declined and gave no reason."),
        OTHER_WAY,
    ),
    "payment_method_provider_timeout": Words(
        _("Provider not reachable"), _("The payment’s provider did not answer in time."), LATER
    ),
    "payment_method_unactivated": Words(_("Not switched on"), _("This way to pay is not switched on in Stripe."), OURS),
    "rate_limit": Words(_("Processing error"), _("Too much was asked of Stripe at once."), LATER),
    "setup_intent_authentication_failure": Words(
        _("Approval failed"),
        _("The cardholder did not pass the bank’s check (3D Secure)."),
        APPROVE,
    ),
}

# Why Radar, Stripe's fraud check, stopped a payment; `outcome.reason` in Stripe's words.
RADAR = {
    "elevated_risk_level": _("Radar, Stripe’s fraud check, stopped this payment: its risk is elevated."),
    "highest_risk_level": _("Radar, Stripe’s fraud check, stopped this payment: its risk is very high."),
    "merchant_blacklist": _("Radar, Stripe’s fraud check, stopped this payment: it is on your own block list."),
    "rule": _("Radar, Stripe’s fraud check, stopped this payment: a rule of yours says so."),
}
BLOCKED = _("Radar, Stripe’s fraud check, stopped this payment.")
UNBLOCK = _(
    "The bank did not refuse. If you know the customer, someone with access to Stripe can allow the card there."
)

# `insufficient_funds` is a card's as a decline code, and a bank account's where it is the failure code itself.
OF_DECLINE_CODE = FAILURES | BANK_DEBITS | DECLINES
OF_FAILURE_CODE = DECLINES | FAILURES | BANK_DEBITS
NO_REASON = _("The payment failed and Stripe gives no reason.")


def failure_in_words(failure_code: str, decline_code: str, outcome_type: str = "") -> Failure:
    """Of a charge or of an intent's last error. `outcome_type` is the charge's: `blocked` means that Radar refused."""
    code = decline_code or failure_code
    if outcome_type == "blocked":
        return Failure(str(RADAR.get(code, BLOCKED)), str(UNBLOCK), code, gettext("Stopped by Radar"))
    if decline_code != failure_code and (words := OF_DECLINE_CODE.get(decline_code)):
        return Failure(str(words.sentence), str(words.advice), code, str(words.name))
    if words := OF_FAILURE_CODE.get(failure_code):
        if decline_code in ("", failure_code):
            return Failure(str(words.sentence), str(words.advice), code, str(words.name))
        general = gettext("The bank declined the card.") if failure_code == "card_declined" else words.sentence
        return Failure(f"{general} {_as_stripe_says(decline_code)}", str(words.advice), code, decline_code)
    if code in RADAR:
        return Failure(str(RADAR[code]), str(UNBLOCK), code, gettext("Stopped by Radar"))
    if code:
        return Failure(" ".join((gettext("The payment failed."), _as_stripe_says(code))), "", code, code)
    return Failure(str(NO_REASON), "", "", gettext("No reason given"))


def _as_stripe_says(code: str) -> str:
    return gettext("Stripe names the reason only by its code, %(code)s.") % {"code": code}
