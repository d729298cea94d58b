import pytest

from finances.mirror.projections.values import search_text
from finances.models import Customer, Subscription
from finances.reads.search import MOST_WORDS, found_with_customer, matching, search_words
from tests.factories import a_customer, a_subscription


@pytest.mark.parametrize("text", ["Straße", "ＡＣＭＥ Ltd", "ΣΊΣΥΦΟΣ", "İstanbul", "ﬁn", "Łódź"])
def test_a_query_is_folded_exactly_as_the_mirror_folds_what_it_searches(text: str) -> None:
    assert " ".join(search_words(text)) == search_text(text)


def test_every_word_has_to_match_in_any_order(db) -> None:
    both = a_customer(name="Nordlicht Verlag", search_text=search_text("Nordlicht Verlag"))
    a_customer(name="Nordlicht", search_text=search_text("Nordlicht"))

    assert list(matching(Customer.objects.all(), "verlag NORD")) == [both]


def test_wildcards_of_like_are_plain_characters(db) -> None:
    a_customer(search_text="plain")
    percent = a_customer(search_text="100%_off")

    assert list(matching(Customer.objects.all(), "%_")) == [percent]


def test_a_long_query_is_cut_to_its_first_words(db) -> None:
    assert len(search_words("a " * 500)) == MOST_WORDS


def test_a_subscription_is_found_by_its_customers_name_and_its_own_id_together(db) -> None:
    theirs = a_subscription(a_customer(search_text="müller"))
    a_subscription(a_customer(search_text="meier"))

    found = found_with_customer(Subscription.objects.all(), f"MÜLLER {theirs.id}")
    assert found.ids == {theirs.id}
    assert list(Subscription.objects.filter(found.condition)) == [theirs]
