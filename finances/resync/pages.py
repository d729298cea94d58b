"""One page of a part: read, written or compared, and saved with its place, counts and findings, all or nothing."""

from finances import mirror
from finances.resync.findings import Counts
from finances.resync.in_hand import PartInHand
from finances.resync.list_page import read_list_page
from finances.resync.one_object import read_one


def read(hand: PartInHand) -> None:
    """The next page of the part, to its end: it stands in the tables, and the part's place is after it.

    Raises StripeProblem, with nothing of the page written; LostPart when the part is not ours any more.
    """
    hand.gateway.keeps = False
    if "links" in hand.step:
        _link(hand)
        return
    hand.prove()
    if "id" in hand.step:
        read_one(hand, hand.step["id"], {})
    elif "ids" in hand.step:
        index = hand.part.place.get("index", 0)
        read_one(hand, hand.step["ids"][index], hand.place_after(index))
    else:
        read_list_page(hand)


def _link(hand: PartInHand) -> None:
    """What points at objects of the type and was written before them."""
    with hand.saving():
        place = None
        if hand.writes:
            started = hand.run.started_at or hand.run.created_at
            place = mirror.link(hand.step["links"], hand.type_name, hand.part.place, seen_since=started)
        hand.save(place, Counts())
