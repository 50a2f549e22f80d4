"""Counts a walk through the code: which files run, and in which order.

Each function counts once, at its first call, so a helper that is called a thousand times counts the
same as one that is called once. The walk is the sequence of their files in the order of these first
calls; repeats in a row are one visit.

files      the distinct files of that sequence
returns    how often it comes back to a file that it has already left
functions  those that were called; a comprehension or a lambda belongs to the function around it
lines      lines with code in what was called
"""

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, groupby
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import tracker

ROOT = Path(tracker.__file__).parents[1]
COUNTED = (f"{ROOT}/tracker/", f"{ROOT}/api/")
FIGURES = ("files", "returns", "functions", "lines")


@dataclass
class Walk:
    """All code that ran, in the order of first calls; `steps` are its parts, counted separately."""

    name: str
    codes: dict[CodeType, None] = field(default_factory=dict)
    steps: "list[Walk]" = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.steps.append(Walk(f"{self.name}: {name}"))
        before = WALKED.set((self, self.steps[-1]))
        try:
            yield
        finally:
            WALKED.reset(before)

    def visits(self) -> list[tuple[str, list[str]]]:
        """Each visit to a file with the functions that were called there for the first time."""
        calls = dict.fromkeys(function_of(code) for code in self.codes)
        return [(file, [name for _, name in of]) for file, of in groupby(calls, lambda c: c[0])]

    def figures(self) -> dict[str, int]:
        visits = self.visits()
        files = len({file for file, _ in visits})
        functions = sum(len(names) for _, names in visits)
        lines = len(set(chain.from_iterable(lines_of(code) for code in self.codes)))
        return dict(zip(FIGURES, (files, len(visits) - files, functions, lines), strict=True))

    def as_json(self) -> dict[str, Any]:
        visits = [{"file": file, "functions": names} for file, names in self.visits()]
        steps = [step.as_json() for step in self.steps]
        return {"walk": self.name, **self.figures(), "visits": visits, "steps": steps}


# A ContextVar, because it is copied into the threads that answer the request.
WALKED: ContextVar[tuple[Walk, ...]] = ContextVar("walked", default=())


def forget_while(vain: bool, act: Callable[[], bool]) -> bool:
    """Call `act`. While it returns `vain`, forget what it called and return True."""
    walks = WALKED.get()
    known = [dict(walk.codes) for walk in walks]
    if act() is not vain:
        return False
    for walk, codes in zip(walks, known, strict=True):
        walk.codes = codes
    return True


def start_noticing() -> None:
    """Trace this thread and all threads started later."""
    threading.setprofile(notice)
    sys.setprofile(notice)


def notice(frame: FrameType, event: str, _: Any) -> None:
    if event == "call" and frame.f_code.co_filename.startswith(COUNTED):
        for walk in WALKED.get():
            walk.codes.setdefault(frame.f_code)


@cache
def function_of(code: CodeType) -> tuple[str, str]:
    name = re.sub(r"\.<locals>\.<.*", "", code.co_qualname).replace(".<locals>", "")
    return str(Path(code.co_filename).relative_to(ROOT)), name


def lines_of(code: CodeType) -> set[tuple[str, int]]:
    return {(code.co_filename, line) for _, _, line in code.co_lines() if line}


def listing(walk: Walk) -> str:
    visits = [f"{file}  {', '.join(names)}" for file, names in walk.visits()]
    return "\n".join([walk.name, *(f"{nth:4} {line}" for nth, line in enumerate(visits, 1)), ""])


def numbered(walk: Walk) -> str:
    """For Markdown: each visit to a file, with the function first called there."""
    entered = [f"`{file}: {names[0].rpartition('.')[2]}`" for file, names in walk.visits()]
    lines = [f"{nth}. {one}" for nth, one in enumerate(entered, 1)]
    return "\n".join([f"### {walk.name}", "", *lines, ""])


def table(walks: Sequence[Walk], before: Mapping[str, str] | None = None) -> str:
    """A row for each walk and step; `before`: earlier figures, shown in front of the new ones."""
    rows = {one.name: figures_of(one) for walk in walks for one in (walk, *walk.steps)}
    head = " | ".join(FIGURES)
    if before is not None:
        head = f"before: {head} | now: {head}"
        rows = {name: f"{before.get(name, now)} | {now}" for name, now in rows.items()}
    lines = [f"| {name} | {figures} |" for name, figures in rows.items()]
    return "\n".join([f"| walk | {head} |", "|---" * (head.count("|") + 2) + "|", *lines, ""])


def figures_of(walk: Walk) -> str:
    return " | ".join(str(figure) for figure in walk.figures().values())
