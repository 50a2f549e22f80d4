"""What every list of the city's registers is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.frame.speech import Speech

Cell = Any  # a text, {"text", "href"}, or a list of those for buttons


@dataclass(frozen=True)
class Listing:
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    add: Sequence[tuple[str, str]] = ()  # buttons above the list: address and label
    note: str = ""


def change(_: Speech, kind: str, code: str, label: str = "") -> dict[str, str]:
    return {"text": label or _("更改"), "href": f"/admin/change/{kind}/{code}", "about": code}


def add(kind: str, label: str) -> tuple[str, str]:
    return f"/admin/change/{kind}", label
