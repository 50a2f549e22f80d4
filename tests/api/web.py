"""The web as tests use it: the real application, a real database, projections folding beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from PIL import Image

from api.app import create_app
from tests.made_of import DEMO_PASSWORD, SECRET
from tracker.commands.tracker import Tracker
from tracker.operating.projecting import ALL
from tracker.projections.engine.projector import Projector
from tracker.settings import Settings

V1 = "/api/v1"
widths = count()
IN_CP02 = {"lat": 23.375717, "lon": 103.378665}  # grid 53250300100201, street 532503001
IN_CP09 = {"lat": 23.405781, "lon": 103.369254}  # grid 53250300200101, street 532503002
MANHOLE, LITTER, LAMP, VIOLENCE = "C0101", "E0101", "C0103", "E0802"


class Caller:
    """Somebody who asks, with the headers that say who."""

    def __init__(self, client: TestClient, **headers: str) -> None:
        self.client, self.headers = client, headers

    def get(self, path: str, **options: Any) -> Response:
        return self._ask("GET", path, options)

    def post(self, path: str, body: Any = None, **options: Any) -> Response:
        if body is not None:
            options["json"] = body
        return self._ask("POST", path, options)

    def delete(self, path: str, **options: Any) -> Response:
        return self._ask("DELETE", path, options)

    def give(self, number: str, command: str, body: Any = None, **options: Any) -> Response:
        return self.post(f"/whistles/{number}/commands/{command}", body or {}, **options)

    def raises(self, text: str = "路灯不亮", **fields: Any) -> dict[str, Any]:
        answer = self.post("/whistles", {"text": text, **fields})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def upload(self, data: bytes, **options: Any) -> Response:
        return self._ask("POST", "/photos", {"files": {"file": ("a.jpg", data)}, **options})

    def photo(self) -> str:
        """A picture that nobody else has uploaded; its id."""
        answer = self.upload(jpeg(40 + next(widths)))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def _ask(self, method: str, path: str, options: dict[str, Any]) -> Response:
        headers = {**self.headers, **options.pop("headers", {})}
        url = path if path.startswith(("/api", "/healthz", "/readyz", "/metrics")) else V1 + path
        return self.client.request(method, url, headers=headers, **options)


class Web:
    """One running application; `someone` signs in once for each account."""

    def __init__(self, client: TestClient, app: FastAPI) -> None:
        self.client, self.app = client, app
        self._signed_in: dict[str, Caller] = {}
        self.nobody = Caller(client)

    @property
    def tracker(self) -> Tracker:
        tracker: Tracker = self.app.state.tracker
        return tracker

    def someone(self, username: str) -> Caller:
        if username not in self._signed_in:
            answer = self.client.post(
                f"{V1}/sessions", json={"username": username, "password": DEMO_PASSWORD}
            )
            assert answer.status_code == 201, answer.text
            self.client.cookies.clear()
            token = answer.json()["token"]
            self._signed_in[username] = Caller(self.client, Authorization=f"Bearer {token}")
        return self._signed_in[username]

    def with_receipt(self, code: str) -> Caller:
        return Caller(self.client, Authorization=f"Receipt {code}")


@contextmanager
def web_on(database: str, var: Path) -> Iterator[Web]:
    settings = Settings(database_url=database, var=var, secret_key=SECRET)
    app = create_app(settings)
    with TestClient(app) as client, projecting(app.state.tracker, settings):
        yield Web(client, app)


@contextmanager
def projecting(tracker: Tracker, settings: Settings) -> Iterator[None]:
    projector = Projector(settings, ALL, tracker.mapper)
    thread = threading.Thread(target=projector.run)
    thread.start()
    try:
        yield
    finally:
        projector.stop()
        thread.join()


def jpeg(width: int = 40, height: int = 30, **options: Any) -> bytes:
    return picture("JPEG", width, height, **options)


def picture(kind: str, width: int = 40, height: int = 30, **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind, **options)
    return out.getvalue()
