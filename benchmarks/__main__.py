"""`make bench`: every benchmark in turn, each beside its floor; the last run stays in the docs.

A benchmark is a module here that prints Markdown when it is run. Each gets a process of its own,
and the machine for itself.
"""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import iter_modules

HERE = Path(__file__).parent
REPORT = HERE.parent / "docs" / "performance.md"

HEAD = """\
# Performance

The table of the last `make bench`. Within one run the contenders take turns on the same machine, so
trust the ratios; between runs a small machine differs by a fifth.

{machine}
"""


def main() -> None:
    parts = [HEAD.format(machine=machine())]
    print(parts[0], flush=True)
    for name in sorted(module.name for module in iter_modules([str(HERE)])):
        if name != "__main__":
            parts.append(run(name))
    REPORT.write_text("\n".join(parts))
    print(f"kept in {REPORT.relative_to(HERE.parent)}")


def run(name: str) -> str:
    """One benchmark's Markdown, shown as it comes; a benchmark that fails ends the whole."""
    lines = []
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode != 0:
        sys.exit(f"benchmarks.{name} failed")
    return "".join(lines)


def machine() -> str:
    """What it ran on: figures without this say nothing."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d} · {processor()} · {os.cpu_count()} cores · "
        f"{memory:.0f} GiB · {platform.system()} {platform.release()} · "
        f"Python {platform.python_version()}"
    )


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


if __name__ == "__main__":
    main()
