"""Calls on a whistle's page: numbers for whoever opened them, and what the next call must be."""

from datetime import datetime, timedelta

from api.door.access import Person, may
from api.door.subjects import WhistleSubject
from api.pages.frame import present
from api.pages.frame.speech import Speech
from api.reading.contacts import contacts_of
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.contacting import OpenContact
from tracker.commands.whistle.whistle_command import worked_on
from tracker.directory import Directory
from tracker.domain.whistle.whistle import Whistle

STAYS_OPEN = timedelta(hours=1)  # for a post or the city, which have no part that ends
DIALLED = frozenset("+0123456789")


def phones(
    tracker: Tracker, person: Person, whistle: Whistle, now: datetime
) -> list[tuple[str, str]] | None:
    """Name with number as they were given, and the number to dial; None: not opened by him."""
    if not may(OpenContact.name, person, WhistleSubject.of(whistle)):
        return None
    if not opened(worked_on(tracker, whistle), person, now):
        return None
    with tracker.connection() as connection:
        found = contacts_of(connection, whistle)
    return [
        (f"{one.name or ''} {one.phone}".strip(), "".join(c for c in one.phone if c in DIALLED))
        for one in found
        if one.phone
    ]


def opened(whistle: Whistle, person: Person, now: datetime) -> bool:
    actor = person.actor
    mine = [one for one in whistle.openings if one.account == actor.account]
    lately = actor.unit is None and any(now - one.at <= STAYS_OPEN for one in mine)
    return lately or whistle.opened_for_its_part(actor)


def before_calling(_: Speech, whistle: Whistle, person: Person) -> str:
    """That the number is to be opened first, for whoever may respond and has not."""
    part = whistle.assignment_of(person.actor.unit)
    if part is None or whistle.opened_by(part):
        return ""
    return _("打电话的，先点“打开电话”再打，没打开过的不算；没留电话的到现场报到。")


def next_call(_: Speech, whistle: Whistle, city: Directory, now: datetime) -> str:
    """The failed calls so far, and the condition for the next; empty before the first."""
    vain = whistle.calls_in_vain(city.policy.calendar.timezone)
    if not vain.tried:
        return ""
    said = [
        _("已打 {n} 次没联系上：", n=len(vain.tried)),
        "、".join(present.moment(_, at, now) for at in vain.tried),
        _("。再打 {n} 次仍联系不上，即按联系不上办结", n=vain.more),
    ]
    if vain.same_day and vain.more == 1:
        said.append(_("；须换一天"))
    counting = "、".join(present.moment(_, at, now) for at in vain.counting)
    if vain.urgent:
        said.append(_("；算数的是 {calls}，下次须与它们相隔两小时", calls=counting))
    else:
        said.append(_("；算数的是 {calls}，下次的钟点须与它们错开两小时", calls=counting))
    return "".join([*said, _("。")])
