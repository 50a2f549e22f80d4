"""The site as browsers see it: uvicorn on a free port, the real database, projections beside it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from api.app import create_app
from tests.api.web import projecting
from tests.made_of import SECRET
from tests.waiting import until
from tracker.commands.tracker import Tracker
from tracker.settings import Settings


class Site:
    """One running site; `tracker` is the server's own, to set a scene by real commands."""

    def __init__(self, base: str, tracker: Tracker) -> None:
        self.base, self.tracker = base, tracker


@contextmanager
def site_on(database: str, var: Path) -> Iterator[Site]:
    settings = Settings(database_url=database, var=var, secret_key=SECRET)
    app = create_app(settings)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
        )
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        try:
            wait_until_started(server, serving)
            with projecting(app.state.tracker, settings):
                yield Site(f"http://127.0.0.1:{port}", app.state.tracker)
        finally:
            server.should_exit = True
            app.state.tail.close()  # else it waits for streams that browsers hold
            serving.join()


def wait_until_started(server: uvicorn.Server, serving: threading.Thread) -> None:
    why = "the site did not start; its log says why"
    until(lambda: server.started or not serving.is_alive(), lambda: why)
    assert server.started, why
