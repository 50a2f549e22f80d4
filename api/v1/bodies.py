"""The bodies of the commands, in the words of the rules; one form each."""

from typing import Annotated, Literal

from pydantic import Field

from api.door.fields import (
    Code,
    Count,
    Day,
    Flag,
    Form,
    Latitude,
    Line,
    Longitude,
    Moment,
    Note,
    Number,
    Photos,
    Reason,
    Text,
    Units,
)

Crs = Literal["WGS84", "GCJ02"]


class Nothing(Form):
    """A command that needs no words."""


class Amend(Form):
    text: Text | None = None
    photos: Photos = ()


class Locate(Form):
    """A point, or a grid by its code."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    crs: Crs = "WGS84"
    grid: Code | None = None


class Classify(Form):
    category: Code
    sla_class: Code | None = None
    reason: Reason | None = None


class SelfResolve(Form):
    before: Annotated[Photos, Field(min_length=1)]
    after: Annotated[Photos, Field(min_length=1)]
    note: Note | None = None


class Merge(Form):
    into: Line


class Unmerge(Form):
    reason: Reason


class Dispatch(Form):
    lead: Code
    co: Units = ()
    reason: Reason | None = None


class Respond(Form):
    kind: Literal["arrival", "call"]
    lat: Latitude | None = None
    lon: Longitude | None = None
    crs: Crs = "WGS84"
    note: Note | None = None


class Control(Form):
    note: Note | None = None


class Return(Form):
    reason: Reason
    basis: Reason
    suggested_unit: Code | None = None


class Adjudicate(Form):
    unit: Code
    upheld: Flag
    reason: Reason
    lead: Code | None = None


class CoHandler(Form):
    unit: Code
    reason: Reason


class WithReason(Form):
    reason: Reason


class MaybeReason(Form):
    reason: Reason | None = None


class DecideExtension(Form):
    granted: Flag
    reason: Reason


class Suspend(Form):
    reason: Reason
    review_on: Day
    safety_measure: Reason


class Submit(Form):
    note: Reason
    photos: Photos = ()


class Verify(Form):
    passed: Flag
    note: Note | None = None
    photos: Photos = ()


class FollowUp(Form):
    resolved: Flag | None = None
    rating: Annotated[Count, Field(ge=1, le=5)] | None = None
    method: Literal["phone", "site", "online", "unreachable"]
    note: Note | None = None
    reasonable: Flag = True


class Void(Form):
    reason: Reason
    basis: Reason | None = None


class TransferOut(Form):
    target: Line
    reason: Reason


class Urge(Form):
    note: Note | None = None


class Correct(Form):
    field: Code
    value: Line
    reason: Reason


class Point(Form):
    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[Number, Field(ge=0, le=1e6)] | None = None
    crs: Crs = "WGS84"
    address: Line | None = None


class Address(Form):
    address: Annotated[Line, Field(min_length=1)]


class GridRef(Form):
    grid: Code
    address: Line | None = None


class Reporter(Form):
    name: Annotated[Line, Field(max_length=64)] | None = None
    phone: Annotated[Line, Field(max_length=32)] | None = None


class Join(Form):
    text: Text | None = None
    photos: Photos = ()
    reporter: Reporter | None = None


class Looking(Form):
    """What is known before a report is sent: is it there already?"""

    text: Text = ""
    category: Code | None = None
    location: Point | GridRef | Address | None = None


class JoinNearby(Looking):
    """One of those that were offered for the same place and kind."""

    number: Line
    photos: Photos = ()
    reporter: Reporter | None = None
    anonymous: Flag = False


class Raise(Form):
    """A report. `occurred_at` is the phone's own time, kept as evidence; `source` is on whose
    behalf a person with a duty raises it, None: on his own."""

    text: Text = ""
    title: Line | None = None
    category: Code | None = None
    urgency: Code | None = None
    location: Point | GridRef | Address | None = None
    photos: Photos = ()
    reporter: Reporter | None = None
    anonymous: Flag = False
    occurred_at: Moment | None = None
    source: Literal["resident", "merchant", "property"] | None = None
