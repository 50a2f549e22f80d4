"""Every form of a change, by the name in its address; and how an entry is found by its code."""

from collections.abc import Callable, Mapping

from api.pages.admin import (
    forms_absence,
    forms_accounts,
    forms_areas,
    forms_calendar,
    forms_catalogue,
    forms_city,
    forms_posts,
    forms_units,
)
from api.pages.admin.form import ChangeForm
from tracker.directory import Directory

FORMS: Mapping[str, ChangeForm] = {
    **forms_accounts.FORMS,
    **forms_units.FORMS,
    **forms_catalogue.FORMS,
    **forms_areas.FORMS,
    **forms_posts.FORMS,
    **forms_absence.FORMS,
    **forms_city.FORMS,
    **forms_calendar.FORMS,
}

NAMES: Mapping[str, Callable[[Directory, str], str]] = {
    "accounts": lambda city, code: city.account(code).username,
    "areas": lambda city, code: city.area(code).name,
    "calendars": lambda city, code: code,
    "categories": lambda city, code: city.category(code).name,
    "items": lambda city, code: city.service_item(code).name,
    "majors": lambda city, code: city.major(code).name,
    "plans": lambda city, code: getattr(city.registers["plan"].get(code), "name", code),
    "policy": lambda city, code: city.policy.sla_class(code).name,
    "posts": lambda city, code: city.post(code).name,
    "units": lambda city, code: city.unit(code).name,
}


def name_of(city: Directory, kind: str, code: str) -> str:
    """The entry's own name, for the head of its form. Refuses an unknown code."""
    return NAMES[FORMS[kind].back](city, code) if code else ""
