"""A restricted key that may read, and nothing else, is enough; one that lacks a scope gives a part and says so."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from finances.gateway import EXPANSIONS, PATHS, WHOLE
from finances.models import ObjectState, ResyncRun
from finances.resync import run as running
from finances.resync.request import request_resync
from finances.sandbox import Sandbox
from finances.sandbox.api.resources import RESOURCES
from tests.factories import stripes_id
from tests.journeys.working import IS_FULL, Clock
from tests.local_stripe import LocalStripe

KEY = "rk_test_" + "k" * 24
SCOPE = {it.type: it.scope for it in RESOURCES.values() if it.type in PATHS} | {
    "customer_balance_transaction": "customer"
}
"""By type, what the key has to be allowed to read."""
SCOPES = sorted({*SCOPE.values()} - {"event"})
# Without them much cannot stand in the tables at all: dj-stripe's rows point at them and may not point at nothing.
POINTED_AT = {"customer", "plan", "product", "accounts_kyc_basic"}
FROM_NOTHING = SCOPES if IS_FULL else ["charge", "customer"]
LATER = SCOPES if IS_FULL else ["accounts_kyc_basic", "charge", "customer", "invoice", "plan"]

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("B7")]


@pytest.fixture(scope="module")
def business() -> Iterator[LocalStripe]:
    """A small one that has something of every type."""
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    sandbox = Sandbox(customers=40, months=6, seed=1, now=now, clock_runs=False)
    yield LocalStripe(sandbox.start(port=0))
    sandbox.stop()


@pytest.fixture
def stripe(business, settings) -> LocalStripe:
    settings.STRIPE_API_BASE = business.address
    return business


@pytest.fixture
def may_read(stripe, monkeypatch):
    """Of the key in use: from now on only these scopes."""
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", KEY)

    def only(*scopes: str) -> None:
        stripe.keys({KEY: {"scopes": [f"{scope}:read" for scope in scopes]}})

    only(*SCOPES)
    yield only
    stripe.keys({})


def resync(target: str) -> ResyncRun:
    clock = Clock()
    run = request_resync(target, now=clock()).run
    while run.state in ResyncRun.UNFINISHED:
        running.run_due(clock)
        run.refresh_from_db()
        clock.forward_to(running.next_due_at() or clock())
    return run


def tickets() -> dict[str, tuple[str, int]]:
    """Id -> type and ticket of what is here."""
    return {stripes_id(each): (each.type, each.ticket) for each in ObjectState.objects.all()}


def test_a_key_that_may_only_read_is_enough_for_everything_and_nothing_but_get_reaches_stripe(stripe, may_read):
    stripe.forget_calls()

    run = resync("all")

    assert (run.state, run.failed) == ("complete", 0)
    assert {call.partition(" ")[0] for call in stripe.calls()} == {"GET"}
    assert {type_name for type_name, _ in tickets().values()} >= PATHS.keys() - {"event"}


@pytest.mark.long
def test_a_key_that_lacks_any_one_scope_gives_a_partial_run_that_names_it_and_all_others_are_read(stripe, may_read):
    resync("all")
    for lacking in LATER:
        unreadable = {type_name for type_name, scope in SCOPE.items() if scope == lacking}
        may_read(*(scope for scope in SCOPES if scope != lacking))
        before = tickets()

        run = resync("all")

        assert run.gone == run.new == run.changed == 0, lacking
        old = {pk for pk, (_, ticket) in tickets().items() if ticket == before[pk][1]}
        left_out = {before[pk][0] for pk in old}
        assert run.state == "partial", lacking
        if lacking == "accounts_kyc_basic":  # everything is read, and whose it is could not be asked
            assert left_out == {"account"}
            assert {it.object_type for it in run.findings.filter(kind="failed")} == {"account"}
            continue
        assert left_out - {"account"} == unreadable, lacking
        findings = run.findings.filter(kind="failed")
        assert {it.object_type for it in findings} == unreadable, lacking
        for finding in findings:
            # What hangs on a customer's address is refused with the customer.
            noun = (
                finding.object_type.removesuffix("_balance_transaction")
                if lacking == "customer"
                else finding.object_type
            )
            nouns = f"{noun.replace('_', ' ')}s"
            assert finding.problem == f"The key in STRIPE_TEST_SECRET_KEY may not read {nouns}."
            assert finding.advice == f"Give the restricted key read access to {nouns} in Stripe's dashboard."


@pytest.mark.long
@pytest.mark.parametrize("lacking", FROM_NOTHING)
def test_a_first_read_without_one_scope_has_all_that_can_be_read_and_says_what_it_lacks(stripe, may_read, lacking):
    unreadable = {type_name for type_name, scope in SCOPE.items() if scope == lacking}
    may_read(*(scope for scope in SCOPES if scope != lacking))

    run = resync("all")

    here = tickets()
    assert not {pk for pk, (type_name, _) in here.items() if type_name in unreadable}
    if lacking == "accounts_kyc_basic":
        return
    assert run.state == "partial"
    findings = list(run.findings.filter(kind="failed"))
    said = {it.object_type for it in findings if "may not read" in it.problem}
    assert said >= unreadable & {it.object_type for it in findings}
    assert said
    missing = [
        (type_name, it["id"])
        for type_name in PATHS.keys() - unreadable - {"account", "event", "payment_method"}
        for it in stripe_has(stripe, may_read, type_name)
        if it["id"] not in here
    ]
    named = {it.object_id for it in findings}
    assert [each for each in missing if each[1] not in named] == []
    if lacking not in POINTED_AT:
        assert missing == []


def stripe_has(stripe, may_read, type_name: str) -> list[dict]:
    may_read(*SCOPES)
    expand = {"expand[]": [f"data.{name}" for name in EXPANSIONS.get(type_name, ())]}
    return stripe.all(PATHS[type_name], **expand, **WHOLE.get(type_name, {}))
