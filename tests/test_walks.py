"""How a walk through the code is counted: `scripts/walk_figures.py`."""

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.walk_figures import ROOT, Walk, forget_while, notice

LOW = """
def help(n):
    return n

def close():
    return 0
"""
HIGH = """
def act(low):
    for n in range(3):
        low.help(n)
    return later(low)

def later(low):
    return [low.close() for _ in range(2)]
"""


def module(file: str, source: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(source, f"{ROOT}/{file}", "exec"), names)
    return SimpleNamespace(**names)


@pytest.fixture
def noticed() -> Iterator[None]:
    before = sys.getprofile()
    sys.setprofile(notice)
    yield
    sys.setprofile(before)


@pytest.fixture
def act(noticed: None) -> Callable[[], Any]:
    high, low = module("api/high.py", HIGH), module("tracker/low.py", LOW)
    return lambda: high.act(low)


def test_each_function_counts_once_and_coming_back_to_a_file_is_a_return(
    act: Callable[[], Any],
) -> None:
    walk = Walk("a walk")

    with walk.step("its step"):
        act()

    assert walk.visits() == [
        ("api/high.py", ["act"]),
        ("tracker/low.py", ["help"]),
        ("api/high.py", ["later"]),
        ("tracker/low.py", ["close"]),
    ]
    assert walk.figures() == {"files": 2, "returns": 2, "functions": 4, "lines": 10}
    assert walk.steps[0].figures() == walk.figures()


def test_what_runs_outside_of_a_step_is_not_part_of_the_walk(act: Callable[[], Any]) -> None:
    walk = Walk("a walk")

    act()

    assert walk.visits() == []


def test_an_attempt_in_vain_is_forgotten(act: Callable[[], Any]) -> None:
    walk = Walk("a walk")

    with walk.step("its step"):
        was_in_vain = forget_while(False, lambda: bool(act() is None))

    assert was_in_vain
    assert walk.visits() == []
