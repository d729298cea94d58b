"""Why a payment failed, in plain words for support: what happened, and what the customer can do.

The codes are those that Stripe documents for cards, for bank debits (ACH, SEPA, Bacs) and for its own refusals. A code
that is not among them is repeated as Stripe gave it; nothing is guessed.
"""

from typing import NamedTuple

OTHER_CARD = "The customer can pay with another card or ask the bank."
OTHER_WAY = "The customer has to pay in another way."
ASK_THE_BANK = "The bank tells only the cardholder more: the customer can ask it, or pay with another card."
TYPE_AGAIN = "The customer can enter the card again, or use another one."
LATER = "Trying again later often works; if not, the customer can use another card."
KEEP_IT_TO_YOURSELF = "Do not tell the customer more than “the bank declined”: the person may not be the cardholder."
OTHER_WAY_LATER = "The customer can put money in, after which the debit can be tried again, or pay by card."
OTHER_ACCOUNT = "The customer has to give another bank account or pay by card."
AGREE_AGAIN = "Ask the customer what happened. A new try needs a new mandate; trying without one leads to disputes."
OURS = "Nothing is wrong with the customer’s card. Someone with access to Stripe has to look at it."
NEVER_AGAIN = "Do not try this card again. The customer has to allow the payments at the bank, or pay in another way."
APPROVE = "The customer has to approve the payment with the bank, on the invoice’s payment page."


class Failure(NamedTuple):
    """`sentence`: what happened. `advice`: what can be done, may be empty. `code`: Stripe's, may be empty.

    `name`: a few words, for a chart or a list.
    """

    sentence: str
    advice: str
    code: str
    name: str


class Words(NamedTuple):
    name: str
    sentence: str
    advice: str


BANK_SAYS_NO = Words("Declined by the bank", "The bank declined the card and gave no reason.", ASK_THE_BANK)
FRAUD_SUSPECTED = Words("Suspected fraud", "The bank, or Stripe, takes this payment for fraud.", KEEP_IT_TO_YOURSELF)
WRONG_NUMBER = Words("Wrong card number", "The card number is not right.", TYPE_AGAIN)
WRONG_CVC = Words("Wrong security code", "The card’s security code (CVC) is not right.", TYPE_AGAIN)
WRONG_PIN = Words("Wrong PIN", "The PIN is not right.", "The customer can enter it again at the card reader.")
NEEDS_PIN = Words("PIN needed", "The bank asks for the card’s PIN.", "The customer can insert the card and enter it.")
WRONG_EXPIRY = Words("Wrong expiry date", "The expiry date of the card is not right.", TYPE_AGAIN)
NO_MORE_CHARGES = Words(
    "Stopped by the cardholder", "The cardholder told the bank to stop these payments.", NEVER_AGAIN
)
NOT_ALLOWED = Words("Not allowed for this card", "The bank does not allow this kind of payment.", OTHER_CARD)
NOT_APPROVED = Words(
    "Approval needed", "The bank wants the cardholder to approve this payment, and nobody did.", APPROVE
)
CLOSED = Words("Bank account closed", "The customer’s bank account is closed.", OTHER_ACCOUNT)
NO_SUCH_ACCOUNT = Words("Bank account not found", "The bank finds no account with this number.", OTHER_ACCOUNT)
NO_MANDATE = Words("Debit not authorised", "The account’s holder says that this debit was not agreed to.", AGREE_AGAIN)
BANK_STUCK = Words("Bank could not process it", "The bank could not process the debit and gave no reason.", LATER)
RESTRICTED_ACCOUNT = Words("Bank account restricted", "The bank account does not take debits.", OTHER_ACCOUNT)
OVER_LIMIT = Words("Over a limit", "The payment is over a limit of the bank or of Stripe.", OTHER_CARD)

# What a bank, or Stripe for it, answers for a card.
DECLINES = {
    "approve_with_id": Words("Not authorised", "The bank did not authorise the payment.", LATER),
    "authentication_not_handled": NOT_APPROVED,
    "authentication_required": NOT_APPROVED,
    "call_issuer": Words("Declined by the bank", "The bank declined the card and wants a call.", ASK_THE_BANK),
    "card_not_supported": Words("Card not supported", "The card cannot be used for this kind of purchase.", OTHER_CARD),
    "card_velocity_exceeded": Words(
        "Card’s limit reached", "The card has reached its limit of money or of payments for now.", OTHER_CARD
    ),
    "currency_not_supported": Words("Currency not supported", "The card does not pay in this currency.", OTHER_CARD),
    "do_not_honor": BANK_SAYS_NO,
    "do_not_try_again": Words(
        "Declined for good", "The bank declined the card and asks not to be asked again.", ASK_THE_BANK
    ),
    "duplicate_transaction": Words(
        "Looks like a duplicate",
        "The same amount was charged to the same card a moment before.",
        "Look whether the earlier payment is there before anyone pays again.",
    ),
    "expired_card": Words("Card expired", "The card has expired.", "The customer has to enter a new card."),
    "fraudulent": FRAUD_SUSPECTED,
    "generic_decline": Words(
        "Declined without a reason", "The bank declined the card and gave no reason.", ASK_THE_BANK
    ),
    "incorrect_address": Words("Wrong address", "The address is not the one that the bank has.", TYPE_AGAIN),
    "incorrect_cvc": WRONG_CVC,
    "incorrect_number": WRONG_NUMBER,
    "incorrect_pin": WRONG_PIN,
    "incorrect_zip": Words("Wrong postal code", "The postal code is not the one that the bank has.", TYPE_AGAIN),
    "insufficient_funds": Words("Not enough money", "There is not enough money on the card.", OTHER_CARD),
    "invalid_account": Words("Card not valid", "The card, or the account behind it, is not valid.", OTHER_CARD),
    "invalid_amount": Words(
        "Amount not possible", "The bank does not take this amount: it may be over the card’s limit.", ASK_THE_BANK
    ),
    "invalid_cvc": WRONG_CVC,
    "invalid_expiry_month": WRONG_EXPIRY,
    "invalid_expiry_year": WRONG_EXPIRY,
    "invalid_number": WRONG_NUMBER,
    "invalid_pin": WRONG_PIN,
    "issuer_not_available": Words("Bank not reachable", "The bank could not be reached.", LATER),
    "lost_card": Words("Card reported lost", "The card was reported lost.", KEEP_IT_TO_YOURSELF),
    "merchant_blacklist": Words(
        "On your block list", "The payment matches a value on your own block list in Stripe.", KEEP_IT_TO_YOURSELF
    ),
    "mobile_device_authentication_required": Words(
        "Approval needed", "The bank wants the payment approved on the customer’s phone.", APPROVE
    ),
    "new_account_information_available": Words(
        "Card was replaced",
        "The card, or the account behind it, was replaced.",
        "The customer has to enter the new card.",
    ),
    "no_action_taken": BANK_SAYS_NO,
    "not_permitted": NOT_ALLOWED,
    "offline_pin_required": NEEDS_PIN,
    "online_or_offline_pin_required": NEEDS_PIN,
    "pickup_card": Words(
        "Card must not be used", "The card must not be used; it may be lost or stolen.", KEEP_IT_TO_YOURSELF
    ),
    "pin_try_exceeded": Words("Too many wrong PINs", "The PIN was entered wrong too often.", OTHER_CARD),
    "processing_error": Words("Processing error", "An error happened while the card was processed.", LATER),
    "reenter_transaction": Words(
        "Processing error", "The bank could not process the payment and gave no reason.", LATER
    ),
    "restricted_card": Words(
        "Card restricted", "The card must not be used for this; it may be lost or stolen.", OTHER_CARD
    ),
    "revocation_of_all_authorizations": NO_MORE_CHARGES,
    "revocation_of_authorization": NO_MORE_CHARGES,
    "security_violation": BANK_SAYS_NO,
    "service_not_allowed": NOT_ALLOWED,
    "stolen_card": Words("Card reported stolen", "The card was reported stolen.", KEEP_IT_TO_YOURSELF),
    "stop_payment_order": NO_MORE_CHARGES,
    "testmode_decline": Words("Test card", "A test card was used where only real cards work.", OTHER_CARD),
    "transaction_not_allowed": NOT_ALLOWED,
    "try_again_later": Words("Declined for now", "The bank declined the card and gave no reason.", LATER),
    "withdrawal_count_limit_exceeded": Words(
        "Card’s limit reached", "The card has reached its limit of money or of payments for now.", OTHER_CARD
    ),
}

# What a bank answers to a debit of an account: ACH, SEPA, Bacs and their like.
BANK_DEBITS = {
    "account_closed": CLOSED,
    "account_frozen": Words("Bank account frozen", "The bank has frozen the customer’s account.", OTHER_ACCOUNT),
    "bank_account_closed": CLOSED,
    "bank_account_restricted": RESTRICTED_ACCOUNT,
    "bank_account_unusable": RESTRICTED_ACCOUNT,
    "bank_account_unverified": Words(
        "Bank account not verified", "The bank account was never verified.", "The customer has to verify it first."
    ),
    "bank_ownership_changed": Words("Account moved", "The bank account has moved to another bank.", OTHER_ACCOUNT),
    "could_not_process": BANK_STUCK,
    "debit_declined": BANK_STUCK,
    "debit_disputed": NO_MANDATE,
    "debit_not_authorized": NO_MANDATE,
    "declined": Words("Declined by the bank", "The bank declined the payment and gave no reason.", ASK_THE_BANK),
    "generic_could_not_process": BANK_STUCK,
    "insufficient_funds": Words("Not enough money", "There is not enough money in the bank account.", OTHER_WAY_LATER),
    "incorrect_account_holder_name": Words(
        "Wrong account holder", "The name is not that of the account’s holder.", "The customer has to correct the name."
    ),
    "invalid_account_number": Words("Wrong account number", "The bank account’s number is not right.", OTHER_ACCOUNT),
    "no_account": NO_SUCH_ACCOUNT,
    "payment_intent_mandate_invalid": Words(
        "Mandate not valid", "The mandate for this debit is not valid any more.", "The customer has to give a new one."
    ),
    "payment_method_bank_account_blocked": Words(
        "Bank account blocked",
        "Stripe has blocked this bank account after an earlier debit came back.",
        "Stripe lifts the block once the customer’s bank confirms the account; another account works at once.",
    ),
    "payment_method_microdeposit_failed": Words(
        "Verification failed", "The small deposits that verify the account did not arrive.", OTHER_ACCOUNT
    ),
    "sepa_unsupported_account": Words("No SEPA debits", "This bank account takes no SEPA debits.", OTHER_ACCOUNT),
}

# What Stripe itself, or another kind of payment method, answers.
FAILURES = {
    "amount_too_large": OVER_LIMIT,
    "amount_too_small": Words("Amount too small", "The amount is below what can be charged.", OURS),
    "card_declined": BANK_SAYS_NO,
    "card_decline_rate_limit_exceeded": Words(
        "Declined too often", "The card was declined too often in a short time.", "Stripe takes it again after a day."
    ),
    "charge_exceeds_source_limit": OVER_LIMIT,
    "charge_exceeds_transaction_limit": OVER_LIMIT,
    "charge_exceeds_weekly_limit": OVER_LIMIT,
    "charge_expired_for_capture": Words(
        "Not captured in time", "The reserved money was not captured in time and went back.", OURS
    ),
    "country_unsupported": Words("Country not supported", "This way to pay does not work in the country.", OTHER_WAY),
    "invalid_card_type": Words("Card not supported", "This kind of card is not taken.", OTHER_CARD),
    "lock_timeout": Words("Processing error", "Stripe was busy with this payment already.", LATER),
    "payment_intent_authentication_failure": Words(
        "Approval failed", "The cardholder did not pass the bank’s check (3D Secure).", APPROVE
    ),
    "payment_intent_payment_attempt_expired": Words(
        "Ran out of time", "The customer did not finish the payment in time.", "The customer can start it again."
    ),
    "payment_intent_payment_attempt_failed": Words("Failed", "The payment failed and Stripe gives no reason.", LATER),
    "payment_method_currency_mismatch": Words(
        "Currency not supported", "The payment method does not pay in this currency.", OTHER_WAY
    ),
    "payment_method_customer_decline": Words(
        "Declined by the customer", "The customer did not confirm the payment.", "The customer can start it again."
    ),
    "payment_method_not_available": Words("Provider not reachable", "The payment’s provider did not answer.", LATER),
    "payment_method_provider_decline": Words(
        "Declined by the provider", "The payment’s provider declined and gave no reason.", OTHER_WAY
    ),
    "payment_method_provider_timeout": Words(
        "Provider not reachable", "The payment’s provider did not answer in time.", LATER
    ),
    "payment_method_unactivated": Words("Not switched on", "This way to pay is not switched on in Stripe.", OURS),
    "rate_limit": Words("Processing error", "Too much was asked of Stripe at once.", LATER),
    "setup_intent_authentication_failure": Words(
        "Approval failed", "The cardholder did not pass the bank’s check (3D Secure).", APPROVE
    ),
}

# Why Radar, Stripe's fraud check, stopped a payment; `outcome.reason` in Stripe's words.
RADAR = {
    "elevated_risk_level": "Radar, Stripe’s fraud check, stopped this payment: its risk is elevated.",
    "highest_risk_level": "Radar, Stripe’s fraud check, stopped this payment: its risk is very high.",
    "merchant_blacklist": "Radar, Stripe’s fraud check, stopped this payment: it is on your own block list.",
    "rule": "Radar, Stripe’s fraud check, stopped this payment: a rule of yours says so.",
}
BLOCKED = "Radar, Stripe’s fraud check, stopped this payment."
UNBLOCK = "The bank did not refuse. If you know the customer, someone with access to Stripe can allow the card there."

# `insufficient_funds` is a card's as a decline code, and a bank account's where it is the failure code itself.
OF_DECLINE_CODE = FAILURES | BANK_DEBITS | DECLINES
OF_FAILURE_CODE = DECLINES | FAILURES | BANK_DEBITS
NO_REASON = "The payment failed and Stripe gives no reason."


def failure_in_words(failure_code: str, decline_code: str, outcome_type: str = "") -> Failure:
    """Of a charge or of an intent's last error. `outcome_type` is the charge's: `blocked` means that Radar refused."""
    code = decline_code or failure_code
    if outcome_type == "blocked":
        return Failure(RADAR.get(code, BLOCKED), UNBLOCK, code, "Stopped by Radar")
    if decline_code != failure_code and (words := OF_DECLINE_CODE.get(decline_code)):
        return Failure(words.sentence, words.advice, code, words.name)
    if words := OF_FAILURE_CODE.get(failure_code):
        if decline_code in ("", failure_code):
            return Failure(words.sentence, words.advice, code, words.name)
        general = "The bank declined the card." if failure_code == "card_declined" else words.sentence
        return Failure(f"{general} {_as_stripe_says(decline_code)}", words.advice, code, decline_code)
    if code in RADAR:
        return Failure(RADAR[code], UNBLOCK, code, "Stopped by Radar")
    if code:
        return Failure(f"The payment failed. {_as_stripe_says(code)}", "", code, code)
    return Failure(NO_REASON, "", "", "No reason given")


def _as_stripe_says(code: str) -> str:
    return f"Stripe names the reason only by its code, {code}."
