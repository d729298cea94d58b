"""A hundred webhooks a second while Stripe's API hangs. How fast the answers are is measured by `make bench`."""

import pytest

from tests.benchmarks.load import Plan, send
from tests.processes.deployment import is_full
from tests.processes.services import WEBHOOK

HANGS = 30 if is_full() else 3  # seconds
OURS = r"FROM paydesk_delivery WHERE event_id LIKE 'evt\_hung\_%'"


@pytest.mark.long
@pytest.mark.guarantee("A1")
def test_each_is_acknowledged_while_the_api_hangs_and_worked_off_after_it(deployment, monkeypatch):
    monkeypatch.setattr("finances.sandbox.api.server.HANG", HANGS)  # how long one call gets no answer
    deployment.stripe.faults(hung=1)
    to = (deployment.web.port, WEBHOOK, "hung", deployment.customers)

    result = send(Plan(*to, rate=100, seconds=HANGS, duplicates=0.1, grace=60))
    [(waiting,)] = deployment.rows(f"SELECT count(*) {OURS} AND processed_at IS NULL")
    deployment.stripe.faults()

    assert result.answers == {"200": 100 * HANGS}
    assert waiting > 0  # else nothing hung
    by_state = f"SELECT state, count(*), sum(attempts) {OURS} GROUP BY state"
    deployment.wait_until(
        lambda: {state for state, _, _ in deployment.rows(by_state)} == {"processed"}, "the backlog is gone", seconds=90
    )
    [(_, rows, attempts)] = deployment.rows(by_state)
    print(f"{waiting} waited; p50 {result.percentile(0.5)} ms, p99 {result.percentile(0.99)} ms")
    assert (rows, attempts) == (90 * HANGS, 100 * HANGS)
