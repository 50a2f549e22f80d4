"""The cells of every list of the city's registers."""

from typing import Any

from api.pages.frame.speech import Speech

Cell = Any  # a text, {"text", "href"}, or a list of those for buttons
Rows = list[list[Cell]]


def change(_: Speech, kind: str, code: str, label: str = "") -> dict[str, str]:
    return {"text": label or _("更改"), "href": f"/admin/change/{kind}/{code}", "about": code}
