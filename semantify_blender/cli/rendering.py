"""Command line of the rendering side: dataset, sheet, influence, keys, fit; a file for each says its options."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

from ..core.errors import SemantifyError
from ..core.files.writing import file_trouble
from ..core.pipes import until_pipe_closes
from ..processes.child import interruptible
from ..rendering.stage.engines import prefer
from ..rendering.stage.quiet import quiet
from .dataset import add_dataset
from .fit import add_fit
from .keys import add_keys
from .options import Parser
from .process import add_place, add_telling
from .progress import JsonProgress, TextProgress, print_error
from .sheets import add_sheets


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit status: 0, 2 for a user's error, 130 when interrupted, 141 when nobody reads."""
    return until_pipe_closes(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parser.parse_args(words)
    except SemantifyError as error:
        # the options are not known: whoever asked for JSON waits for its event all the same
        as_json = "--progress=json" in words or ("--progress", "json") in pairwise(words)
        return _fail(JsonProgress(1) if as_json else TextProgress(1), str(error), 2)
    with quiet(options.log) as output:
        progress = JsonProgress(output) if options.progress == "json" else TextProgress(output)
        try:
            interruptible()
            prefer(options.processor, options.threads)
            result = options.run(options, progress)
        except SemantifyError as error:
            return _fail(progress, str(error), 2)
        except OSError as error:
            return _fail(progress, file_trouble(error), 2)
        except KeyboardInterrupt:
            return _fail(progress, "interrupted; run the same command again to resume", 130)
        if isinstance(progress, JsonProgress):
            progress.event("result", **result)
        else:
            progress.note("\n".join(str(value) for value in result.values()))
        return 0


def _fail(progress: JsonProgress | TextProgress, message: str, status: int) -> int:
    if isinstance(progress, JsonProgress):
        progress.event("error", message=message)
    print_error(message)
    return status


def leave(status: int) -> NoReturn:
    """End the process at once: some bpy builds hang or crash in their own exit code after the work is done."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="semantify-render", description="Render morphable models with Blender.")
    parser.set_defaults(log=None, processor=None, threads=None)
    verbs = parser.add_subparsers(required=True, metavar="dataset|sheet|influence|keys|fit", dest="verb")
    common = Parser(add_help=False)
    add_telling(common)
    placed = Parser(add_help=False, parents=[common])
    add_place(placed)
    for add in (add_dataset, add_sheets):
        add(verbs, placed)
    for add in (add_keys, add_fit):
        add(verbs, common)
    return parser
