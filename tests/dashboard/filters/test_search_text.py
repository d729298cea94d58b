"""The grammar of a list's search: words and terms, whatever is typed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.filters.search_text import Term, read


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("status:past_due", Term("status", "", "past_due")),
        ("STATUS:Open", Term("status", "", "Open")),
        ('status:"Past due"', Term("status", "", "Past due")),
        ("amount:>100", Term("amount", ">", "100")),
        ("amount>100", Term("amount", ">", "100")),
        ("created:>=2026-01-01", Term("created", ">=", "2026-01-01")),
        ("created: <=2026-01-01", Term("created", "<=", "2026-01-01")),
        ('name~"acme inc"', Term("name", "~", "acme inc")),
        ("-email:x@example.com", Term("email", "", "x@example.com", negated=True)),
        ('metadata["plan"]:"pro"', Term("metadata", "", "pro", key="plan")),
        ("-metadata[a b]:c", Term("metadata", "", "c", negated=True, key="a b")),
        ("status: open", Term("status", "", "open")),
        ('metadata["plan"]:null', Term("metadata", "", "", key="plan", is_null=True)),
        ("-metadata[plan]:NULL", Term("metadata", "", "", negated=True, key="plan", is_null=True)),
        ('metadata["plan"]:"null"', Term("metadata", "", "null", key="plan")),
        ("name:null", Term("name", "", "null")),
    ],
)
def test_a_term_is_read_as_people_know_it_from_stripe(typed, term):
    assert read(typed).parts == (term,)
    assert read(f"nord {typed} verlag").parts == ("nord", term, "verlag")


@pytest.mark.parametrize("typed", ["https://example.com/a", "10:30", "a-b", "-", "{x}", '"', ":", "ünï:x", "o'neil"])
def test_what_is_no_term_is_a_word(typed):
    assert read(typed).parts == (typed,)


def test_a_term_at_the_end_may_lack_its_value():
    assert read("nord status:").parts == ("nord", Term("status", "", ""))


def test_a_minus_in_front_leaves_a_word_out():
    text = read("nord -süd status:open")

    assert (text.words, text.excluded) == ("nord", ["süd"])


PIECES = st.sampled_from(
    ["status", "metadata", "[", "]", '"', ":", ">", "<", "=", "~", "-", " ", "  ", "a", "ß", "\x00", "\n", "1", "x@y.z"]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=20).map("".join)))
@example('a:"b c"d')
@example('metadata["a]b"]:"c')
@example('name:""')
@example('a:b"')
@example('a:0"<')
@example('a:>=<x"y')
@example('a:>"=x"')
@example('metadata[a]:null metadata[a]:"null" metadata[]:null metadata[a]:>null a:null a:"NULL"')
def test_every_text_can_be_read_and_what_is_written_reads_as_the_same(typed):
    text = read(typed)

    assert read(str(text)) == text
