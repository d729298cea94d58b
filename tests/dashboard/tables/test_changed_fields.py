from dashboard.tables.changed_fields import with_changed


def test_what_changed_is_named_in_words() -> None:
    assert with_changed("Customer changed", ["address", "email"]) == "Customer changed: e-mail and address"
    assert with_changed("Customer changed", ["email"]) == "Customer changed: e-mail"


def test_three_names_are_enough_and_the_rest_is_counted() -> None:
    fields = ["metadata", "address", "phone", "email", "name"]

    assert with_changed("Customer changed", fields) == "Customer changed: e-mail, name, telephone and 2 more"


def test_fields_of_one_word_are_said_once() -> None:
    renewed = ["current_period_end", "current_period_start", "latest_invoice"]

    assert with_changed("Subscription changed", renewed) == "Subscription changed: period and latest invoice"


def test_a_field_without_a_word_comes_last_as_stripe_writes_it() -> None:
    assert with_changed("Changed", ["a_new_field", "status"]) == "Changed: status and a_new_field"


def test_an_event_that_says_nothing_of_it_is_as_it_was() -> None:
    assert with_changed("Customer changed", []) == "Customer changed"
