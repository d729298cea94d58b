import pytest

from dashboard.tables.failures import BANK_DEBITS, DECLINES, FAILURES, failure_in_words

# https://docs.stripe.com/declines/codes: the decline codes of cards.
DOCUMENTED = [
    "authentication_required",
    "approve_with_id",
    "call_issuer",
    "card_not_supported",
    "card_velocity_exceeded",
    "currency_not_supported",
    "do_not_honor",
    "do_not_try_again",
    "duplicate_transaction",
    "expired_card",
    "fraudulent",
    "generic_decline",
    "incorrect_number",
    "incorrect_cvc",
    "incorrect_pin",
    "incorrect_zip",
    "insufficient_funds",
    "invalid_account",
    "invalid_amount",
    "invalid_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "invalid_number",
    "invalid_pin",
    "issuer_not_available",
    "lost_card",
    "merchant_blacklist",
    "new_account_information_available",
    "no_action_taken",
    "not_permitted",
    "offline_pin_required",
    "online_or_offline_pin_required",
    "pickup_card",
    "pin_try_exceeded",
    "processing_error",
    "reenter_transaction",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "security_violation",
    "service_not_allowed",
    "stolen_card",
    "stop_payment_order",
    "testmode_decline",
    "transaction_not_allowed",
    "try_again_later",
    "withdrawal_count_limit_exceeded",
]


@pytest.mark.parametrize("code", DOCUMENTED)
def test_each_documented_decline_code_has_a_sentence_and_an_advice(code: str) -> None:
    failure = failure_in_words("card_declined", code)

    assert failure.code == code
    assert failure.sentence.endswith(".")
    assert failure.advice.endswith(".")
    assert code not in failure.sentence + failure.name


@pytest.mark.parametrize("words", [*DECLINES.values(), *BANK_DEBITS.values(), *FAILURES.values()])
def test_the_words_are_whole_sentences_and_short(words) -> None:
    assert words.sentence[0].isupper()
    assert words.sentence.endswith(".")
    assert words.advice.endswith(".")
    assert len(words.sentence) <= 90
    assert len(words.name) <= 32


def test_no_money_is_told_of_a_card_and_of_an_account_in_their_own_words() -> None:
    assert failure_in_words("card_declined", "insufficient_funds").sentence == "There is not enough money on the card."
    for decline_code in ("", "insufficient_funds"):
        account = failure_in_words("insufficient_funds", decline_code)
        assert account.sentence == "There is not enough money in the bank account."


def test_what_radar_stopped_was_not_refused_by_the_bank() -> None:
    by_rule = failure_in_words("card_declined", "rule", "blocked")
    by_radar = failure_in_words("card_declined", "fraudulent", "blocked")

    assert by_rule.sentence == "Radar, Stripe’s fraud check, stopped this payment: a rule of yours says so."
    assert by_radar.sentence == "Radar, Stripe’s fraud check, stopped this payment."
    assert by_radar.advice.startswith("The bank did not refuse.")
    assert (by_radar.name, by_radar.code) == ("Stopped by Radar", "fraudulent")
    assert "Radar" not in failure_in_words("card_declined", "insufficient_funds", "issuer_declined").sentence


def test_a_stolen_card_is_not_told_to_the_person_who_uses_it() -> None:
    for code in ("lost_card", "stolen_card", "pickup_card", "fraudulent"):
        assert failure_in_words("card_declined", code).advice.startswith("Do not tell the customer more")


def test_an_unknown_code_is_repeated_and_nothing_is_guessed() -> None:
    with_known_failure = failure_in_words("card_declined", "moon_phase")
    alone = failure_in_words("moon_phase", "")

    assert with_known_failure.sentence == (
        "The bank declined the card. Stripe names the reason only by its code, moon_phase."
    )
    assert alone.sentence == "The payment failed. Stripe names the reason only by its code, moon_phase."
    assert alone.advice == ""
    assert failure_in_words("", "").sentence == "The payment failed and Stripe gives no reason."
    assert failure_in_words("", "").code == ""
