"""The whistle is the sum of its themes: none inherits from another or overrides its methods."""

import inspect

from eventsourcing.domain import Aggregate

from tracker.commands.whistle.commands import WHISTLE_COMMANDS
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.whistle import Whistle

THEMES = [theme for theme in Whistle.__bases__ if theme is not Aggregate]


def own(theme: type) -> set[str]:
    """What the theme itself defines, besides what every class has."""
    return {name for name in vars(theme) if not name.startswith("__")}


def asked() -> set[str]:
    """What the lifecycle declares for one theme to answer: it raises NotImplementedError itself."""
    return {
        name
        for name, found in inspect.getmembers(Lifecycle, inspect.isfunction)
        if "NotImplementedError" in found.__code__.co_names
    }


def test_every_theme_stands_on_the_lifecycle_alone():
    assert {theme.__bases__ for theme in THEMES} == {(Lifecycle,)}


def test_no_two_themes_define_the_same_name():
    names = [name for theme in THEMES for name in own(theme)]

    assert len(names) == len(set(names))


def test_what_one_theme_asks_another_answers():
    answered = {name for theme in THEMES for name in own(theme) & asked()}

    assert answered == asked() != set()


def test_a_theme_overrides_nothing_else_of_the_lifecycle():
    shared = {name for name in dir(Lifecycle) if not name.startswith("__")} - asked()

    assert {name for theme in THEMES for name in own(theme) & shared} == set()


def test_every_command_has_its_guard_and_every_guard_a_command():
    guards = {name for theme in THEMES for name in own(theme) if name.startswith("may_")}

    asked = {command.guard.__name__ for command in WHISTLE_COMMANDS}

    assert asked == guards - {"may_merge_into"}
