from dashboard.tables.unprocessed import warned_of
from finances.reads.freshness import Unprocessed


def test_nothing_failed_nothing_is_said():
    assert warned_of(Unprocessed([], []), "customer", "cus_1") is None


def test_one_that_is_tried_again_is_a_warning_that_needs_nobody():
    warned = warned_of(Unprocessed([], ["evt_1"]), "invoice", "in_1")

    assert (warned.tone, warned.verb) == ("warning", "Open the event")
    assert warned.text == "What is shown may lack it. It is tried again without anyone's doing."


def test_many_lead_to_the_list_of_their_state():
    warned = warned_of(Unprocessed([f"evt_{number}" for number in range(101)], []), "customer", "cus_1")

    assert warned.tone == "negative"
    assert warned.fact == "More than 100 events about this customer could not be processed."
    assert warned.href.endswith("?q=cus_1&state=quarantined")
