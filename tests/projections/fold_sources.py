"""Of each projection a digest of the code that folds it, beside the version for which it was taken.

A fold that changes makes other rows, so its version is raised and it is made anew (decision 27).
Where the change makes the same rows, only the digest is taken anew:

    python -m tests.projections.fold_sources
"""

import ast
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

from tracker.operating.projecting import ALL
from tracker.projections.engine.folding import Projection

KEPT = Path(__file__).parent.parent / "data" / "fold_sources.json"
RATES = "tracker.projections.rates"
# Beside the module of its class; without those that only read.
MORE = {
    "board": ["tracker.projections.board.row"],
    "rates": [f"{RATES}.fold", f"{RATES}.life", f"{RATES}.placing", "tracker.metrics.cohorts"],
}
# Of these modules the named parts alone fold; the others are queries.
PARTS = {"tracker.projections.board.board": ("Board", "opened", "change")}

Found = dict[str, dict[str, int | str]]


def sources() -> Found:
    """By the name of the projection, its version and the digest."""
    return {one.name: {"version": one.version, "digest": digest_of(one)} for one in ALL}


def digest_of(projection: Projection) -> str:
    modules = [type(projection).__module__, *MORE.get(projection.name, ())]
    whole = "\n".join(_code(module) for module in modules)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _code(module: str) -> str:
    """The code without comments and docstrings, which change no row."""
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    parts = PARTS.get(module)
    named = [one for one in tree.body if parts is None or getattr(one, "name", None) in parts]
    return "\n".join(ast.unparse(one) for one in named)


def kept() -> Found:
    found: Found = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    KEPT.write_text(json.dumps(sources(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
