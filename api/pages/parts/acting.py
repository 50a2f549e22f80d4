"""Commands given by a page's form, with the same access table, body and method as for JSON.

A refused form keeps everything that was typed. Photos too: they are stored when they arrive, so
that nobody has to take them again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid4

from fastapi import Request
from pydantic import ValidationError

from api.door.access import Person
from api.door.fields import adapter, form_fields
from api.door.form_words import sentence
from api.door.once import Once
from api.door.problems import bad_form
from api.pages.frame.look import speech_of
from api.pages.frame.route import Filled, Notice, check_token
from api.pages.frame.speech import Speech
from api.pages.parts.fields import PHOTOS, Choices, CommandForm, Field, body_of, fields_of
from api.service import photos
from api.service.giving import give_whistle
from tracker.commands.command import Done
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.commands import BY_NAME
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import NotFound, Refusal, Words
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.idempotency import digest_of_request
from tracker.words.photos import PhotoRefused

MOST_PHOTOS = 3
# Commands by which a reporter speaks. Where a picture is evidence it is asked for again instead.
SPOKEN = frozenset({"amend", "answer", "join"})

Result = TypeVar("Result")


class NoSuchCommand(NotFound):
    code = "command.unknown"
    message = Words(zh="没有“{command}”这个操作", en="There is no command {command}")
    remedy = Words(zh="请从这一页的按钮操作", en="Use the buttons of this page")


class PhotoNotKept(NotFound):
    """The photo's id was not stored by this form."""

    code = "photo.not_kept"
    message = Words(zh="照片要重新选一次", en="The photo must be chosen again")
    remedy = Words(zh="请再选一次照片", en="Choose the photo again")


@dataclass(frozen=True)
class Attempt:
    """A refused form: the refusal, the errors by field, and everything that was typed."""

    command: str
    said: Notice
    texts: Mapping[str, Sequence[str]]
    errors: Mapping[str, str]
    kept: Mapping[str, Sequence[str]]


def outcome(_: Speech, done: str) -> Notice | None:
    """The confirmation on the page after a command."""
    return {
        "done": Notice(_("已办理"), kind="good"),
        "proposed": Notice(_("已提议，等另一位同事确认"), kind="good"),
        "left-out": Notice(
            _("文字收下了，有照片打不开，没有附上"), _("可以在进度页用“补充”再传一张"), kind="good"
        ),
    }.get(done)


def command_named(name: str) -> type[WhistleCommand]:
    if name not in BY_NAME:
        raise NoSuchCommand(command=name)
    return BY_NAME[name]


def once_of(request: Request, form: Filled) -> Once:
    """The form's hidden idempotency key, so that a form sent twice is one command."""
    return Once(form.key, digest_of_request(b"form", request.url.path.encode(), form.digest()))


def store_photos(tracker: Tracker, uploads: Sequence[bytes], person: Person) -> list[str]:
    """Re-encode and store each picture until a whistle uses it. Refuses what is no picture."""
    return [photos.keep(tracker, upload, person, None)["id"] for upload in uploads[:MOST_PHOTOS]]


def kept_photos(form: Filled, name: str) -> list[str]:
    """The photos of an earlier try of this form that are still chosen."""
    try:
        return [str(UUID(id)) for id in form.all(f"kept-{name}")]
    except ValueError as error:
        raise PhotoNotKept from error


def readable_photos(
    tracker: Tracker, form: Filled, person: Person
) -> tuple[list[str], Refusal | None]:
    """The pictures that can be kept, and why the last of the others cannot.

    A picture that nobody can open never holds the words back (domain.md §4.2, raise).
    """
    readable: list[str] = []
    unreadable: Refusal | None = None
    try:
        readable += kept_photos(form, "photos")
    except PhotoNotKept as refusal:
        unreadable = refusal
    for upload in form.files("photos")[:MOST_PHOTOS]:
        try:
            readable += store_photos(tracker, [upload], person)
        except PhotoRefused as refusal:
            unreadable = refusal
    return readable, unreadable


def speak(
    request: Request,
    tracker: Tracker,
    person: Person,
    number: str,
    form: Filled,
    command: type[WhistleCommand],
    more: Mapping[str, Any] | None = None,
) -> tuple[Attempt | Done[Whistle], bool]:
    """`act`, and whether a reporter's words went without a picture that nobody can open."""
    if command.name not in SPOKEN:
        return act(request, tracker, person, number, command, form, more), False
    readable, unreadable = readable_photos(tracker, form, person)
    opened = Filled({**form.texts, "kept-photos": readable}, {})
    result = act(request, tracker, person, number, command, opened, more)
    if isinstance(result, Attempt) and unreadable is not None:
        why = Notice.refused(unreadable, speech_of(request).language).message
        result = replace(result, errors={"photos": why, **result.errors})
    return result, unreadable is not None


def act(
    request: Request,
    tracker: Tracker,
    person: Person,
    number: str,
    command: type[WhistleCommand],
    form: Filled,
    more: Mapping[str, Any] | None = None,
) -> Attempt | Done[Whistle]:
    """Give the command; returns an `Attempt` if refused. `more`: values added by the page."""

    def gives(filled: WhistleCommand) -> Done[Whistle]:
        return give_whistle(tracker, filled, number, person, once_of(request, form))

    return filled_in(request, tracker, person, command.name, command, form, gives, more)


def filled_in(
    request: Request,
    tracker: Tracker,
    person: Person,
    name: str,
    body: type[Any],
    form: Filled,
    do: Callable[[Any], Result],
    more: Mapping[str, Any] | None = None,
) -> Attempt | Result:
    """Validate the form as a `body` and `do` it. After a refusal everything typed is kept."""
    language = speech_of(request).language
    kept: dict[str, list[str]] = {}
    try:
        for photo in PHOTOS & form_fields(body).keys():
            stored = store_photos(tracker, form.files(photo), person)
            kept[photo] = [*kept_photos(form, photo), *stored]
        check_token(request, form)
        said = {**body_of(body, form.texts), **kept, **(more or {})}
        return do(adapter(body).validate_python(said))
    except ValidationError as wrong:
        errors = {field_of(e["loc"]): sentence(e, language) for e in wrong.errors()}
        said_so = Notice(bad_form(len(errors), language))
        return Attempt(name, said_so, form.texts, errors, kept)
    except Refusal as refusal:
        field = getattr(refusal, "field", None)
        said_so = Notice.refused(refusal, language, units_named(tracker, refusal))
        errors = {field: said_so.message} if field and field in form_fields(body) else {}
        return Attempt(name, said_so, form.texts, errors, kept)


def units_named(tracker: Tracker, refusal: Refusal) -> Mapping[str, str]:
    """The units among a refusal's facts, by name instead of code."""
    units = tracker.city.registers["unit"]
    codes = {name: code for name, code in refusal.facts.items() if isinstance(code, str)}
    return {name: units[code].short for name, code in codes.items() if code in units}


MOST_ROWS = 60


def act_on_many(
    request: Request, tracker: Tracker, person: Person, command: type[WhistleCommand], form: Filled
) -> tuple[dict[str, Notice], int]:
    """Give a command to every chosen whistle. Returns the outcome of each, and the last position.

    Each whistle has its own idempotency key, derived from the form's, so that a form sent twice
    acts once per row. A form without the visitor's token does nothing.
    """
    check_token(request, form)
    _ = speech_of(request)
    results: dict[str, Notice] = {}
    position = 0
    for number in list(dict.fromkeys(form.all("number")))[:MOST_ROWS]:
        own = sha256(f"{form.key} {number}".encode()).hexdigest() if form.key else ""
        one = Filled({**form.texts, "key": [own[:32]], "number": [number]}, {})
        result = act(request, tracker, person, number, command, one)
        if isinstance(result, Attempt):
            results[number] = replace(result.said, kind="")
            continue
        position = max(position, result.position)
        said = outcome(_, "proposed" if result.proposed else "done")
        results[number] = said or Notice("")
    return results, position


def field_of(location: Sequence[Any]) -> str:
    return str(location[0]) if location else ""


SHORTCUTS: Mapping[str, str] = {
    "claim": "C",
    "request-extension": "E",
    "control": "H",
    "add-co": "T",
    "respond": "R",
    "start": "S",
    "submit": "D",
    "return": "B",
    "suspend": "P",
    "resume": "P",
    "dispatch": "D",
    "pool": "O",
    "classify": "T",
    "verify": "V",
    "follow-up": "F",
    "acknowledge": "A",
}
MAIN: Sequence[str] = (  # the first possible one of these is the main command
    "claim",
    "respond",
    "start",
    "submit",
    "adjudicate",
    "decide-extension",
    "verify",
    "follow-up",
    "dispatch",
    "classify",
    "pool",
    "close",
    "resume",
)


def main_of(commands: Sequence[str]) -> str | None:
    return next((name for name in MAIN if name in commands), None)


def with_refused(
    commands: Sequence[type[WhistleCommand]], attempt: Attempt | None
) -> Sequence[type[WhistleCommand]]:
    """The commands and the refused one, whose typed text is shown even if it is not open now."""
    if attempt is None or any(command.name == attempt.command for command in commands):
        return commands
    return [BY_NAME[attempt.command], *commands]


def rank(command: type[WhistleCommand]) -> int:
    """Sort key: commands in `MAIN` first, in that order; the others in their listed order."""
    return MAIN.index(command.name) if command.name in MAIN else len(MAIN)


def forms(
    choices: Choices,
    commands: Sequence[type[WhistleCommand]],
    base: str,
    back: str,
    attempt: Attempt | None = None,
    do: str = "",
) -> list[CommandForm]:
    """The forms of these commands, the main one first; a refused one is open, as typed.

    `do`: the command whose form is to be open.
    """
    language = choices.speech.language
    main = main_of([command.name for command in commands])
    taken: set[str] = set()
    made = []
    for command in with_refused(sorted(commands, key=rank), attempt):
        name = command.name
        label = command.label.say(language, {})
        tried = attempt if attempt is not None and attempt.command == name else None
        letter = SHORTCUTS.get(name, "")
        made.append(
            CommandForm(
                name=name,
                label=label,
                submit=label,
                action=f"{base}/{name}",
                key=uuid4().hex,
                back=back,
                fields=_filled(fields_of(name, command, choices), tried),
                primary=name == main,
                shortcut="" if letter in taken else letter,
                open=tried is not None or (attempt is None and name == do),
                refusal=tried.said if tried else None,
                hint=choices.hints.get(name, ""),
            )
        )
        taken.add(letter)
    return made


def _filled(fields: Sequence[Field], tried: Attempt | None) -> list[Field]:
    if tried is None:
        return list(fields)
    return [
        replace(
            field,
            value=next(iter(tried.texts.get(field.name, ())), ""),
            chosen=tried.texts.get(field.name, ()),
            error=tried.errors.get(field.name, ""),
            kept=tried.kept.get(field.name, ()),
        )
        for field in fields
    ]
