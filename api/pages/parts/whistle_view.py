"""One whistle as a page shows it, folded from its stream and so never stale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.contexts.faces import FACES
from api.door.access import Person, may
from api.door.subjects import WhistleSubject
from api.pages.frame import present
from api.pages.frame.present import Chip, Track
from api.pages.frame.route import Notice
from api.pages.frame.speech import Speech
from api.pages.parts import state_words
from api.pages.parts.acting import Attempt, forms
from api.pages.parts.annulling import told_by_time
from api.pages.parts.calls import before_calling, next_call, phones
from api.pages.parts.fields import Choices, CommandForm, Options
from api.pages.parts.story import EventTeller, Photo, Stop, downward, upward
from api.reading.reading import heard_by, own_words
from api.reading.views import PHOTO_KINDS, Heard
from api.reading.ways import story_lines
from api.service.giving import open_to
from tracker.city.answers import answers_of
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.whistle_command import worked_on
from tracker.directory import Directory
from tracker.domain.whistle.events import State
from tracker.domain.whistle.parties import Party
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.story.audiences import StoryLine
from tracker.suggesting.suggesting import why

LONGEST_TITLE = 48
BEFOREHAND = ("whistle.raised", "whistle.amended", "whistle.reporter_joined")


@dataclass(frozen=True)
class ClockLine:
    name: str
    chip: Chip
    due: str


@dataclass(frozen=True)
class WhistleView:
    """Everything that the page of a whistle shows, in words."""

    number: str
    title: str
    tags: Sequence[str]
    chip: Chip
    due: str
    track: Track | None
    facts: Sequence[tuple[str, str]]
    text: str
    who: str
    photos: Sequence[Photo]
    stops: Sequence[Stop]
    clocks: Sequence[ClockLine]
    forms: Sequence[CommandForm] = ()
    said: Notice | None = None
    back: str = ""
    phones: Sequence[tuple[str, str]] | None = None  # opened: name with number, and what to dial
    compare: Sequence[tuple[str, Sequence[Photo]]] = ()  # pictures before and after, for the check
    links: Sequence[tuple[str, str]] = ()  # links to other pages about it
    headline: str = ""
    summary: str = ""


def title_of(_: Speech, heard: Heard, category: str) -> str:
    """The given title, else the first line of the words, else the category."""
    for said in (heard.title, heard.text):
        if said and said.strip():
            first = said.strip().splitlines()[0]
            return first if len(first) <= LONGEST_TITLE else first[:LONGEST_TITLE] + "…"
    return category


class Viewer:
    """Makes the view of one whistle for one person at one moment."""

    def __init__(self, tracker: Tracker, speech: Speech, person: Person, now: datetime) -> None:
        self.tracker, self.speech, self.person, self.now = tracker, speech, person, now
        self.city: Directory = tracker.city

    def staff(
        self,
        whistle: Whistle,
        back: str,
        attempt: Attempt | None = None,
        said: Notice | None = None,
        do: str = "",
    ) -> WhistleView:
        """The view for staff: all steps, and the forms of the possible commands."""
        commands = open_to(
            self.tracker, whistle, self.person
        )  # also applies the deadlines passed by now
        teller = EventTeller(self.speech, self.city, self.now)
        story = self.story_lines(whistle)
        units = [self.person.actor.unit] if self.person.actor.unit else None
        clock = present.leading(list(whistle.clocks.values()), units)
        ahead = teller.to_come(whistle.state, list(whistle.clocks.values()), whistle.lead)
        return self.view(
            whistle,
            story,
            teller,
            clock,
            heard=self.heard(whistle),
            stops=downward(teller.passed(story), ahead),
            phones=phones(self.tracker, self.person, whistle, self.now),
            compare=self.compare(whistle, story, teller),
            links=self.links(whistle, [command.name for command in commands]),
            forms=forms(
                self.choices(whistle, clock), commands, f"/w/{whistle.number}", back, attempt, do
            ),
            said=None if attempt else said,
            back=back,
        )

    def choices(self, whistle: Whistle, clock: Any = None) -> Choices:
        """The options of the forms; the catalogue's category, lead and co units are preselected."""
        category = self.city.registers["category"].get(whistle.category or "")
        suggested: dict[tuple[str, str], Sequence[str]] = {}
        if category is not None:
            suggested["classify", "category"] = [category.code]
            lead = whistle.suggested_unit or category.lead_unit
            suggestion = whistle.suggestion if whistle.suggestion else None
            words = (
                suggestion.keywords if suggestion and suggestion.category == category.code else ()
            )
            language = self.speech.language
            suggested["dispatch", "lead"] = [lead]
            suggested["dispatch", "co"] = category.co_units
            suggested["dispatch", "reason"] = [why(self.city, language, category, words, lead)]
        returning = [part.unit for part in whistle.assignments if part.return_pending]
        if returning:
            suggested["adjudicate", "unit"] = returning
        hints = {
            "return": self.next_after_return(whistle),
            "follow-up": next_call(self.speech, whistle, self.city, self.now),
            "respond": before_calling(self.speech, whistle, self.person),
        }
        answers = self.answers(whistle, clock)
        parties = self.parties(whistle)
        told, ticked = told_by_time(
            self.tracker, self.person, whistle, EventTeller(self.speech, self.city, self.now)
        )
        suggested["annul", "events"] = ticked
        return Choices(self.speech, self.city, self.now, suggested, hints, answers, parties, told)

    def parties(self, whistle: Whistle) -> dict[str, Options]:
        """Whom the city may ask, where several reported it, and who waits for an answer."""
        found: dict[str, Options] = {}
        if len(whistle.parties) > 1:
            found["follow-up"] = [self.party(whistle, one) for one in whistle.in_line]
        if whistle.unanswered:
            found["answer-party"] = [self.party(whistle, one) for one in whistle.unanswered]
        return found

    def party(self, whistle: Whistle, one: Party) -> tuple[str, str]:
        """A reporter by his number, without a name; of a merged whistle with its number."""
        _ = self.speech
        label = _("第 {n} 位吹哨人", n=one.number)
        if one.child is not None:
            label += f" · {whistle.children.get(one.child, '')}"
        return str(one.number), label

    def answers(self, whistle: Whistle, clock: Any) -> dict[str, Options]:
        """The own unit's templates that fit this whistle, with its facts filled in, by command."""
        _, unit = self.speech, self.person.actor.unit
        if unit is None:
            return {}
        facts = {
            "{地点}": self.city.grid(whistle.place.grid).name if whistle.place.grid else "",
            "{时限}": present.on_paper(clock.due) if clock else "",
            "{编号}": whistle.number,
            "{类别}": EventTeller(_, self.city, self.now).category(whistle.category),
            "{单位}": self.city.unit(unit).short,
            "{日期}": present.on_paper(self.now).partition(" ")[0],
        }
        found: dict[str, list[tuple[str, str]]] = {}
        for answer in answers_of(self.city, unit):
            if answer.fits(answer.step, whistle.category):
                text = answer.text
                for place, fact in facts.items():
                    text = text.replace(place, fact)
                found.setdefault(answer.step, []).append((answer.name, text))
        return dict(found)

    def next_after_return(self, whistle: Whistle) -> str:
        """Who decides a return, and which unit the catalogue names."""
        _, city, place = self.speech, self.city, whistle.place
        street = city.area(place.street).name if place.street else _("本街道")
        said = [
            _("由市指挥中心裁定。")
            if whistle.decided_by_city(None)
            else _("由{street}裁定；写了建议单位，由市指挥中心裁定。", street=street)
        ]
        category = city.registers["category"].get(whistle.category or "")
        if category is not None and category.lead_unit != self.person.actor.unit:
            said.append(_("目录上的主办是{unit}。", unit=city.unit(category.lead_unit).short))
        return "".join([*said, _("裁定以前仍由本单位负责，时限照走。")])

    def plain_choices(self) -> Choices:
        """The options of a reporter's forms, without suggestions."""
        return Choices(self.speech, self.city, self.now)

    def reporter(self, whistle: Whistle) -> WhistleView:
        """The view for the reporter: plain words, nothing about other people.

        Of a merged whistle it shows how far the one is that is worked on.
        """
        teller = EventTeller(self.speech, self.city, self.now, you=True, photos_at="/p/photos")
        story = self.story_lines(whistle)
        at_work = worked_on(self.tracker, whistle)
        clocks = list(at_work.clocks.values())
        ahead = teller.to_come(at_work.state, clocks, at_work.lead)
        return self.view(
            whistle,
            story,
            teller,
            present.leading(clocks, []),
            heard=own_words(story),
            stops=upward(teller.passed(story), ahead),
            headline=state_words.headline(self.speech, at_work, teller.unit(at_work.lead)),
        )

    def story_lines(self, whistle: Whistle) -> list[StoryLine]:
        """The story from the streams, masked unless this person may read the words."""
        return story_lines(self.tracker, whistle, self.person)

    def view(
        self,
        whistle: Whistle,
        story: Sequence[StoryLine],
        teller: EventTeller,
        clock: Any,
        heard: Heard,
        **more: Any,
    ) -> WhistleView:
        _ = self.speech
        category = teller.category(whistle.category)
        place = self.place(whistle, story)
        return WhistleView(
            number=whistle.number,
            title=title_of(_, heard, category),
            tags=self.tags(whistle),
            chip=present.chip_in(_, clock, self.now, whistle.state),
            due=present.due_line(_, clock, self.now) if clock else "",
            track=present.track(_, clock, self.now, self.begun(clock, whistle)) if clock else None,
            facts=self.facts(whistle, teller, category, place),
            text=heard.text or "",
            who=self.who(whistle, story),
            photos=[teller.photo(id, "", n) for n, id in enumerate(heard.photos, 1)],
            clocks=self.clocks(whistle),
            summary=" · ".join(
                part for part in (place, category, present.class_name(_, whistle.sla_class)) if part
            ),
            **more,
        )

    def links(self, whistle: Whistle, commands: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Links to what a post may do with it besides commands."""
        _, found = self.speech, list[tuple[str, str]]()
        subject = WhistleSubject.of(whistle)
        if whistle.earlier_number is not None:
            found.append((f"/w/{whistle.earlier_number}", _("没解决的上一件")))
        may_compare = not whistle.is_terminal and may("merge", self.person, subject)
        if may_compare or "unmerge" in commands:
            found.append((f"/merge/{whistle.number}", _("并案对照")))
        for face in FACES.values():
            for link in face.whistle_links(_, self.person, whistle):
                found.append((link.href, link.label))
        return found

    def compare(
        self, whistle: Whistle, story: Sequence[StoryLine], teller: EventTeller
    ) -> Sequence[tuple[str, Sequence[Photo]]]:
        """For the check: the reported pictures beside those of the submission."""
        if whistle.state not in (State.SUBMITTED, State.SELF_RESOLVED):
            return ()
        _, done = self.speech, ("whistle.submitted", "whistle.self_resolved")
        last = max((line.version for line in story if line.topic in done), default=0)
        before, after = list[Photo](), list[Photo]()
        for line in story:
            for word in line.words:
                if word.kind not in PHOTO_KINDS or word.erased_at:
                    continue
                submission = line.topic in done and line.version == last
                is_after = submission and word.kind != "photo_before"
                side = after if is_after else before
                if is_after or line.topic in BEFOREHAND or word.kind == "photo_before":
                    side.append(teller.photo(word.id, "", len(side) + 1))
        return ((_("吹哨时"), before), (_("办结时"), after))

    def heard(self, whistle: Whistle) -> Heard:
        return heard_by(self.tracker, whistle, self.person)

    def begun(self, clock: Any, whistle: Whistle) -> str:
        """The name of a clock's start: for a unit's clock the dispatch, otherwise the raise.

        A merged whistle's promise may have begun with another's report.
        """
        if clock.unit is None and whistle.state is State.MERGED:
            return self.speech("登记")
        if clock.kind == "follow_up":
            return self.speech("核查")
        return self.speech("派单") if clock.unit else self.speech("吹哨")

    def tags(self, whistle: Whistle) -> list[str]:
        _, own = self.speech, self.person.actor.unit
        found = [present.state_name(_, whistle.state)]
        if own and own == whistle.lead:
            found.append(_("主办"))
        elif own and own in whistle.co:
            found.append(_("协办"))
        if len(whistle.children):
            found.append(_("并案 {n} 件", n=len(whistle.children)))
        if whistle.level > 1:
            found.append(_("{n} 级", n=whistle.level))
        if whistle.supervised:
            found.append(_("督办"))
        if whistle.cycle > 1:
            found.append(_("第 {n} 轮", n=whistle.cycle))
        if whistle.confidential:
            found.append(_("保密"))
        return found

    def place(self, whistle: Whistle, story: Sequence[StoryLine]) -> str:
        """The given address, else the grid, else empty."""
        said = [word.body for line in story for word in line.words if word.kind == "address"]
        grid = whistle.place.grid
        names = [self.city.grid(grid).name] if grid else []
        return " · ".join([*(text for text in said[:1] if isinstance(text, str)), *names])

    def facts(
        self, whistle: Whistle, teller: EventTeller, category: str, place: str
    ) -> list[tuple[str, str]]:
        _ = self.speech
        co = "、".join(teller.unit(code) for code in whistle.co)
        suggested = whistle.category_source == "suggested"
        pairs = [
            (_("地点"), place or _("待落格")),
            (
                _("类别"),
                _("{category}（按文字推荐）", category=category) if suggested else category,
            ),
            (_("等级"), present.class_name(_, whistle.sla_class)),
            (_("指挥部"), teller.post(whistle.place.post) if whistle.place.post else ""),
            (_("主办"), teller.unit(whistle.lead) if whistle.lead else ""),
            (_("协办"), co),
            (_("登记"), present.moment(_, whistle.registered_at, self.now)),
        ]
        return [(name, value) for name, value in pairs if value]

    def who(self, whistle: Whistle, story: Sequence[StoryLine]) -> str:
        """The channel, and the contact as far as this person may see it."""
        _ = self.speech
        sources = {"grid_worker": _("网格员"), "import": _("旧系统"), "resident": _("居民")}
        parts = [sources.get(whistle.source, _("居民"))]
        if whistle.anonymous:
            parts.append(_("匿名"))
        for word in (word for line in story[:1] for word in line.words if word.kind == "reporter"):
            if isinstance(word.body, dict):
                parts += [str(value) for value in word.body.values() if value]
        return " · ".join(parts)

    def clocks(self, whistle: Whistle) -> list[ClockLine]:
        """The clocks of the whistle, and of this person's unit."""
        _, own = self.speech, self.person.actor.unit
        shown = []
        for clock in whistle.clocks.values():
            if not clock.is_promise or clock.unit not in (None, own):
                continue
            chip = state_words.clock_chip(_, whistle, clock, self.now)
            name = present.name_of_clock(_, clock.kind)
            owner = _("本单位") if clock.unit else _("全程")
            shown.append(ClockLine(f"{name} · {owner}", chip, present.due_line(_, clock, self.now)))
        return shown
