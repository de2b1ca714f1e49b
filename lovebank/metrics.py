"""Figures for the operator's monitoring, in the Prometheus text format; no name and no id.

Invariant: a reading of ``/metrics`` is cheap: what is counted in the books is counted at most once
in a minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from audit.models import Unsealed
from kit.errors import DomainError
from kit.program import Program
from ledger.models import Transfer
from shifts.tables.rota import Shift

COUNT_SECONDS = 60
TOLD = {
    "lovebank_transfers": "Transfers in the journal",
    "lovebank_unsealed_leaves": "Leaves that no seal holds yet",
    "lovebank_open_shifts": "Published shifts that run now",
}


class Books(Collector):
    """What stands in the books, counted anew when the last count is a minute old."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._lock = threading.Lock()
        self._counted: dict[str, int] = {}
        self._counted_at: float | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges; none while the database does not answer."""
        with self._lock:
            if self._is_old():
                self._count()
            counted = dict(self._counted)
        for name, value in counted.items():
            yield GaugeMetricFamily(name, TOLD[name], value=value)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names alone, so that registering reads nothing."""
        for name, told in TOLD.items():
            yield GaugeMetricFamily(name, told)

    def _is_old(self) -> bool:
        last = self._counted_at
        return last is None or time.monotonic() - last >= COUNT_SECONDS

    def _count(self) -> None:
        try:
            self._counted = self.program.database.read(self._figures)
            self._counted_at = time.monotonic()
        except (DomainError, SQLAlchemyError):
            self._counted = {}

    def _figures(self, session: Session) -> dict[str, int]:
        at = self.program.clock.now()
        runs = (Shift.status == "published", Shift.starts_at <= at, Shift.ends_at > at)
        wanted = {
            "lovebank_transfers": select(func.count()).select_from(Transfer),
            "lovebank_unsealed_leaves": select(func.count()).select_from(Unsealed),
            "lovebank_open_shifts": select(func.count()).select_from(Shift).where(*runs),
        }
        across = {"across_communities": "figures of the whole installation"}
        return {
            name: session.scalar(statement, execution_options=across) or 0
            for name, statement in wanted.items()
        }


def install(app: Flask, program: Program) -> None:
    """Count every request of the app, and answer ``/metrics``."""
    registry = CollectorRegistry()
    requests = Counter(
        "lovebank_requests", "Requests answered", ("method", "route", "status"), registry=registry
    )
    seconds = Histogram(
        "lovebank_request_seconds", "Time to answer", ("method", "route"), registry=registry
    )
    registry.register(Books(program))

    @app.before_request
    def _start() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _count(answer: Response) -> Response:
        # The rule and not the path: a path would make a series for every id.
        route = str(request.url_rule) if request.url_rule else "none"
        requests.labels(request.method, route, answer.status_code).inc()
        if "began" in g:
            seconds.labels(request.method, route).observe(time.perf_counter() - g.began)
        return answer

    page = Blueprint("metrics", __name__)

    @page.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app.register_blueprint(page)
