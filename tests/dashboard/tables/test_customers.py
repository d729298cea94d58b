from dashboard.tables.customers import customer_standing, status, title
from finances.models import Customer, Invoice, Subscription
from tests.factories import NOON


def test_a_customer_without_a_name_or_a_subscription_still_has_words() -> None:
    assert (title(Customer(name="")), status([])) == ("(no name)", "none")


def test_failed_tries_are_the_most_urgent_fact() -> None:
    subscription = Subscription(status="past_due", collection_paused=True)

    planned = customer_standing([subscription], Invoice(attempt_count=3, next_attempt_at=NOON))
    assert (planned and planned.words, planned and planned.at) == ("3 tries failed, next", NOON)
    given_up = customer_standing([subscription], Invoice(attempt_count=1))
    assert given_up
    assert given_up.words == "1 try failed, none planned"


def test_several_running_subscriptions_are_counted() -> None:
    subscriptions = [Subscription(status="active"), Subscription(status="trialing"), Subscription(status="canceled")]

    remark = customer_standing(subscriptions, None)
    assert remark
    assert remark.words == "2 subscriptions"
    assert customer_standing(subscriptions[:1], None) is None
