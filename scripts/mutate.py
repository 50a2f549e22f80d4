"""One small fault at a time in what decides and what counts: which of them does no test notice?

    make mutate                        all of tracker/domain/ and tracker/metrics/
    make mutate ONLY=domain/ending     the files with this in their path
    make mutate MINUTES=20             no longer than that; what was not reached is counted apart

Prints by file the share of faults that a test noticed, and each of the others as a changed line.
"""

import argparse
import fnmatch
import shutil
import signal
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MUTMUT = Path(sys.executable).with_name("mutmut")
NOTICED = {"killed", "timeout", "segfault", "caught by type check"}
NOT_REACHED = {"not checked", "check was interrupted by user"}
PROGRESS = ROOT / "mutants" / "progress.txt"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--minutes", type=float, default=120)
    options = arguments.parse_args()
    files = [path for path in mutable() if options.only in path]
    if not files:
        sys.exit(f"no file of tracker/domain/ or tracker/metrics/ has {options.only!r} in its path")
    run([f"{module(path)}.x*" for path in files], options.minutes)
    report({module(path): path for path in files})


def mutable() -> list[str]:
    """The files that pyproject.toml names, by folder."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]["only_mutate"]
    every = (str(path.relative_to(ROOT)) for path in (ROOT / "tracker").rglob("*.py"))
    return sorted(path for path in every if any(fnmatch.fnmatch(path, one) for one in wanted))


def module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def run(names: list[str], minutes: float) -> None:
    """Run until all faults were tried or the time is over; in a fresh copy of the files."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    PROGRESS.parent.mkdir()
    print(f"At most {minutes:g} minutes; how far it is: tail -c 100 {PROGRESS.relative_to(ROOT)}")
    command = [str(MUTMUT), "run", "--max-children", "2", *names]
    with PROGRESS.open("w") as output:
        running = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            failed = running.wait(minutes * 60)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            running.send_signal(signal.SIGINT)
            failed = running.wait(60)
    if failed:
        sys.exit(PROGRESS.read_text()[-3000:])


def report(paths: dict[str, str]) -> None:
    """Print one line per file, the worst first, then the faults that no test noticed."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    unnoticed = []
    for name, status in results():
        path = paths.get(name.rpartition(".x")[0])
        if path is None:
            continue
        if status in NOT_REACHED:
            counts[path]["not reached"] += 1
        elif status in NOTICED:
            counts[path]["noticed"] += 1
        else:
            counts[path]["unnoticed"] += 1
            unnoticed.append((path, name, status))
    print(f"\n{'noticed':>8} {'of':>6} {'':>7}")
    for path, count in sorted(counts.items(), key=lambda item: share(item[1])):
        print(line(path, count))
    print(line("together", sum(counts.values(), Counter())))
    for path, name, status in unnoticed:
        print(f"\n{path}  {name.rpartition('.')[2]}  ({status})\n{difference(name)}")


def results() -> Iterator[tuple[str, str]]:
    output = subprocess.run(
        [str(MUTMUT), "results", "--all", "true"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for line in output.stdout.splitlines():
        name, parted, status = line.strip().rpartition(": ")
        if parted and ".x" in name:
            yield name, status


def share(count: Counter[str]) -> float:
    tried = count["noticed"] + count["unnoticed"]
    return count["noticed"] / tried if tried else 1.0


def line(path: str, count: Counter[str]) -> str:
    tried = count["noticed"] + count["unnoticed"]
    rest = f"  ({count['not reached']} not reached)" if count["not reached"] else ""
    return f"{count['noticed']:>8} {tried:>6} {share(count):>7.1%}  {path}{rest}"


def difference(name: str) -> str:
    shown = subprocess.run(
        [str(MUTMUT), "show", name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    changed = [
        text
        for text in shown.stdout.splitlines()
        if text[:1] in "+-" and not text.startswith(("+++", "---"))
    ]
    return "\n".join(changed)


if __name__ == "__main__":
    main()
