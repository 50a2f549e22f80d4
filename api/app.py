"""create_app() only connects the parts; it holds no rules."""

import importlib
import pkgutil
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from psycopg import Error

from api import v1
from api.contexts import faces
from api.door import problems
from api.door.attempts import FailedLogins
from api.door.clock import must_know_the_time
from api.door.edge import Edge, HeadAsGet
from api.operating import docs, health
from api.operating.metrics import Counting, Metrics
from api.pages import routers as pages
from api.reading.tail import Tail
from tracker.commands.tracker import Tracker
from tracker.eventstore.clock import watching
from tracker.settings import Settings

WORTH_PACKING = 1024  # bytes; a smaller answer fits into one packet uncompressed


def create_app(settings: Settings | None = None) -> FastAPI:
    """The web application for uvicorn. Without `settings` it reads the environment."""
    metrics = Metrics()
    app = FastAPI(
        title="哨到 Shaodao",
        version="1",
        description="全民吹哨、多元响应. Times are RFC 3339; errors are RFC 9457 problems.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(must_know_the_time)],
        lifespan=living(settings),
    )
    app.state.metrics = metrics
    app.state.attempts = FailedLogins()
    problems.install(app)
    for router in resources():
        app.include_router(router, prefix="/api/v1")
    app.include_router(health.router)
    app.include_router(docs.router)
    for router in pages.routers:
        app.include_router(router)
    app.add_middleware(GZipMiddleware, minimum_size=WORTH_PACKING, compresslevel=6)
    app.add_middleware(Edge)
    app.add_middleware(Counting, metrics=metrics)
    app.add_middleware(HeadAsGet)
    return app


def resources() -> Iterator[APIRouter]:
    """The router of every module of `api.v1`, then the routers of the contexts."""
    for found in pkgutil.iter_modules(v1.__path__):
        module = importlib.import_module(f"{v1.__name__}.{found.name}")
        if hasattr(module, "router"):
            yield module.router
    yield from faces.json_routers()


def living(settings: Settings | None) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Tracker(settings or Settings.from_env()) as tracker:
            app.state.tracker = tracker
            with suppress(Error):  # the database is away, or has no tables yet
                tracker.directory.refresh()  # loads the city's time zone before the first answer
            app.state.tail = tail = Tail(tracker, faces.subject_lookups())
            with ending_streams(tail), watching(tracker.connection):
                yield
            tail.close()
            tail.join()

    return lifespan


@contextmanager
def ending_streams(tail: Tail) -> Iterator[None]:
    """End all event streams as soon as the process is asked to stop.

    The server waits for open connections before it shuts the application down, and a stream stays
    open until the application ends it: without this, each would wait for the other.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop_streams(number: int, frame: Any) -> None:
        tail.close()
        former = before[signal.Signals(number)]
        if callable(former):
            former(number, frame)

    for number in before:
        signal.signal(number, stop_streams)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
