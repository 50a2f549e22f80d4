"""A month's figures as one JSON document, written so that the same figures are the same bytes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from tracker.city_zone import city_zone
from tracker.metrics.arithmetic import Composite, Rate, composite
from tracker.metrics.definitions import METRICS, VERSION, Kind

RATES = tuple(metric.id for metric in METRICS if metric.kind is Kind.RATE)


@dataclass(frozen=True)
class ReportRow:
    """The figures of one scope.

    `kind`: "city", "street", "major", "minor", or the kind of the post or unit. `metrics` by
    identifier, as shown.
    """

    scope: str
    kind: str
    name: str
    metrics: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The code without the kind of scope."""
        return self.scope.partition(":")[2] or self.scope

    @cached_property
    def rates(self) -> dict[str, Rate]:
        found = {name: self.metrics.get(name) for name in RATES}
        return {name: Rate(r["n"], r["d"]) if r else Rate(0, 0) for name, r in found.items()}

    @cached_property
    def composite(self) -> Composite | None:
        return composite(self.rates)

    @property
    def is_empty(self) -> bool:
        """Nothing is counted in it."""
        return not self.metrics["raised_gross"] and not any(r.d for r in self.rates.values())


def written(
    month: str, as_of: datetime, rows: Sequence[ReportRow], definitions: str = VERSION
) -> str:
    """The document: keys in order, no spaces, the moment in the city's zone."""
    document = {
        "month": month,
        "as_of": as_of.astimezone(city_zone()).isoformat(),
        "definitions": definitions,
        "rows": [
            {"scope": r.scope, "kind": r.kind, "name": r.name, "metrics": r.metrics} for r in rows
        ],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(figures: str) -> list[ReportRow]:
    """The rows of a document that `written` made."""
    return [
        ReportRow(row["scope"], row["kind"], row["name"], row["metrics"])
        for row in json.loads(figures)["rows"]
    ]
