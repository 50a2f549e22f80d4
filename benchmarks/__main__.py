"""`make bench`: every benchmark in turn, each beside its floor; the last run stays in the docs.

A benchmark is a module here that prints Markdown when it is run. Each gets a process of its own,
and the machine for itself. The page's own words stand above LAST_RUN and are kept.
`python -m benchmarks live` runs that one, and puts its section in place of the older one.
"""

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import iter_modules
from threading import Timer

HERE = Path(__file__).parent
REPORT = HERE.parent / "docs" / "performance.md"

LAST_RUN = "<!-- Everything below is written by `make bench`. -->"
LONGEST = 600  # seconds for one benchmark


def main(names: list[str]) -> None:
    if names:
        said = REPORT.read_text()
        for name in names:
            said = with_section(said, run(name).strip() + "\n")
        REPORT.write_text(said)
    else:
        run_all()
    print(f"kept in {REPORT.relative_to(HERE.parent)}")


def run_all() -> None:
    parts = [f"{LAST_RUN}\n\n{machine()}\n"]
    print(parts[0], flush=True)
    for name in sorted(module.name for module in iter_modules([str(HERE)])):
        if name != "__main__":
            parts.append(run(name))
    said, _, _ = REPORT.read_text().partition(LAST_RUN)
    REPORT.write_text(said + "\n".join(part.strip() + "\n" for part in parts))


def with_section(said: str, part: str) -> str:
    """The page with this part in the place of the one under the same heading, else at the end."""
    heading = re.escape(part.partition("\n")[0])
    older = re.compile(rf"^{heading}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if older.search(said):
        return older.sub(lambda _: f"{part}\n", said, count=1).rstrip() + "\n"
    return f"{said.rstrip()}\n\n{part}"


def run(name: str) -> str:
    """One benchmark's Markdown, shown as it comes; a benchmark that fails ends the whole."""
    lines = []
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        limit = Timer(LONGEST, process.kill)
        limit.start()
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
        limit.cancel()
    if process.returncode != 0:
        sys.exit(f"benchmarks.{name} failed")
    return "".join(lines)


def machine() -> str:
    """What it ran on: figures without this say nothing."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d} · {processor()} · {os.cpu_count()} cores · "
        f"{memory:.0f} GiB · {platform.system()} {platform.release()} · "
        f"Python {platform.python_version()} · load average {os.getloadavg()[0]:.1f} at the start"
    )


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


if __name__ == "__main__":
    main(sys.argv[1:])
