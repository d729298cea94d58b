"""Alerts, to a mail server and a chat that are really there."""

import logging
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, connections

from finances.models import Alert, Incident
from finances.watch import alerts, ways
from finances.watch.alerts import MOST_TRIES, tell
from finances.watch.look import look
from tests.factories import NOON, a_delivery

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=20)


@pytest.fixture
def behind():
    """What is shown is far behind Stripe, and somebody has looked."""
    delivery = a_delivery(state="received", received_at=NOON, processed_at=None)
    look(LATER)
    return delivery


def over(delivery, at=LATER + timedelta(minutes=10)) -> None:
    delivery.state = "processed"
    delivery.save()
    look(at)


def at(moment):
    return lambda: moment


def test_an_incident_is_told_once_by_mail_and_once_in_the_chat(mail_server, chat, behind):
    for minutes in range(5):
        look(LATER + timedelta(minutes=minutes))
        tell(at(LATER + timedelta(minutes=minutes)))

    [(recipients, mail)] = mail_server.taken
    [(path, post)] = chat.taken
    assert recipients == ["<ops@example.test>", "<finance@example.test>"]
    assert "Subject: Paydesk (test mode): behind Stripe" in mail
    assert "From: paydesk@example.test" in mail
    assert path == "/hooks/the-secret-part"
    assert list(post) == ["text"]
    assert "20 min behind Stripe" in post["text"]


def test_its_end_is_told_once_too(mail_server, chat, behind):
    tell(at(LATER))
    over(behind)
    for _ in range(3):
        tell(at(LATER + timedelta(minutes=11)))

    assert [text["text"].splitlines()[0] for _, text in chat.taken] == [
        "Paydesk (test mode): behind Stripe",
        "Paydesk (test mode): over: behind Stripe",
    ]
    assert "This is over after 10 min." in mail_server.taken[1][1]


def test_nobody_is_told_where_nothing_is_set_up(behind):
    assert tell(at(LATER)) == 0
    assert Incident.objects.count() == 1
    assert not Alert.objects.exists()


def test_the_link_leads_to_the_page_and_is_left_out_where_nobody_said_where_that_is(settings, chat, behind):
    settings.CONSOLE_URL = "https://paydesk.example.com"
    tell(at(LATER))
    assert chat.taken[0][1]["text"].endswith("https://paydesk.example.com/console/sync-health/")

    settings.CONSOLE_URL = ""
    over(behind)
    tell(at(LATER + timedelta(minutes=11)))
    assert "http" not in chat.taken[1][1]["text"]


def test_a_chat_that_is_down_is_tried_again_and_the_mail_goes_out_once(mail_server, chat, behind):
    chat.status = 500
    tell(at(LATER))
    tell(at(LATER + timedelta(seconds=30)))
    assert len(chat.taken) == 1, "not before the pause is over"
    assert Alert.objects.get(way="chat").problem == "NotTaken"

    chat.status = 200
    tell(at(LATER + timedelta(minutes=2)))

    assert len(chat.taken) == 2
    assert len(mail_server.taken) == 1
    assert Alert.objects.get(way="chat").problem == ""
    assert not Alert.objects.filter(sent_at=None).exists()


def test_after_five_tries_it_is_given_up_and_says_why(chat, behind):
    chat.status = 404
    for hours in range(10):
        tell(at(LATER + timedelta(hours=hours)))

    alert = Alert.objects.get()
    assert len(chat.taken) == alert.tries == MOST_TRIES == 5
    assert (alert.sent_at, alert.problem) == (None, "NotTaken")


def test_the_end_waits_for_the_beginning(chat, behind):
    chat.status = 500
    tell(at(LATER))
    over(behind, LATER + timedelta(seconds=20))
    chat.status = 200

    tell(at(LATER + timedelta(seconds=30)))
    assert len(chat.taken) == 1

    tell(at(LATER + timedelta(minutes=2)))
    tell(at(LATER + timedelta(minutes=2)))
    first_lines = [text["text"].splitlines()[0] for _, text in chat.taken]
    assert first_lines[1:] == ["Paydesk (test mode): behind Stripe", "Paydesk (test mode): over: behind Stripe"]


def test_a_redirect_is_not_followed(chat, behind):
    chat.status = 302

    tell(at(LATER))

    assert len(chat.taken) == 1
    assert Alert.objects.get().problem == "NotTaken"


@pytest.mark.parametrize("drips", [False, True])
def test_a_chat_that_hangs_holds_the_worker_no_longer_than_our_patience(chat, monkeypatch, behind, drips):
    monkeypatch.setattr(ways, "PATIENCE", 0.5)
    chat.hangs, chat.drips = threading.Event(), drips
    a_delivery(state="quarantined")
    look(LATER)
    assert Alert.objects.count() == 2

    started = time.monotonic()
    tell(at(LATER))

    assert time.monotonic() - started < 5
    assert sorted(Alert.objects.values_list("problem", flat=True)) == ["", "TooSlow"], "once is enough for a call"


def test_a_chat_that_takes_a_message_and_does_not_say_so_gets_it_twice_at_most(chat, monkeypatch, behind):
    monkeypatch.setattr(ways, "PATIENCE", 0.3)
    chat.hangs = threading.Event()
    for hours in range(6):
        tell(at(LATER + timedelta(hours=hours)))
    chat.hangs.set()

    deadline = time.monotonic() + 5
    while len(chat.taken) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(chat.taken) == 2
    assert Alert.objects.get().problem == "TooSlow"


def test_no_address_is_in_a_row_or_a_log(mail_server, chat, behind, caplog, settings):
    mail_server.refuses = True
    chat.status = 500
    with caplog.at_level(logging.DEBUG):
        tell(at(LATER))

    problems = Alert.objects.values_list("problem", flat=True)
    assert sorted(problems) == ["NotTaken", "SMTPRecipientsRefused"]
    for secret in ("ops@example.test", "the-secret-part", str(chat.server_address[1])):
        assert secret not in caplog.text


def test_a_worker_that_died_while_it_sent_leaves_it_to_the_next(chat, monkeypatch, behind):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    monkeypatch.setitem(alerts.SEND, "chat", die)
    with pytest.raises(Killed):
        tell(at(LATER))
    monkeypatch.undo()
    monkeypatch.setenv("PAYDESK_ALERT_CHAT_URL", chat.address)

    assert tell(at(LATER + timedelta(seconds=10))) == 0
    assert tell(at(LATER + timedelta(minutes=2))) == 1
    assert len(chat.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_opens_and_one_tells(chat):
    a_delivery(state="received", received_at=NOON, processed_at=None)
    start = threading.Barrier(4)
    errors = []

    def work() -> None:
        try:
            start.wait()
            look(LATER)
            tell(at(LATER))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert errors == []
    assert Incident.objects.count() == 1
    assert len(chat.taken) == 1


def test_of_two_workers_that_saw_it_due_one_may_send(chat, behind):
    [one], [other] = alerts._due(LATER), alerts._due(LATER)

    assert alerts._claim(one, LATER)
    assert not alerts._claim(other, LATER)
    assert alerts._due(LATER) == []


def test_sending_holds_no_transaction(chat, monkeypatch, behind):
    depth = len(connection.savepoint_ids)
    seen = []
    monkeypatch.setitem(alerts.SEND, "chat", lambda *_: seen.append(len(connection.savepoint_ids)))

    tell(at(LATER))

    assert seen == [depth]
