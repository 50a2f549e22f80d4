"""Metrics for Prometheus: requests, projections, the scheduler. Nothing about any person."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.projections.engine.positions import ProjectionStatus
from tracker.schedule.heartbeat import Heartbeat

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One registry per application, so that two applications in one process do not mix counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "shaodao_http_requests_total",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "shaodao_http_request_seconds",
            "Seconds until the answer began",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.lag = Gauge(
            "shaodao_projection_lag_events",
            "Events not folded yet",
            ["projection"],
            registry=self.registry,
        )
        self.age = Gauge(
            "shaodao_projection_age_seconds",
            "Seconds since the projection last had every event",
            ["projection"],
            registry=self.registry,
        )
        self.failed = Gauge(
            "shaodao_projection_failed",
            "1 if an event has stopped it",
            ["projection"],
            registry=self.registry,
        )
        self.position = Gauge(
            "shaodao_projection_position",
            "Log position folded",
            ["projection"],
            registry=self.registry,
        )
        self.scheduler = Gauge(
            "shaodao_scheduler_alive", "1 while a leader beats", registry=self.registry
        )

        self.clock = Gauge(
            "shaodao_clock_offset_seconds",
            "Seconds by which this process's clock is ahead of the database's",
            registry=self.registry,
        )

    def stand(
        self, projections: list[ProjectionStatus], scheduler: Heartbeat, clock_offset: float
    ) -> None:
        for standing in projections:
            self.lag.labels(standing.name).set(standing.lag)
            self.age.labels(standing.name).set(standing.age)
            self.failed.labels(standing.name).set(standing.stands_still is not None)
            self.position.labels(standing.name).set(standing.position)
        self.scheduler.set(scheduler.alive)
        self.clock.set(clock_offset)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Counting:
    """ASGI middleware that counts requests by route template, so whistle numbers are no labels."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, sending)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = template_of(scope)
        method = scope["method"] if scope["method"].isalpha() else "?"
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)


def template_of(scope: Scope) -> str:
    """The route's path with parameter names, e.g. `/api/v1/whistles/{number}`; `unknown`: no route.

    A route knows only its path behind the prefix under which its router was included.
    """
    if "endpoint" not in scope:
        return "unknown"
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    if any("/" in value for value in names):
        return "unknown"
    return "/".join(names.get(part, part) for part in scope["path"].split("/"))
