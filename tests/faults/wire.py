"""People at the other end of a wire: real sockets, real sessions, several at the same moment."""

from types import TracebackType
from typing import Any, Self

import httpx

from tests.made_of import DEMO_PASSWORD
from tests.waiting import PATIENCE

V1 = "/api/v1"
IN_CP02 = {"lat": 23.375717, "lon": 103.378665}
LITTER = "E0101"  # whoever has duty may claim it


class Caller:
    """One person with a connection of his own; `token` None is somebody without an account."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = httpx.Client(base_url=url, headers=headers, timeout=PATIENCE)

    @classmethod
    def signed_in(cls, url: str, username: str) -> Self:
        return cls(url, token_of(url, username))

    def get(self, path: str, **asked: Any) -> httpx.Response:
        return self.client.get(V1 + path, params=asked)

    def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(V1 + path, json=body, headers=headers)

    def give(self, number: str, command: str, body: Any = None) -> dict[str, Any]:
        answer = self.post(f"/whistles/{number}/commands/{command}", body or {})
        assert answer.status_code == 200, (command, answer.text)
        return dict(answer.json())

    def raises(self, text: str = "垃圾没人扫") -> str:
        answer = self.post("/whistles", {"text": text, "location": IN_CP02, "category": LITTER})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    def close(self) -> None:
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def token_of(url: str, username: str) -> str:
    answer = httpx.post(
        f"{url}{V1}/sessions",
        json={"username": username, "password": DEMO_PASSWORD},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])
