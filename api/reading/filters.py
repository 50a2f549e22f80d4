"""Codes in the filters of a list, as people type them: in any case; an unknown one is refused."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tracker.directory import Directory
from tracker.domain.city.areas import UnknownArea, UnknownGrid
from tracker.domain.city.catalogue import UnknownCategory
from tracker.domain.city.posts import UnknownPost
from tracker.domain.city.units import UnknownUnit
from tracker.domain.errors import Invalid


class UnknownStreet(UnknownArea):
    field = "street"


# Codes that have ended too: the list has whistles of their time.
KNOWN: Mapping[str, tuple[Callable[[Directory], Iterable[str]], type[Invalid]]] = {
    "post": (lambda city: city.registers["post"], UnknownPost),
    "unit": (lambda city: city.registers["unit"], UnknownUnit),
    "street": (lambda city: city.registers["area"], UnknownStreet),
    "grid": (lambda city: city.registers["area"], UnknownGrid),
    "category": (
        lambda city: (*city.registers["category"], *city.registers["major"]),
        UnknownCategory,
    ),
}


def with_known_codes(city: Directory, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The filters, each code as the register has it. Raises the refusal that names the field."""
    return {name: _known(city, name, given) for name, given in asked.items()}


def _known(city: Directory, name: str, given: Any) -> Any:
    if given is None or name not in KNOWN:
        return given
    codes, unknown = KNOWN[name]
    found = next((code for code in codes(city) if code.upper() == given.upper()), None)
    if found is None:
        raise unknown(given=given)
    return found
