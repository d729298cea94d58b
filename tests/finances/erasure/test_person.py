"""What of the words that people typed says who somebody is."""

import pytest

from finances.erasure import Person

ADA = Person(["Ada.King@example.test", "Ada King", "+44 20 7946 0958", "4242"])
MONONYM = Person(["Cher", "cher@example.test"])


@pytest.mark.parametrize(
    "text",
    [
        "Write to ada.king@EXAMPLE.test today",
        "ADA  KING called",
        "she called from 020 7946 0958.",
        "0044-20-79460958",
        "Her mail is <ada.king@example.test>",
    ],
)
def test_a_note_that_names_the_person(text: str) -> None:
    assert ADA.is_named_in(text)


@pytest.mark.parametrize(
    "text", ["Canada Kingdom", "ada.kingsley@example.test.example", "paid 4242 EUR", "invoice 2079460", "Ada", ""]
)
def test_a_note_that_names_others(text: str) -> None:
    assert not ADA.is_named_in(text)


@pytest.mark.parametrize("words", ["4242", "q=last4%3A4242", "ada.king", "email:ada.king@example.test", "q=Ada+King"])
def test_a_search_for_the_person(words: str) -> None:
    assert ADA.is_sought_by(words)


@pytest.mark.parametrize("words", ["14242", "NV-4242", "ada", "status=open", ""])
def test_a_search_for_others(words: str) -> None:
    assert not ADA.is_sought_by(words)


def test_a_single_name_counts_where_it_was_searched_for() -> None:
    assert MONONYM.is_sought_by("cher")
    assert not MONONYM.is_named_in("Cher et al.")


@pytest.mark.parametrize("words", ["zoe", "q=ZOË", "o'neill", "name:'O’Néill'", "Zoe O'Neill called"])
def test_whom_a_search_finds_without_accents_it_names(words: str) -> None:
    assert any(Person([name]).is_sought_by(words) for name in ("Zoë", "O’Neill", "Zoë O’Neill"))


def test_nobody_is_named_by_nothing() -> None:
    assert not Person([]).is_named_in("anybody")
    assert not Person(["", " "]).is_sought_by("")
