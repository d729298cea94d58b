import psycopg
import pytest

SAMPLE = "import django; django.setup(); from tests.scale.sample import differences; print('\\n'.join(differences()))"


@pytest.fixture(scope="module")
def business(make_business):
    return make_business("tiny")


def test_there_is_as_much_of_everything_as_was_asked_for(business):
    with psycopg.connect(business.url) as looking:
        numbers = looking.execute(
            "SELECT (SELECT count(*) FROM paydesk_customer), (SELECT count(*) FROM paydesk_subscription),"
            " (SELECT count(*) FROM paydesk_invoice), (SELECT count(*) FROM djstripe_invoice),"
            " (SELECT count(*) FROM paydesk_invoiceline), (SELECT count(*) FROM paydesk_delivery)"
        ).fetchone()

    customers, subscriptions, invoices, of_djstripe, lines, deliveries = numbers
    assert customers >= 60
    assert subscriptions >= 70
    assert 540 <= invoices <= 900  # chance has its part, and so has the largest customer
    assert of_djstripe == invoices
    assert lines >= 2 * invoices
    assert deliveries >= invoices


def test_no_two_copies_share_an_id_and_each_has_a_name_of_its_own(business):
    with psycopg.connect(business.url) as looking:
        keys = looking.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'p' AND conrelid = 'paydesk_invoice'::regclass"
        ).fetchone()
        emails = looking.execute("SELECT count(*), count(DISTINCT email) FROM paydesk_customer WHERE email <> ''")
        count, distinct = emails.fetchone()

    assert keys == (1,)
    assert distinct > count * 0.8


def test_a_row_that_the_mirror_would_not_have_written_is_found(business):
    assert business.run("-c", SAMPLE) == ""

    with psycopg.connect(business.url) as changing:
        changing.execute("UPDATE paydesk_invoice SET amount_due = amount_due + 1")
        changing.execute("UPDATE paydesk_objectstate SET content_hash = '\\x00' WHERE type = 'charge'")

    said = business.run("-c", SAMPLE)
    assert "amount_due" in said
    assert "the hash is not of its JSON" in said
