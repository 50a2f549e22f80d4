"""The unit's own templates: list them, add one, withdraw one."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.route import Checked, Notice, pages
from api.pages.frame.visitor import UNITS, head, only
from api.pages.parts.fields import Choices
from tracker.city.answers import answers_of, end_answer, keep_answer
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.commands import BY_NAME
from tracker.domain.city.answers import LONGEST_NAME, LONGEST_TEXT, STEPS, Answer
from tracker.domain.errors import Refusal

router = pages()

TYPED = ("name", "step", "text", "category")
PLACES = ("{地点}", "{时限}", "{编号}", "{类别}", "{单位}", "{日期}")


@router.get("/unit/answers")
def answers(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    only(caller, UNITS)
    return answers_page(request, tracker, caller)


@router.post("/unit/answers")
def add(request: Request, tracker: TheTracker, caller: SignedIn, form: Checked) -> Response:
    """Add a template. After a refusal the form keeps everything that was typed."""
    only(caller, UNITS)
    unit = caller.actor.unit or ""
    typed: dict[str, Any] = {name: form.text(name) for name in TYPED}
    answer = Answer(code=f"{unit}-{form.key or now().isoformat()}", unit=unit, **typed)
    try:
        keep_answer(tracker, answer, now(), caller.actor)
    except Refusal as refusal:
        said = Notice.refused(refusal, speech_of(request).language)
        return answers_page(request, tracker, caller, typed, said)
    return go("/unit/answers")


@router.post("/unit/answers/{code}/end")
def end(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, code: str
) -> Response:
    only(caller, UNITS)
    at: datetime = now()
    end_answer(tracker, code, at, at.astimezone(city_zone()).date(), caller.actor)
    return go("/unit/answers")


def answers_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    typed: dict[str, str] | None = None,
    said: Notice | None = None,
) -> Response:
    city, speech = tracker.city, speech_of(request)
    names = {step: BY_NAME[step].label.say(speech.language, {}) for step in STEPS}

    def row(answer: Answer) -> dict[str, Any]:
        category = city.registers["category"].get(answer.category)
        category = category or city.registers["major"].get(answer.category)
        return {
            "code": answer.code,
            "name": answer.name,
            "text": answer.text,
            "step": names[answer.step],
            "category": category.name if category else "",
            "own": bool(answer.unit),
        }

    return show(
        request,
        "answers.html",
        409 if said else 200,
        **head(request, city, person),
        answers=[row(answer) for answer in answers_of(city, person.actor.unit or "")],
        steps=[(step, names[step]) for step in STEPS],
        groups=Choices(speech, city, now()).categories(),
        typed=typed or dict.fromkeys(TYPED, ""),
        said=said,
        key=uuid4().hex,
        places_known=" ".join(PLACES),
        longest=(LONGEST_NAME, LONGEST_TEXT),
    )
