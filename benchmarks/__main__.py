"""`make bench`: runs every benchmark and writes the results into the docs.

A benchmark is a module here that prints Markdown, its figures beside a floor. Each runs in its own
process, one after the other. The page's text above LAST_RUN is kept.
`python -m benchmarks live` runs only that one and replaces its section.
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
    """The page with this part instead of the one with the same heading, else added at the end."""
    heading = re.escape(part.partition("\n")[0])
    older = re.compile(rf"^{heading}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if older.search(said):
        return older.sub(lambda _: f"{part}\n", said, count=1).rstrip() + "\n"
    return f"{said.rstrip()}\n\n{part}"


def run(name: str) -> str:
    """Run one benchmark, print its Markdown at once and return it. If it fails, everything ends."""
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
    """Describes the machine: figures mean nothing without it."""
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
