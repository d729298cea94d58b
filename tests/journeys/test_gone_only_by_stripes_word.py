"""Nothing is marked as deleted unless Stripe said so: not what a list drops, not what a key may not read."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finances import gateway
from finances.mirror import TYPES
from finances.models import Customer, ObjectState, ResyncRun
from finances.resync import run as running
from finances.resync.request import request_resync
from tests.factories import stripes_id
from tests.journeys.working import IS_FULL, Clock
from tests.local_stripe import LocalStripe

KEY = "rk_test_" + "r" * 24
LISTED = ("tax_rate", "coupon", "customer", "invoice")
"""Of those that can go: an id of our own choice, one with children, and one of which there are several pages."""
SCOPES = {"tax_rate": "tax_rate", "coupon": "coupon", "customer": "customer", "invoice": "invoice"}
EXAMPLES = 150 if IS_FULL else 8

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("B5")]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch) -> None:
    monkeypatch.setattr(gateway, "LONGEST_PAUSE", 0.01)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch) -> None:
    """A list of some dozens has several of them, and drops one from each."""
    page = gateway.Gateway.page
    monkeypatch.setattr(gateway.Gateway, "page", lambda self, of, **more: page(self, of, **{"limit": 15} | more))


@pytest.fixture
def known(stripe) -> dict[str, list[str]]:
    """Ids by type; all of them are here."""
    for type_name in LISTED:
        assert resync(type_name).state == ResyncRun.State.COMPLETE
    return {
        type_name: [stripes_id(each) for each in ObjectState.objects.filter(type=type_name).order_by("pk")]
        for type_name in LISTED
    }


def resync(target: str, **more) -> ResyncRun:
    """From its request to its end; what waits for a later try does not wait."""
    clock = Clock()
    run = request_resync(target, now=clock(), **more).run
    while run.state in ResyncRun.UNFINISHED:
        running.run_due(clock)
        run.refresh_from_db()
        clock.forward_to(running.next_due_at() or clock())
    return run


def marked() -> set[str]:
    """As the states say and as the rows do, which is the same."""
    states = {stripes_id(each) for each in ObjectState.objects.exclude(deleted_at=None)}
    rows: set[str] = set()
    for type_name in LISTED:
        model = type(TYPES[type_name].project({"id": ""}))
        rows |= set(model._base_manager.exclude(deleted_at=None).values_list("pk", flat=True))
    assert states == rows
    return states


class Gone:
    """Some objects that are deleted at Stripe while it is entered, with no word of it."""

    def __init__(self, stripe: LocalStripe, ids: set[str]) -> None:
        self._stripe, self.ids = stripe, ids
        self._before = {object_id: stripe.state(object_id) for object_id in ids}

    def __enter__(self) -> "Gone":
        for object_id in self.ids:
            self._stripe.delete(object_id)
        return self

    def __exit__(self, *_: object) -> None:
        for stripe_object in self._before.values():
            self._stripe.put(stripe_object)


places = st.sets(st.integers(0, 40), max_size=4)
rates = st.sampled_from([0.0, 0.0, 0.3, 1.0])
weather = st.fixed_dictionaries(
    {
        "drop_one": rates,
        "empty_more": st.sampled_from([0.0, 0.0, 0.2]),
        "500": st.sampled_from([0.0, 0.1]),
        "revoke_after": st.none() | st.integers(0, 12),
    }
).filter(lambda it: it["drop_one"] + it["empty_more"] + it["500"] <= 1)


@pytest.mark.long
def test_whatever_lists_drop_and_keys_are_refused_only_what_is_gone_is_marked(stripe, known, monkeypatch):
    @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    @given(
        deleted=st.fixed_dictionaries(dict.fromkeys(LISTED, places)),
        weather=weather,
        unreadable=st.sets(st.sampled_from(LISTED), max_size=2),
        target=st.sampled_from(LISTED),
    )
    def only_what_is_gone(deleted: dict, weather: dict, unreadable: set, target: str) -> None:
        ids = {known[each][place % len(known[each])] for each, chosen in deleted.items() for place in chosen}
        with Gone(stripe, ids), monkeypatch.context() as patched:
            scopes = {scope for each, scope in SCOPES.items() if each not in unreadable} | {"accounts_kyc_basic"}
            patched.setenv("STRIPE_TEST_SECRET_KEY", KEY)
            stripe.keys({KEY: {"scopes": [f"{scope}:read" for scope in sorted(scopes)]}})
            stripe.faults(**{name: value for name, value in weather.items() if value is not None})
            for type_name in (target, *LISTED):
                resync(type_name)
                assert marked() <= ids
            stripe.faults()
            stripe.keys({})
            for type_name in LISTED:
                assert resync(type_name).state == ResyncRun.State.COMPLETE
            assert marked() == ids
        for type_name in LISTED:
            resync(type_name)
        assert marked() == set()  # Stripe has them again

    only_what_is_gone()


@pytest.mark.parametrize("type_name", LISTED)
def test_what_every_page_of_a_list_drops_is_read_by_itself_and_stays(stripe, known, type_name):
    states = ObjectState.objects.filter(type=type_name)
    before = dict(states.values_list("pk", "ticket"))
    stripe.faults(drop_one=1.0)

    run = resync(type_name)

    assert (run.state, run.gone) == ("complete", 0)
    assert marked() == set()
    assert [pk for pk, ticket in states.values_list("pk", "ticket") if ticket <= before[pk]] == []
    stripe.faults()


@pytest.mark.parametrize("type_name", LISTED)
def test_what_was_deleted_behind_our_back_is_found_by_reading_the_list_and_only_that_is(stripe, known, type_name):
    first, last = known[type_name][0], known[type_name][-1]
    with Gone(stripe, {first, last}):
        stripe.faults(drop_one=1.0)

        run = resync(type_name)

        assert (run.state, run.gone) == ("complete", 2)
        assert marked() == {first, last}
        stripe.faults()


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_a_key_that_is_revoked_in_the_midst_deletes_nothing(stripe, known, calls):
    """Also where the direct read of what a list dropped is refused."""
    stripe.faults(drop_one=1.0, revoke_after=calls)

    run = resync("invoice")

    assert (run.state, run.gone) == ("failed", 0)
    assert marked() == set()
    stripe.faults()


def test_a_type_that_the_key_may_not_read_is_not_gone(stripe, known, monkeypatch):
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", KEY)
    stripe.keys({KEY: {"scopes": ["customer:read", "accounts_kyc_basic:read"]}})

    states = [resync(target).state for target in ("coupon", known["invoice"][0], f"tax_rate:{known['tax_rate'][0]}")]

    assert states == ["partial"] * 3
    assert marked() == set()
    stripe.keys({})


def test_a_key_of_the_other_mode_to_which_everything_is_missing_deletes_nothing(stripe, known, monkeypatch, settings):
    """Its lists are empty, and Stripe says of each object that there is no such: in live mode."""
    settings.STRIPE_LIVE_MODE = True
    monkeypatch.setenv("STRIPE_LIVE_SECRET_KEY", "sk_live_" + "r" * 24)

    runs = [resync(target) for target in ("customer", "coupon", known["customer"][0])]

    assert [(run.state, run.gone) for run in runs] == [("failed", 0)] * 3
    assert all("mode" in run.problem for run in runs)
    assert marked() == set()


def test_a_comparison_marks_nothing_although_stripe_says_that_it_is_gone(stripe, known):
    customer = known["customer"][0]
    with Gone(stripe, {customer}):
        run = resync("customer", kind=ResyncRun.Kind.COMPARE)

        assert (run.state, run.gone) == ("complete", 1)
        assert marked() == set()
        assert Customer.objects.get(pk=customer).deleted_at is None
