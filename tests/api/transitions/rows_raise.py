"""The row raise: what is taken, in which state and class it begins, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.transitions import law
from tests.api.transitions.case import by_name, ends, moment, near
from tests.api.transitions.stage import GAS, LAT, LITTER, LON, VIOLENCE, Stage

HERE = {"lat": LAT, "lon": LON}
OUTSIDE = {"lat": 23.385, "lon": 103.4290}  # some 100 m outside the grids


@dataclass(frozen=True)
class Report:
    """What is sent by `by` (None: nobody who signed in), and what it becomes."""

    id: str
    body: Mapping[str, Any]
    by: str | None = None
    status: int = 201
    state: str = law.RAISED
    sla_class: str = "G4"
    limits: tuple[str, str] = ("4 working_hours", "5 working_days")  # respond, resolve
    also: Mapping[str, Any] = field(default_factory=dict)  # of the whistle as it is read
    code: str = ""
    field: str = ""


def at(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


WORDS = {"text": "请来看一下", "location": HERE}
E1 = ("30 natural_minutes", "24 natural_hours")
SENT: Mapping[str, Any] = {"state": law.DISPATCHED, "sla_class": "E1", "limits": E1}
NOWHERE = {"grid": None, "post": None}
REPORTS = (
    Report("words and a point", WORDS, also={"post": "CP04"}),
    Report("by a resident with an account", WORDS, by="resident-1"),
    Report("by a grid worker", WORDS, by="gw-53250300100401"),
    Report("without a name", {**WORDS, "anonymous": True}),
    Report("an address", {"text": "灯坏了", "location": {"address": "碧色寨路口"}}, also=NOWHERE),
    Report("no place", {"text": "请来看一下"}, also=NOWHERE),
    Report("a point outside every grid", {**WORDS, "location": OUTSIDE}, also=NOWHERE),
    Report("a point worse than 500 m", {**WORDS, "location": {**HERE, "accuracy_m": 501}},
           also=NOWHERE),
    Report("a category of Q3", {**WORDS, "category": LITTER}, sla_class="Q3",
           limits=("2 working_hours", "7 working_hours")),
    Report("urgent", {**WORDS, "urgency": "U2"}, sla_class="U2",
           limits=("2 natural_hours", "24 natural_hours")),
    Report("found days ago: the clocks run from its receipt", {**WORDS, "occurred_at": at(-3)}),
    Report("chosen as an emergency", {**WORDS, "urgency": "E1"}, **SENT),
    Report("a category of E1", {**WORDS, "category": GAS}, **SENT, also={"lead": "U02"}),
    Report("words that name an emergency", {**WORDS, "text": "电梯困人了,快来"}, **SENT),
    Report("a confidential category", {**WORDS, "category": VIOLENCE}, **SENT,
           also={"confidential": True}),
    Report("nothing", {"location": HERE}, status=422, code="whistle.nothing_said", field="text"),
    Report("blanks", {**WORDS, "text": "\u200b 　"}, status=422, code="whistle.nothing_said",
           field="text"),
    Report("a time in the future", {**WORDS, "occurred_at": at(1)}, status=422,
           code="whistle.occurred_in_the_future", field="occurred_at"),
    Report("an urgency that there is not", {**WORDS, "urgency": "Z9"}, status=422,
           code="whistle.unknown_urgency", field="urgency"),
    Report("a category that there is not", {**WORDS, "category": "Z9"}, status=422,
           code="category.unknown", field="category"),
)  # fmt: skip


def taken(stage: Stage, report: Report) -> None:
    caller = stage.web.someone(report.by) if report.by else stage.web.nobody

    answer = caller.post("/whistles", dict(report.body))

    assert answer.status_code == report.status, answer.text
    if report.status >= 300:
        problem = answer.json()
        assert (problem["code"], problem["errors"][0]["field"]) == (report.code, report.field)
        return
    seen = stage.web.someone("city").get(f"/whistles/{answer.json()['number']}").json()
    assert (seen["state"], seen["sla_class"]) == (report.state, report.sla_class)
    assert {name: seen[name] for name in report.also} == report.also
    assert (answer.json()["receipt"] is None) is (report.by is not None)
    clocks, registered = by_name(seen), moment(seen["registered_at"])
    for kind, limit in zip(("respond", "resolve"), report.limits, strict=True):
        assert near(moment(clocks[kind]["due"]), ends(stage, limit, registered)), kind
    assert ("control" in clocks) is (report.sla_class == "E1")
