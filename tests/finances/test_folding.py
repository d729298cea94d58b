import pytest
from hypothesis import given
from hypothesis import strategies as st

from finances.folding import folded


@pytest.mark.parametrize(
    ("spellings", "meant"),
    [
        (["müller", "Müller", "MÜLLER", "mu\u0308ller", "muller"], "muller"),
        (["García", "GARCIA"], "garcia"),
        (["Łukasz", "łukasz", "LUKASZ"], "lukasz"),
        (["Straße", "STRAẞE", "strasse"], "strasse"),
        (["Ærøskøbing", "AEROSKOBING"], "aeroskobing"),
        (["Þórður", "Thordur"], "thordur"),
        (["Đoàn Nguyễn", "doan nguyen"], "doan nguyen"),
        (["İstanbul", "ISTANBUL", "ıstanbul"], "istanbul"),
        (["Œuvre", "oeuvre"], "oeuvre"),
        (["ＡＣＭＥ", "acme"], "acme"),
        (["O’Brien", "O'Brien", "Oʼbrien"], "o'brien"),
        (["Jean–Luc", "Jean‐Luc", "jean-luc"], "jean-luc"),
        (["ΣΊΣΥΦΟΣ", "σίσυφος"], "σισυφοσ"),
        (["Алёна", "алена"], "алена"),
    ],
)
def test_spellings_of_one_name_are_one(spellings: list[str], meant: str) -> None:
    assert {folded(each) for each in spellings} == {meant}


@pytest.mark.parametrize(
    ("one", "other"),
    [("Müller", "Mueller"), ("ガス", "カス"), ("한국", "하국"), ("a.b", "ab"), ("a_b", "a-b")],
)
def test_what_is_more_than_an_accent_is_told_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize("text", ["ada.king+x@example.org", "+49 (30) 123-456", "8aujlckc-0016-cn-02", "cus_r7k"])
def test_e_mails_numbers_and_ids_stay_as_they_are(text: str) -> None:
    assert folded(text) == text


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(), st.text())
def test_words_are_folded_alike_alone_and_in_a_row(one: str, other: str) -> None:
    assert folded(f"{one} {other}") == f"{folded(one)} {folded(other)}"
