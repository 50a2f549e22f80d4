"""Figures as CSV and XLSX: numbers as numbers, n and d beside each rate, and the definitions.

A text that somebody wrote never becomes a formula of the spreadsheet.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from tracker.domain.errors import Words
from tracker.metrics.definitions import ALL_NOTES, METRICS, Kind, Metric

Value = str | int | float | Decimal | None
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHARE = "0.00"
MARK = b"\xef\xbb\xbf"  # the byte order mark: without it Excel does not read a CSV as UTF-8
WIDEST, LONG = 60, 40
BOLD, WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")

HEADS = {
    "metric": Words("标识", "identifier"),
    "name": Words("指标", "metric"),
    "over": Words("分母或计数对象", "denominator, or what is counted"),
    "counted": Words("分子", "numerator"),
    "by": Words("归属日期", "counted by"),
    "left_out": Words("不计入", "left out"),
    "unit": Words("单位", "unit"),
    "since": Words("起用版本", "since version"),
}
DEFINITIONS = Words("口径", "Definitions")
NOTES = Words("说明", "Notes")
OUT, WITHOUT = Words("剔除件数", "excluded"), Words("不剔除 %", "% without exclusions")


@dataclass(frozen=True)
class Sheet:
    """A table: its name, its head, its rows."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]


def head_of(metrics: Iterable[Metric], language: str) -> list[str]:
    """The column heads. A rate has three columns: numerator, denominator, percent."""
    head: list[str] = []
    for metric in metrics:
        name = metric.name.say(language, {})
        unit = metric.unit.say(language, {})
        head += (
            [f"{name} n", f"{name} d", f"{name} %"] if _is_rate(metric) else [f"{name} ({unit})"]
        )
    return head


def cells_of(metrics: Iterable[Metric], found: Mapping[str, Any]) -> list[Value]:
    """The cells under `head_of`. If the denominator is 0, the cell of the percent is empty."""
    cells: list[Value] = []
    for metric in metrics:
        value = found.get(metric.id)
        if not _is_rate(metric):
            cells.append(value)
        elif value is None:
            cells += [0, 0, None]
        else:
            cells += [value["n"], value["d"], Decimal(value["pct"])]
    return cells


def exclusion_head(metrics: Iterable[Metric], language: str) -> list[str]:
    """Two columns for each rate: how many are excluded by approval, and the rate without that."""
    names = (metric.name.say(language, {}) for metric in metrics)
    return [f"{name} {words.say(language, {})}" for name in names for words in (OUT, WITHOUT)]


def exclusion_cells(metrics: Iterable[Metric], found: Mapping[str, Any]) -> list[Value]:
    """The cells under `exclusion_head`; `found`: by metric, {excluded, without: {n, d, pct}}."""
    cells: list[Value] = []
    for metric in metrics:
        beside = found.get(metric.id)
        cells += [beside["excluded"], Decimal(beside["without"]["pct"])] if beside else [0, None]
    return cells


def _is_rate(metric: Metric) -> bool:
    return metric.kind is Kind.RATE


def definitions(language: str) -> Sheet:
    """The 口径 sheet: every metric, what it counts, by which date, what it leaves out."""
    rows = [
        [
            metric.id,
            metric.name.say(language, {}),
            metric.over.say(language, {}),
            metric.counted.say(language, {}) if metric.counted else None,
            metric.by_date.say(language, {}),
            metric.left_out.say(language, {}),
            metric.unit.say(language, {}),
            metric.since,
        ]
        for metric in METRICS
    ]
    return Sheet(
        DEFINITIONS.say(language, {}), [words.say(language, {}) for words in HEADS.values()], rows
    )


def notes(language: str, facts: Sequence[tuple[Words, Value]]) -> Sheet:
    """The last sheet: of which scope, period and moment the figures are, and the notes."""
    rows: list[list[Value]] = [[words.say(language, {}), value] for words, value in facts]
    rows += [[words.say(language, {}), None] for words in ALL_NOTES]
    return Sheet(NOTES.say(language, {}), [NOTES.say(language, {}), ""], rows)


def as_csv(sheet: Sheet) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(head) for head in sheet.head])
    writer.writerows([harmless(value) for value in row] for row in sheet.rows)
    return MARK + out.getvalue().encode()


def harmless(value: Value) -> Value:
    """CSV has no types: a text that a spreadsheet would compute gets an apostrophe in front."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with these sheets; the head of each stays in view."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _add(book, sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _add(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.name[:31])
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    for column, width in enumerate(_widths(sheet), start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.append([_cell(page, head, bold=True) for head in sheet.head])
    for row in sheet.rows:
        page.append([_cell(page, value) for value in row])


def _widths(sheet: Sheet) -> list[float]:
    """As wide as the content, up to WIDEST; a Chinese character takes two places."""
    columns = (
        zip(sheet.head, *sheet.rows, strict=False) if sheet.rows else ((h,) for h in sheet.head)
    )
    return [
        min(WIDEST, 2 + max(_places(value, head=i == 0) for i, value in enumerate(column)))
        for column in columns
    ]


def _places(value: Value, head: bool) -> float:
    text = "" if value is None else str(value)
    places = sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
    return places / 2 + 2 if head and places > 12 else places


def _cell(page: Any, value: Value, bold: bool = False) -> Any:
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell: Any = WriteOnlyCell(page, value=value)  # type: ignore[arg-type]  # Decimal is taken
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula, whatever the text begins with
        if bold or len(value) > LONG:
            cell.alignment = WRAPPED
    elif isinstance(value, Decimal | float):
        cell.number_format = SHARE
    if bold:
        cell.font = BOLD
    return cell
