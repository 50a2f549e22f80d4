"""/healthz, /readyz and /metrics, for supervisors, load balancers and Prometheus."""

import logging
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from psycopg import Error, OperationalError
from psycopg_pool import PoolTimeout

from api.door.callers import TheTracker
from api.door.fields import in_city_zone
from api.operating.metrics import Metrics
from tracker.eventstore.clock import ALLOWED, CLOCK, difference
from tracker.projections.engine.positions import ProjectionStatus, positions
from tracker.schedule.heartbeat import Heartbeat, heartbeat

log = logging.getLogger(__name__)
router = APIRouter(tags=["operation"])
AWAY = (OperationalError, PoolTimeout, Error)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers. The database is not asked."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(tracker: TheTracker) -> JSONResponse:
    """Ready when the database answers and its clock agrees with this process's.

    `degraded` names the parts that do not work now.
    """
    try:
        with tracker.recorder.pool.connection(timeout=3.0) as connection:
            CLOCK.look(connection)
            standings, beat = positions(connection), heartbeat(connection)
    except AWAY as error:
        log.warning("the database is away: %s", error)
        return JSONResponse({"status": "unavailable", "database": "away"}, 503)
    if not CLOCK.agrees:
        return JSONResponse({"status": "unavailable", "database": "ok", "clock": clock_out()}, 503)
    degraded = [standing.name for standing in standings if standing.stands_still]
    if not beat.alive:
        degraded.append("scheduler")
    return JSONResponse(
        {
            "status": "degraded" if degraded else "ready",
            "database": "ok",
            "clock": clock_out(),
            "degraded": degraded,
            "projections": [standing_out(standing) for standing in standings],
            "scheduler": beat_out(beat),
        }
    )


def clock_out() -> dict[str, Any]:
    """`offset`: seconds by which this process's clock is ahead of the database's."""
    offset, agrees = CLOCK.offset, CLOCK.agrees
    return {
        "offset": round(offset, 3),
        "allowed": ALLOWED,
        "agrees": agrees,
        "error": None if agrees else difference(offset),
    }


def standing_out(standing: ProjectionStatus) -> dict[str, Any]:
    return {
        "name": standing.name,
        "position": standing.position,
        "lag": standing.lag,
        "age": round(standing.age, 3),
        "failed_at": standing.failed_at,
        "error": standing.stands_still,
        "version": standing.version,
        "rebuilding": standing.rebuilding,
    }


def beat_out(beat: Heartbeat) -> dict[str, Any]:
    return {
        "leader": beat.leader,
        "alive": beat.alive,
        "since": in_city_zone(beat.since) if beat.since else None,
        "swept_to": in_city_zone(beat.swept_to) if beat.swept_to else None,
        "failures": beat.failures,
        "error": beat.error,
        "refused": beat.refused,
    }


@router.get("/metrics")
def metrics(request: Request, tracker: TheTracker) -> Response:
    """Metrics for Prometheus. Without the database, only those of this process."""
    counts: Metrics = request.app.state.metrics
    try:
        with tracker.recorder.pool.connection(timeout=3.0) as connection:
            counts.stand(positions(connection), heartbeat(connection), CLOCK.offset)
    except AWAY as error:
        log.warning("the database is away: %s", error)
    return Response(counts.text(), media_type=CONTENT_TYPE_LATEST)
