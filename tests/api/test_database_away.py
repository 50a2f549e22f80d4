"""The database goes away under the web: people are asked to come again, and nothing is our fault.

A request that was at work gets no answer of the domain, so it may have been done or not: with its
Idempotency-Key it can be sent again safely.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from tests.api.web import LITTER, web_on


@contextmanager
def closed(database: str) -> Iterator[None]:
    """Nobody gets in, and those who were in are thrown out."""
    name = str(conninfo_to_dict(database)["dbname"])
    allow = SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(database, dbname="postgres", autocommit=True) as administrator:
        administrator.execute(allow.format(Identifier(name), SQL("false")))
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        administrator.execute(allow.format(Identifier(name), SQL("true")))


def test_while_the_database_is_away_everyone_is_asked_to_come_again(
    city_database: str, tmp_path: Path
) -> None:
    with web_on(city_database, tmp_path) as web:
        city = web.someone("city")
        number = city.raises()["number"]
        before = city.get(f"/whistles/{number}").json()

        with closed(city_database):
            answers = [
                city.get("/whistles"),
                city.give(number, "classify", {"category": LITTER}),
                web.nobody.post("/whistles", {"text": "路灯不亮"}),
            ]
            page = web.client.get("/login", headers={**city.headers, "Accept-Language": "en"})

        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert {answer.json()["code"] for answer in answers} == {"database.away"}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert page.status_code == 503
        assert "Send it again as it is in 2 seconds" in page.text
        assert city.get(f"/whistles/{number}").json() == before
