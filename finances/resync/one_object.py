"""One object of a part, read directly: written or compared, and saved with the part's place."""

from collections.abc import Callable

from django.db import OperationalError

from finances import mirror
from finances.resync import ending
from finances.resync.claiming import LostPart
from finances.resync.comparing import Compared, compare_one
from finances.resync.findings import NotStored, not_stored, note, note_compared, note_deleted_before
from finances.resync.in_hand import PartInHand
from finances.resync.left_behind import steps_after
from finances.resync.reading import Place
from finances.stripe_problems import CallRefused, ScopeMissing, StripeProblem

Within = Callable[[list[mirror.Written]], None]
Outcome = mirror.Outcome

OF_ONE_OBJECT = (ScopeMissing, CallRefused, NotStored)
"""Problems of one object, or of what it points at: others that were to be read with it can be stored."""


def read_one(hand: PartInHand, object_id: str, following: Place | None) -> None:
    """`following`: the part's place after it. Raises StripeProblem, LostPart."""
    if not hand.writes:
        began = hand.clock()
        compared = compare_one(hand.gateway, hand.type_name, object_id, now=began)
        with hand.saving():
            _skip_what_cannot_be(hand, compared[0].outcome)
            hand.save(following, note_compared(hand.run, compared, began, said=hand.gateway.of_other_mode))
            _say_if_deleted_before(hand, compared[0])
        return

    def within(written: list[mirror.Written]) -> None:
        counts = note(hand.run, written, hand.clock(), said=hand.gateway.of_other_mode)
        _skip_what_cannot_be(hand, written[0].outcome)
        hand.save(following, counts, also=steps_after(hand.step, written))
        _say_if_deleted_before(hand, written[0])

    write_one(hand, object_id, within)


def write_one(hand: PartInHand, object_id: str, within: Within) -> None:
    """`within` saves the part. Raises NotStored where something of the object is what keeps it from being written."""
    try:
        with hand.remembering():
            mirror.read_and_write(
                hand.gateway, hand.type_name, object_id, now=hand.clock(), within=within, anew=hand.anew
            )
    except (StripeProblem, LostPart, OperationalError):
        raise
    except Exception as error:
        raise not_stored(object_id, error) from None


def _say_if_deleted_before(hand: PartInHand, it: mirror.Written | Compared) -> None:
    if it.outcome == Outcome.SAME and it.data.get("deleted") is True:
        note_deleted_before(hand.run, it.type, it.id)


def _skip_what_cannot_be(hand: PartInHand, outcome: mirror.Outcome) -> None:
    """Nothing can hang on an object that Stripe never had."""
    if outcome == Outcome.UNKNOWN and "id" in hand.step:
        ending.skip_others(hand.part)
