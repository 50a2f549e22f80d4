"""Base class of the bodies that clients send, and the format of times in answers.

A command is its own body; `tracker.commands.fields` limits what its fields may hold.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, PlainSerializer, TypeAdapter, WithJsonSchema

from tracker.city_zone import city_zone
from tracker.commands.fields import NOTHING_ELSE


class Form(BaseModel):
    """A body that is not a command."""

    model_config = NOTHING_ELSE


ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # cached: making an adapter is slow


@dataclass(frozen=True)
class FormField:
    """A field of a form: its type, and whether it must be filled in."""

    annotation: Any
    required: bool


def form_fields(form: type[Any]) -> Mapping[str, FormField]:
    """The fields of a command or of another form, in their order."""
    hints = get_type_hints(form)
    if is_dataclass(form):
        required = {one.name: one.default is MISSING for one in fields(form)}
    else:
        required = {name: one.is_required() for name, one in form.model_fields.items()}
    return {name: FormField(hints[name], must) for name, must in required.items()}


def adapter(form: type[Any]) -> TypeAdapter[Any]:
    """An adapter that makes a command or form from plain data and raises ValidationError."""
    if form not in ADAPTERS:
        ADAPTERS[form] = TypeAdapter(form)
    return ADAPTERS[form]


def in_city_zone(time: datetime) -> str:
    return time.astimezone(city_zone()).isoformat()


Shown = Annotated[
    datetime,
    PlainSerializer(in_city_zone, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
