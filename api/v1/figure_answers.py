"""The parts shared by all answers about figures: parameters, three formats, ETags, headers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.door.problems import language_of
from api.reading.figures import question_of
from tracker.commands.tracker import Tracker
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Question
from tracker.metrics.definitions import VERSION
from tracker.metrics.exports import Sheet, as_csv, as_xlsx

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Text = Annotated[str, Field(max_length=100)]
Position = Annotated[int, Field(ge=0, le=2**63 - 1)]
Format = Literal["json", "csv", "xlsx"]


def format_of(request: Request) -> Format:
    """The format by the path's ending: `.csv`, `.xlsx`, or none for JSON."""
    match request.url.path.rpartition(".")[2]:
        case "csv":
            return "csv"
        case "xlsx":
            return "xlsx"
    return "json"


TheFormat = Annotated[Format, Depends(format_of)]


class PeriodQuery(BaseModel):
    """`from` included, `to` not; `as_of` a time, a day or a log position, and now if left out."""

    model_config = ConfigDict(extra="forbid")

    scope: Text = "city"
    from_: Annotated[str, Field(alias="from", max_length=40)]
    to: Annotated[str, Field(max_length=40)]
    as_of: Annotated[str, Field(max_length=60)] | None = None
    position: Position = 0

    def question(self, tracker: Tracker, connection: Connection, by: str | None = None) -> Question:
        """Raises the refusals of `tracker.metrics.asking.ask`, and NotFrozen."""
        return question_of(
            tracker,
            connection,
            scope=self.scope,
            from_=self.from_,
            to=self.to,
            as_of=self.as_of,
            by=by,
        )


def tag_of(
    request: Request, tracker: Tracker, position: int, format: Format, digest: str = ""
) -> str:
    """A weak ETag: answers at one position differ only in the time of asking."""
    language = "" if format == "json" else language_for(request)
    return f'W/"{position}-{tracker.city.version}-{VERSION}-{digest[:12]}{language}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether the caller already has the answer with this tag."""
    given = request.headers.get("if-none-match", "")
    return tag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in given.split(",")}


def not_modified(tag: str, format: Format) -> Response:
    return Response(status_code=304, headers=headers(tag, format))


def send(
    request: Request,
    tag: str,
    format: Format,
    answer: Mapping[str, Any],
    sheets: Callable[[str], Sequence[Sheet]],
    name: str,
) -> Response:
    """The answer as JSON, or its `sheets` in the caller's language as a file named `name`.

    A CSV has only the first sheet.
    """
    if format == "json":
        return JSONResponse(answer, headers=headers(tag, format))
    found = sheets(language_for(request))
    content, kind = (as_csv(found[0]), CSV) if format == "csv" else (as_xlsx(found), XLSX)
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
    return Response(content, media_type=kind, headers={**headers(tag, format), **disposition})


def headers(tag: str, format: Format) -> Mapping[str, str]:
    """Headers for caching; a file also varies by language."""
    varying = (
        "Authorization, Cookie" if format == "json" else "Authorization, Cookie, Accept-Language"
    )
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": varying}


def language_for(request: Request) -> str:
    return language_of(request.headers.get("accept-language"))
