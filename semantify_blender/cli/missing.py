"""`semantify missing`: what of a job array has to be run again for a dataset."""

import argparse
import sys
from pathlib import Path
from typing import Any

from ..core.missing import missing_of
from ..core.parts import ranges
from ..processes.together import CRASHES


def add_missing(verbs: argparse._SubParsersAction, plain: argparse.ArgumentParser) -> None:
    """The verb's parser."""
    text = "print which tasks of a job array have to be run again for a dataset, as --array=3,7-9"
    parser = verbs.add_parser("missing", parents=[plain], help=text, description=text)
    parser.set_defaults(run=missing)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of the dataset")
    parser.add_argument("--numbers", action="store_true", help="print 3,7-9 alone, for schedulers that are not Slurm")


def missing(options: argparse.Namespace) -> dict[str, Any]:
    """Do it. What a script reads is on standard output, and nothing is where nothing is missing."""
    found = missing_of(options.folder)
    numbers = ranges(found.tasks)
    if not options.json:
        if numbers:
            print(numbers if options.numbers else f"--array={numbers}")
        says = f"{len(found.missing)} of {found.shards} shards are missing"
        says += f", and {len(found.running)} are being rendered" if found.running else ""
        if found.missing and not found.remembered:
            says += f"; give --shard auto/{found.parts.count} with these tasks"
        if (options.folder / CRASHES).is_file():
            says += f"; {CRASHES} there says why processes crashed"
        print(says, file=sys.stderr)
    return {"shards": found.shards, "missing": found.missing, "running": found.running, "tasks": found.tasks}
