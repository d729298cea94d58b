from hypothesis import given
from hypothesis import strategies as st

from finances.differences import differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def test_each_field_that_differs_is_named_with_both_sides():
    before = {"a": 1, "b": {"c": [1, 2]}, "gone": None}
    after = {"a": 1, "b": {"c": [1, 3, 4]}, "new": True}

    assert differences(before, after) == [
        {"field": "b.c[1]", "before": 2, "after": 3},
        {"field": "b.c[2]", "after": 4},
        {"field": "gone", "before": None},
        {"field": "new", "after": True},
    ]


def test_true_is_not_one():
    assert differences({"a": True}, {"a": 1}) == [{"field": "a", "before": True, "after": 1}]


@given(JSON)
def test_a_state_does_not_differ_from_itself(state):
    assert differences(state, state) == []


@given(JSON, JSON)
def test_states_that_are_not_equal_differ(before, after):
    if before != after:
        assert differences({"it": before}, {"it": after})
