from datetime import date

from plotly import graph_objects

from dashboard.charts.failed_payments import failed_payments_chart, failed_payments_figure
from finances.metrics.failed_payments import Failures, Reason

MONTHS = (date(2026, 11, 1), date(2026, 10, 1))
NOW = Failures("eur", 40, (Reason("insufficient_funds", 5, 14500), Reason("expired_card", 1, 2900)))
BEFORE = Failures("eur", 30, (Reason("lost_card", 2, 5800), Reason("insufficient_funds", 1, 2900)))


def words(code: str) -> str:
    return code.replace("_", " ").capitalize()


def address(code: str, month: date) -> str:
    return f"/payments?reason={code}&failed={month:%Y-%m}"


def test_it_is_a_figure_that_plotly_takes():
    graph_objects.Figure(failed_payments_figure(NOW, BEFORE, MONTHS, words, address))


def test_both_months_stand_side_by_side_the_most_frequent_reason_first():
    now, before = failed_payments_figure(NOW, BEFORE, MONTHS, words, address)["data"]

    assert now["y"] == before["y"] == ["Insufficient funds", "Lost card", "Expired card"]
    assert (now["x"], before["x"]) == ([5, 0, 1], [1, 2, 0])
    assert before["customdata"][1] == "/payments?reason=lost_card&failed=2026-10"


def test_the_rarest_reasons_become_one_in_the_chart_and_stay_apart_in_the_table():
    many = Failures("eur", 99, tuple(Reason(f"code_{n}", 10 - n, 100) for n in range(9)))

    chart = failed_payments_chart(many, None, MONTHS, words, address)

    bars = chart.figure["data"][0]
    assert bars["y"][-1] == "4 other reasons"
    assert bars["x"] == [10, 9, 8, 7, 6, 5 + 4 + 3 + 2]
    assert len(chart.rows) == 9


def test_two_codes_in_the_same_words_stay_two_bars():
    two = Failures("eur", 9, (Reason("incorrect_cvc", 3, 100), Reason("invalid_cvc", 2, 100)))

    bars = failed_payments_figure(two, None, MONTHS, lambda code: "Wrong CVC", address)["data"][0]

    assert bars["y"] == ["Wrong CVC (incorrect_cvc)", "Wrong CVC (invalid_cvc)"]
