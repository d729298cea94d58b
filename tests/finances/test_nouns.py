import pytest

from finances import nouns
from finances.mirror.types import TYPES
from finances.nouns import NOUNS


@pytest.mark.parametrize(
    ("count", "object_type", "written"),
    [(1, "refund", "1 refund"), (1250, "payment_intent", "1,250 payment intents"), (0, "", "0 objects")],
)
def test_a_number_of_objects(count, object_type, written) -> None:
    assert nouns.counted(count, object_type) == written


def test_a_type_that_is_not_known_is_readable() -> None:
    assert (nouns.one("tax_id"), nouns.many("tax_id")) == ("tax id", "tax ids")


@pytest.mark.parametrize("name", sorted(TYPES))
def test_each_type_that_is_kept_has_a_name(name) -> None:
    assert name in NOUNS
