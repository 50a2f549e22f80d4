"""The faces of the contexts that are switched on, by name."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from fastapi import APIRouter

from api.contexts.face import Face
from api.reading.tail import SubjectLookup
from tracker.contexts.registry import CONTEXTS

FACES: Mapping[str, Face] = {
    context.name: import_module(context.routes).FACE for context in CONTEXTS if context.routes
}


def json_routers() -> Iterator[APIRouter]:
    for context, face in _routes():
        yield from (import_module(f"{context}.{name}").router for name in face.json)


def page_routers() -> Iterator[APIRouter]:
    for context, face in _routes():
        yield from (import_module(f"{context}.{name}").router for name in face.pages)


def _routes() -> Iterator[tuple[str, Face]]:
    for context in CONTEXTS:
        if context.routes:
            yield context.routes, FACES[context.name]


def subject_lookups() -> Mapping[str, SubjectLookup]:
    """The look-ups of all contexts whose events are streamed live, by context name."""
    return {
        name: face.subject_lookup for name, face in FACES.items() if face.subject_lookup is not None
    }
