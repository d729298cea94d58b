"""Stripe's address is answered before what only people need."""

import pytest

ADDRESS = "/api/finances/stripe/webhook/"


@pytest.fixture
def posted(client):
    def post(**extra):
        return client.post(ADDRESS, b"1", content_type="application/json", **extra)

    return post


def test_its_answer_passes_none_of_the_middlewares_for_people(posted, client):
    assert "Content-Security-Policy" in client.get("/healthz").headers
    assert "Content-Security-Policy" not in posted().headers


def test_its_answer_says_its_length_so_that_it_is_not_sent_in_chunks(posted):
    answer = posted()
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_a_forged_host_is_refused_here_too(posted):
    answer = posted(headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"no signature" not in answer.content


def test_it_is_sent_to_tls_like_every_other_address(posted, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert posted().status_code == 301


@pytest.mark.django_db
def test_any_other_address_goes_its_way(client):
    assert client.get(ADDRESS.rstrip("/") + "/more/").status_code == 404
