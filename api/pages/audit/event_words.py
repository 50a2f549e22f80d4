"""Any event of the log in words: its title and its subject."""

from collections.abc import Mapping
from typing import Any

from api.door.callers import now
from api.door.rights_in_words import ROLE_WORDS
from api.pages.admin.words import register_names, title_of_event
from api.pages.frame.speech import Speech
from api.pages.parts.story import EventTeller
from tracker.contexts.registry import CONTEXTS
from tracker.directory import Directory
from tracker.domain.actors import Role
from tracker.operating.audit_search import RawEvent


def title_of(_: Speech, city: Directory, event: RawEvent) -> str:
    """The title of an event, in the words of the pages where its command is given."""
    if event.topic.startswith("city."):
        return title_of_event(_, event.topic)
    teller = EventTeller(_, city, now())
    if event.topic.startswith("whistle."):
        return teller.topic_title(event.topic, facts_for_title(event.facts))
    titles = {
        topic: words.say(_.language, {"unit": teller.unit(event.facts.get("unit"))})
        for context in CONTEXTS
        for topic, words in context.event_words.items()
    }
    titles["report.month_frozen"] = _("月报冻结")
    return titles.get(event.topic, event.topic)


def facts_for_title(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with `unit` at the top level, where titles read it."""
    task = facts.get("assignment") or facts.get("lead")
    return dict(facts) | ({"unit": task["unit"]} if isinstance(task, dict) else {})


def kind_names(_: Speech) -> Mapping[str, str]:
    """Every kind of stream with its name; the city's registers last."""
    return {
        "whistle": _("吹哨"),
        **{context.name: context.title.say(_.language, {}) for context in CONTEXTS},
        "month": _("冻结的月报"),
        **register_names(_),
    }


def subject_of(_: Speech, kind: str, code: str) -> str:
    """A stream's subject as a list names it; a whistle by its number alone."""
    if kind == "whistle":
        return code
    short = code.partition("-")[0] if kind == "handover" else code
    return f"{kind_names(_).get(kind, kind)} {short}"


def who(_: Speech, by: str, role: str) -> str:
    """The account and its role. Steps that the tracker takes itself have no account."""
    name = ROLE_WORDS[Role(role)].say(_.language, {})
    return name if role in (Role.SYSTEM, Role.ANONYMOUS) else f"{name} · {by}"
