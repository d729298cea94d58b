"""Runs as the tests of their pages need them: rows, without an engine behind."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from finances.models import ResyncFinding, ResyncPart, ResyncRun, WorkerHeartbeat


def a_run(**fields: Any) -> ResyncRun:
    now = timezone.now()
    return ResyncRun.objects.create(**{"target": "customer", "created_at": now, "started_at": now} | fields)


def parts(run: ResyncRun, type_name: str, *states: str, stage: int = 0, **fields: Any) -> list[ResyncPart]:
    first = ResyncPart.objects.filter(run=run).count()
    return [
        ResyncPart.objects.create(
            run=run,
            number=first + number,
            stage=stage,
            step={"type": type_name, "filters": {}},
            state=state,
            **fields,
        )
        for number, state in enumerate(states)
    ]


def a_finding(run: ResyncRun, kind: str, object_id: str, **fields: Any) -> ResyncFinding:
    fields = {"object_type": "invoice", "found_at": timezone.now()} | fields
    return ResyncFinding.objects.create(run=run, kind=kind, object_id=object_id, **fields)


def a_worker() -> WorkerHeartbeat:
    now = timezone.now()
    return WorkerHeartbeat.objects.create(worker="here", started_at=now - timedelta(hours=1), seen_at=now)


def page_of(client: Client, run: ResyncRun, part: str = "", query: str = "") -> str:
    """The whole page, or what HTMX gets for one part of it."""
    headers = {"hx_request": "true", "hx_target": part} if part else {}
    return client.get(f"/console/resyncs/{run.pk}/{query}", headers=headers).content.decode()
