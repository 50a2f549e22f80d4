"""Nobody changes a fold and forgets the rows that the old one made."""

from pathlib import Path

import pytest

from tests.projections import fold_sources
from tests.projections.fold_sources import kept, sources
from tracker.operating.projecting import ALL

AGAIN = "python -m tests.projections.fold_sources"


@pytest.mark.parametrize("name", sorted(one.name for one in ALL))
def test_a_changed_fold_has_a_raised_version(name: str) -> None:
    known, now = kept().get(name), sources()[name]

    if known is not None and known["version"] == now["version"]:
        assert known["digest"] == now["digest"], (
            f"The code that folds `{name}` has changed and its version has not. Old rows would "
            f"stay as they are: raise its `version`, and run `{AGAIN}`. If every row stays the "
            "same, run that alone."
        )
    assert known == now, f"`{name}` has version {now['version']} now: run `{AGAIN}`"


def test_comments_and_docstrings_change_nothing_and_code_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)

    def code_of(module: str, text: str) -> str:
        (tmp_path / f"{module}.py").write_text(text)
        return fold_sources._code(module)

    plain = code_of("fold_a", "def change(row):\n    return row + 1\n")
    body = '    """Up."""\n    return row + 1  # why\n'
    told = code_of("fold_b", f'"""Folds."""\n\ndef change(row):\n{body}')
    other = code_of("fold_c", "def change(row):\n    return row + 2\n")

    assert plain == told != other
