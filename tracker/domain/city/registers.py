"""The registers of the city, all of them: what stands in the log besides the whistles.

Each subject is its own file, with its value, events and small aggregate; this is their list.
"""

from tracker.domain.city.accounts import Account, AccountEntry
from tracker.domain.city.answers import Answer, AnswerEntry
from tracker.domain.city.areas import Area, AreaEntry, GridPlan, PlanEntry
from tracker.domain.city.catalogue import (
    Category,
    CategoryEntry,
    ItemEntry,
    Major,
    MajorEntry,
    ServiceItem,
)
from tracker.domain.city.city import City, CityEntry
from tracker.domain.city.entries import Entry
from tracker.domain.city.policy import CalendarEntry, CalendarYear, PolicyEntry, PolicyTerms
from tracker.domain.city.posts import CommandPost, PostEntry
from tracker.domain.city.units import Unit, UnitEntry

REGISTERS: tuple[type[Entry], ...] = (
    CityEntry,
    AreaEntry,
    PlanEntry,
    UnitEntry,
    PostEntry,
    MajorEntry,
    CategoryEntry,
    ItemEntry,
    PolicyEntry,
    CalendarEntry,
    AccountEntry,
    AnswerEntry,
)
"""In the order in which a city is loaded: what is referred to stands before what refers to it."""
OF_PEOPLE: tuple[type[Entry], ...] = (AccountEntry, AnswerEntry)
"""Those that no city pack carries: they are people's own."""

__all__ = [
    "OF_PEOPLE",
    "REGISTERS",
    "Account",
    "Answer",
    "Area",
    "CalendarYear",
    "Category",
    "City",
    "CommandPost",
    "GridPlan",
    "Major",
    "PolicyTerms",
    "ServiceItem",
    "Unit",
]
