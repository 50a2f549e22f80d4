"""A4 pages with head and foot: titles, paragraphs, tables and drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from tracker.reports.drawing.paper import Colour, drawn, rgb
from tracker.reports.monthly.fonts import chinese

Align = Literal["L", "C", "R"]
INK, INK_2, INK_3 = rgb("ink"), rgb("ink-2"), rgb("ink-3")
LINE, SUNKEN, BRAND = rgb("line"), rgb("sunken"), rgb("brand")

MARGIN = 14.0
WIDTH, HEIGHT = 210.0, 297.0
INSIDE = WIDTH - 2 * MARGIN
FOOT = 16.0


@dataclass(frozen=True)
class Column:
    """`width` in millimetres."""

    head: str
    width: float
    align: Align = "L"


class Sheet(FPDF):
    """`heading` stands at the top of each page, `notes` at its foot with the page's number."""

    def __init__(self, heading: str, notes: Sequence[str], made_at: datetime) -> None:
        super().__init__(format="A4")
        self.heading, self.notes = heading, notes
        regular, bold = chinese()
        self.add_font("zh", "", str(regular.path), collection_font_number=regular.number)
        self.add_font("zh", "B", str(bold.path), collection_font_number=bold.number)
        # The report's moment, not that of printing: the same report must give the same bytes.
        self.set_creation_date(made_at)
        self.set_title(heading)
        self.set_lang("zh-CN")
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, FOOT + 4)
        self.write_in(9)

    def header(self) -> None:
        self.write_in(8, INK_3)
        self.set_y(7)
        self.cell(INSIDE, 5, self.heading, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.rule(self.get_y())
        self.set_y(self.get_y() + 3)

    def footer(self) -> None:
        self.set_y(-FOOT)
        self.rule(self.get_y())
        self.write_in(7, INK_3)
        for note in self.notes:
            self.cell(INSIDE - 18, 4, note, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_xy(WIDTH - MARGIN - 18, -FOOT)
        self.cell(18, 4, f"第 {self.page_no()} / {{nb}} 页", align="R")

    def write_in(self, size: float, colour: Colour = INK, bold: bool = False) -> None:
        self.set_font("zh", "B" if bold else "", size)
        self.set_text_color(*colour)

    def rule(self, y: float, colour: Colour = LINE) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(0.2)
        self.line(MARGIN, y, WIDTH - MARGIN, y)

    def headline(self, text: str, note: str = "") -> None:
        """The title of a part; on a new page where little room is left below it."""
        if self.get_y() > HEIGHT - FOOT - 34:
            self.add_page()
        self.set_x(MARGIN)
        self.write_in(12, BRAND, bold=True)
        self.cell(INSIDE, 8, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if note:
            self.paragraph(note)

    def paragraph(self, text: str, size: float = 7.5, colour: Colour = INK_3) -> None:
        self.set_x(MARGIN)
        self.write_in(size, colour)
        # Chinese breaks between any two characters, not at spaces alone.
        self.multi_cell(
            INSIDE,
            size * 0.55,
            text,
            align="L",
            wrapmode=WrapMode.CHAR,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
        self.set_y(self.get_y() + 1.5)

    def put(
        self, x: float, y: float, text: str, size: float, colour: Colour = INK, bold: bool = False
    ) -> None:
        """One line of text whose upper left corner is there."""
        self.write_in(size, colour, bold)
        self.set_xy(x, y)
        self.cell(self.get_string_width(text) + 2, size * 0.5, text)

    def drawing(self, macro: str, *values: Any, width: float) -> None:
        """What the macro draws from the values, in the middle of the page, `width` wide."""
        svg = BytesIO(drawn(macro, *values, font="zh"))
        self.image(svg, x=MARGIN + (INSIDE - width) / 2, w=width)
        self.set_y(self.get_y() + 2)

    def fitted(self, text: str, width: float) -> str:
        """The text, cut with an ellipsis where it is too wide."""
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + "…") > width:
            text = text[:-1]
        return text + "…"

    def rows(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], height: float = 5.6
    ) -> None:
        """A table; its head is repeated on each page."""
        self._head(columns, height)
        for row in rows:
            if self.get_y() + height > HEIGHT - FOOT - 4:
                self.add_page()
                self._head(columns, height)
            self.write_in(8)
            self._row(columns, row, height)
            self.rule(self.get_y())
        self.set_y(self.get_y() + 3)

    def _head(self, columns: Sequence[Column], height: float) -> None:
        self.set_fill_color(*SUNKEN)
        self.rect(MARGIN, self.get_y(), sum(c.width for c in columns), height, style="F")
        self.write_in(7.5, INK_2, bold=True)
        self._row(columns, [column.head for column in columns], height)

    def _row(self, columns: Sequence[Column], cells: Sequence[str], height: float) -> None:
        self.set_x(MARGIN)
        for column, text in zip(columns, cells, strict=True):
            shown = self.fitted(text, column.width - 2.2)
            self.cell(column.width, height, shown, align=column.align)
        self.set_xy(MARGIN, self.get_y() + height)
