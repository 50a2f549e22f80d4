"""Fields that stand in a table, a row for each thing and a column for each question about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.pages.parts.fields import Field


@dataclass(frozen=True)
class Row:
    """`id` may be linked to. A cell is None where the thing has no such field."""

    id: str
    label: str
    cells: Sequence[Field | None]


@dataclass(frozen=True)
class Table:
    """`more` is the label of a button that asks for more empty rows, "" where there is none."""

    name: str
    label: str
    columns: Sequence[str]
    rows: Sequence[Row]
    hint: str = ""
    error: str = ""
    more: str = ""
    kind: str = "table"


def leaves(fields: Sequence[Field | Table]) -> Iterator[Field]:
    """Every field of a form, also those in its tables."""
    for one in fields:
        if isinstance(one, Table):
            yield from (cell for row in one.rows for cell in row.cells if cell is not None)
        else:
            yield one
