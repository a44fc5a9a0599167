"""How long the steps of `make models` and `make figures` took, from what scripts/timed.sh wrote.

    python scripts/figures/times.py out/models/state/times.tsv

A step that was ended and went on counts with all of its parts; one that was done again counts once, as the last time.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.figures.measured import Measured
from scripts.figures.pages import table


def seconds_of(log: str) -> dict[str, int]:
    """Step -> seconds, in the order in which steps were begun. log: the text of times.tsv."""
    spent: dict[tuple[str, str], int] = {}
    done: dict[tuple[str, str], bool] = {}
    for line in log.splitlines():
        step, seconds, status, command = line.split("\t", 3)
        key = step, command
        spent[key] = int(seconds) + (0 if done.get(key) else spent.get(key, 0))
        done[key] = status == "0"
    steps: dict[str, int] = {}
    for (step, _), each in spent.items():
        steps[step] = steps.get(step, 0) + each
    return steps


def times_text(log: str, heading: str = "step") -> str:
    """A table of the steps, the sum below."""
    steps = seconds_of(log)
    rows = [[f"`{step}`", _minutes(seconds)] for step, seconds in steps.items()]
    return table([heading, "h:mm:ss"], [*rows, ["in all", _minutes(sum(steps.values()))]], numbers=True)


def times(measured: Measured) -> str | None:
    """For the page: what is known of `make models` and `make figures`."""
    logs = {
        "make models": measured.build / "state" / "times.tsv",
        "make figures": measured.file("times.tsv"),
    }
    found = [times_text(log.read_text(encoding="utf-8"), name) for name, log in logs.items() if log.is_file()]
    return f"{os.cpu_count()} CPU cores.\n\n" + "\n\n".join(found) if found else None


def _minutes(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def main() -> None:
    """Print the table; nothing where no step was timed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    options = parser.parse_args()
    if options.log.is_file():
        print(times_text(options.log.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
