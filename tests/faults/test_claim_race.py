"""Two to eight units reach for one pooled whistle at the same moment, over HTTP."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.service import parts
from tests.faults.wire import Caller, token_of

UNITS = [f"U{n:02d}" for n in range(1, 9)]
CENTRE = "city"


@dataclass(frozen=True)
class Race:
    """Who ran for which whistle, and what each was told, by unit."""

    number: str
    answers: dict[str, httpx.Response]

    @property
    def winners(self) -> list[str]:
        return [unit for unit, answer in self.answers.items() if answer.status_code == 200]

    @property
    def losers(self) -> dict[str, tuple[int, str, Any]]:
        """What they were told: the status, the code, and who leads."""
        return {
            unit: (answer.status_code, answer.json()["code"], answer.json()["facts"]["lead"])
            for unit, answer in self.answers.items()
            if unit not in self.winners
        }


class Track:
    """Two web processes on one database; each unit has a session at both of them."""

    def __init__(self, urls: list[str], stack: ExitStack) -> None:
        self.centre = stack.enter_context(Caller.signed_in(urls[0], CENTRE))
        tokens = {unit: token_of(urls[0], f"liaison-{unit.lower()}") for unit in UNITS}
        self.at = [
            {unit: stack.enter_context(Caller(url, token)) for unit, token in tokens.items()}
            for url in urls
        ]
        self.runners = stack.enter_context(ThreadPoolExecutor(len(UNITS)))

    def races(self, count: int, seed: int) -> list[Race]:
        chance = random.Random(seed)
        return [self.race(chance) for _ in range(count)]

    def race(self, chance: random.Random) -> Race:
        number = self.pooled()
        units = chance.sample(UNITS, chance.randint(2, len(UNITS)))
        runners = {unit: chance.choice(self.at)[unit] for unit in units}
        start = Barrier(len(units))

        def run(caller: Caller) -> httpx.Response:
            start.wait()
            return caller.post(f"/whistles/{number}/commands/claim", {})

        return Race(number, dict(zip(units, self.runners.map(run, runners.values()), strict=True)))

    def pooled(self) -> str:
        number = self.centre.raises()
        self.centre.give(number, "classify", {"category": "E0101"})
        self.centre.give(number, "pool")
        return number

    def board(self) -> dict[str, str]:
        """Who leads what, page by page, as the centre's board shows it."""
        leads: dict[str, str] = {}
        cursor: dict[str, str] = {}
        while True:
            page = self.centre.get("/whistles", limit=200, **cursor).json()
            leads |= {item["number"]: item["lead"] for item in page["items"]}
            if page["next"] is None:
                return leads
            cursor = {"cursor": page["next"]}


@pytest.fixture
def track(city_database: str, tmp_path: Path) -> Iterator[Track]:
    with (
        parts(["web", "web", "project"], city_database, tmp_path) as (first, second, _),
        ExitStack() as stack,
    ):
        yield Track([first.url, second.url], stack)


def test_of_all_who_claim_at_once_one_wins_and_the_others_are_told_who(
    track: Track, city_database: str
) -> None:
    races = track.races(100, seed=1)

    assert_one_winner_each(races)
    assert_log_and_board_agree(races, track, city_database)


@pytest.mark.soak
def test_the_same_a_thousand_times(track: Track, city_database: str) -> None:
    races = []
    for hundred in range(10):
        races += track.races(100, seed=100 + hundred)
        print(f"{len(races)} races, {sum(len(race.answers) for race in races)} claims", flush=True)

    assert_one_winner_each(races)
    assert_log_and_board_agree(races, track, city_database)


def assert_one_winner_each(races: list[Race]) -> None:
    for race in races:
        assert len(race.winners) == 1, {u: a.text for u, a in race.answers.items()}
        [winner] = race.winners
        told = (409, "whistle.already_claimed", winner)
        assert race.losers == dict.fromkeys(race.losers, told)
        assert race.answers[winner].json()["lead"] == winner


CLAIMS = """
    SELECT raised.state ->> 'number', claimed.state -> 'assignment' ->> 'unit'
      FROM log claimed
      JOIN log raised ON raised.originator_id = claimed.originator_id
                     AND raised.originator_version = 1
     WHERE claimed.topic = 'whistle.claimed'
     ORDER BY 1
"""


def assert_log_and_board_agree(races: list[Race], track: Track, database: str) -> None:
    won = {race.number: race.winners[0] for race in races}
    with psycopg.connect(database) as connection:
        claims = connection.execute(CLAIMS).fetchall()
    track.centre.client.headers["X-Position"] = str(
        max(race.answers[race.winners[0]].json()["position"] for race in races)
    )

    assert claims == sorted(won.items())
    assert track.board() == won
