"""The types of command fields: bounded, and refused if the value has the wrong type.

Nothing is converted, because JSON has a type for each kind of value: `"1"` is no number, `1` no
text.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    WithJsonSchema,
)

from tracker.domain.errors import Words
from tracker.words.visible import has_visible

TEXT_LENGTH = 4000
NOTE_LENGTH = 2000
DECLINED = "declined"  # asked for a rating, and would not give one
FIRST_YEAR, LAST_YEAR = (
    2000,
    2100,
)  # other years are typing errors, and computing overflows

NOT_A_TIME = Words(
    "应为带时区的时间,如 2026-03-06T17:00:00+08:00",
    "Must be a time with its offset, e.g. 2026-03-06T17:00:00+08:00",
)
NOT_A_DATE = Words("应为日期,如 2026-03-06", "Must be a date, e.g. 2026-03-06")
TOO_FAR = Words("年份超出范围", "The year is out of range")
EMPTY = Words("不能为空", "Must not be empty")
NOT_A_UUID = Words("应为 UUID", "Must be a UUID")
NOT_A_RATING = Words('应为 1 至 5,或 "declined"', 'Must be 1 to 5, or "declined"')
NOT_A_NUMBER = Words("应为有限的数字", "Must be a finite number")

# Refuse unknown fields: the client would believe that they have an effect.
NOTHING_ELSE = ConfigDict(extra="forbid", allow_inf_nan=False)


def moment(given: Any) -> datetime:
    """A text in RFC 3339, with its offset, in a year that makes sense; in UTC."""
    try:
        time = given if isinstance(given, datetime) else datetime.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise ValueError(NOT_A_TIME) from error
    if time.tzinfo is None or time.utcoffset() is None:
        raise ValueError(NOT_A_TIME)
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ValueError(TOO_FAR)
    return time.astimezone(UTC)


def day(given: Any) -> date:
    try:
        found = given if isinstance(given, date) else date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise ValueError(NOT_A_DATE) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(TOO_FAR)
    return found


def identifier(given: Any) -> UUID:
    if isinstance(given, UUID):
        return given
    try:
        return UUID(given)
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(NOT_A_UUID) from error


def number(given: Any) -> float:
    """JSON's whole numbers are unbounded; refuse one that is too large for a float."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(NOT_A_NUMBER)
    try:
        return float(given)
    except OverflowError as error:
        raise ValueError(NOT_A_NUMBER) from error


def rating_or_declined(given: Any) -> Any:
    if given == DECLINED or (type(given) is int and 1 <= given <= 5):
        return given
    raise ValueError(NOT_A_RATING)


def not_blank(text: str) -> str:
    if not has_visible(text):
        raise ValueError(EMPTY)
    return text


Moment = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
Id = Annotated[
    UUID, BeforeValidator(identifier), WithJsonSchema({"type": "string", "format": "uuid"})
]
Number = Annotated[float, BeforeValidator(number), WithJsonSchema({"type": "number"})]
Latitude = Annotated[Number, Field(ge=-180, le=180)]  # swapped coordinates get their own error
Longitude = Annotated[Number, Field(ge=-180, le=180)]
Flag = StrictBool
Count = StrictInt
Level = Annotated[Count, Field(ge=2, le=5)]
Rating = Annotated[Count, Field(ge=1, le=5)]
RatingOrDeclined = Annotated[
    int | Literal["declined"],
    BeforeValidator(rating_or_declined),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"const": DECLINED}]}
    ),
]
PartyNumber = Annotated[Count, Field(ge=1, le=1000)]  # `Party.number`
EventNumbers = Annotated[  # versions of a whistle's stream
    tuple[Annotated[Count, Field(ge=1, le=100_000)], ...], Field(min_length=1, max_length=500)
]
Code = Annotated[
    StrictStr, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")
]
Line = Annotated[StrictStr, StringConstraints(max_length=200)]
Note = Annotated[StrictStr, StringConstraints(max_length=NOTE_LENGTH)]
Reason = Annotated[
    StrictStr, StringConstraints(min_length=1, max_length=NOTE_LENGTH), AfterValidator(not_blank)
]
Text = Annotated[StrictStr, StringConstraints(max_length=TEXT_LENGTH)]
Photos = Annotated[tuple[Id, ...], Field(max_length=12)]
SomePhotos = Annotated[Photos, Field(min_length=1)]
Units = Annotated[tuple[Code, ...], Field(max_length=20)]
Crs = Literal["WGS84", "GCJ02"]


@dataclass(frozen=True)
class Point:
    """A point from a phone. `address` is what the person adds to it."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[Number, Field(ge=0, le=1e6)] | None = None
    crs: Crs = "WGS84"
    address: Line | None = None


@dataclass(frozen=True)
class GridRef:
    """A grid by its code, for somebody who knows the city's grids."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    grid: Code
    address: Line | None = None


@dataclass(frozen=True)
class Address:
    """A place in words only; a person puts it on the map."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    address: Annotated[Line, Field(min_length=1)]


Location = Point | GridRef | Address


@dataclass(frozen=True)
class Reporter:
    """Whom to ask for the follow-up. Every field is optional."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    name: Annotated[Line, Field(max_length=64)] | None = None
    phone: Annotated[Line, Field(max_length=32)] | None = None

    @property
    def contact(self) -> dict[str, str]:
        """As it is stored in `contents`: parts that were left out are not in it."""
        both = {"name": self.name, "phone": self.phone}
        return {name: said for name, said in both.items() if said and has_visible(said)}
