"""Random whistles of an older system, in the shape that `tracker import` reads."""

import random
from datetime import datetime, timedelta
from typing import Any

START = datetime(2026, 1, 5)
SPAN_DAYS = 270
POSTS = [f"CP{n:02d}" for n in range(1, 29)]
UNITS = [f"U{n:02d}" for n in range(1, 26)]
CLASSES = ("E1", "U2", "Q3", "G4", "G4", "G4", "X5", "C6")


def facts(chance: random.Random, count: int, categories: list[str]) -> list[dict[str, Any]]:
    """That many lines, with everything that can happen to a whistle in them."""
    return [Fact(chance, f"R{n:07d}", categories).line for n in range(count)]


class Fact:
    """One line; each step is later than the one before."""

    def __init__(self, chance: random.Random, name: str, categories: list[str]) -> None:
        self.chance = chance
        self.now = START + timedelta(minutes=chance.randrange(SPAN_DAYS * 1440))
        self.line: dict[str, Any] = {
            "id": name,
            "registered_at": self._now(),
            "sla_class": chance.choice(CLASSES),
            "post": chance.choice(POSTS),
            "category": chance.choice(categories),
            "assignments": [],
        }
        self._live()

    def _now(self) -> str:
        return self.now.isoformat(timespec="minutes")

    def _later(self, least: int, most: int) -> str:
        """So many minutes later, most often few."""
        spread = self.chance.random() ** 3
        self.now += timedelta(minutes=least + int(spread * (most - least)))
        return self._now()

    def _happens(self, share: float) -> bool:
        return self.chance.random() < share

    def _live(self) -> None:
        if self._happens(0.05):
            self.line |= {"self_resolved": True, "closed_at": self._later(5, 60)}
            return
        if self._happens(0.04):
            kind = self.chance.choice(("void", "transferred_out", "test"))
            self.line["excluded"] = {"kind": kind, "at": self._later(5, 600)}
            return
        if self._happens(0.03):
            return
        self._send()
        if self._happens(0.04):
            self.line["withdrawn_at"] = self._later(10, 6000)
            return
        if self._happens(0.05):
            return
        self._respond()
        if self._happens(0.95):
            self._work()

    def _send(self) -> None:
        units = self.chance.sample(UNITS, 4)
        first = {"unit": units[0], "role": "lead", "assigned_at": self._later(2, 600)}
        tasks = [first]
        for unit in units[2:] if self._happens(0.15) else []:
            tasks.append({"unit": unit, "role": "co", "assigned_at": self._now()})
        if self._happens(0.08) and self.line["sla_class"] != "E1":
            asked = self._later(5, 1200)
            upheld = self._happens(0.6)
            first["return"] = {
                "requested_at": asked,
                "outcome": "upheld" if upheld else "rejected",
                "decided_at": self._later(5, 400),
            }
            if upheld:
                tasks.append({"unit": units[1], "role": "lead", "assigned_at": self._now()})
        self.line["assignments"] = tasks
        self.line["lead_unit"] = [t for t in tasks if t["role"] == "lead"][-1]["unit"]

    def _respond(self) -> None:
        lead = [t for t in self.line["assignments"] if t["role"] == "lead"][-1]
        lead["responded_at"] = self.line["responded_at"] = self._later(1, 4000)
        for task in self.line["assignments"]:
            if task["role"] == "co" and self._happens(0.8):
                task["responded_at"] = self._now()

    def _work(self) -> None:
        if self._happens(0.05) and self.line["sla_class"] in ("G4", "X5", "Q3"):
            since = self._later(60, 3000)
            ends = self._happens(0.7)
            self.line["suspensions"] = [[since, self._later(1440, 30000) if ends else None]]
            if not ends:
                return
        self.line["first_submitted_at"] = self._later(60, 20000)
        if self._happens(0.1):
            self.line["reworks"] = [self._later(60, 2000)]
            self._later(60, 5000)
        self.line["resolved_at"] = self._now()
        if self._happens(0.05):
            return
        self.line["first_followup"] = self._verdict()
        if self._happens(0.03):
            return
        self.line["closed_at"] = self._later(0, 60)
        if self._happens(0.06):
            self.line["reopens"] = [self._later(60, 15000)]
        if self._happens(0.02):
            self.line["excluded"] = {"kind": "scoring", "at": self._later(60, 30000)}

    def _verdict(self) -> dict[str, Any]:
        at = self._later(10, 5000)
        if self._happens(0.04):
            return {"at": at, "resolved": None, "rating": None, "method": "unreachable_x3"}
        if self._happens(0.1):
            return {"at": at, "resolved": True, "rating": None, "method": "site"}
        solved = self._happens(0.9)
        rating = self.chance.choice((1, 2, 3, 4, 5, 5))
        return {"at": at, "resolved": solved, "rating": rating, "method": "phone"}
