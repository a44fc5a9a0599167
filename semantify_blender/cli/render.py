"""`semantify render`: a dataset, by as many Blender processes as the machine has room for. Nothing here needs bpy."""

import argparse
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from threading import Thread

from ..core.errors import SemantifyError
from ..core.parts import part_of
from ..processes import child as children
from ..processes.blender import pass_on
from ..processes.requests import DatasetRequest
from ..processes.seats import Seat, seats_for
from ..processes.together import missing_shards, render_together
from .dataset import add_options, dataset_request
from .options import Parser
from .process import add_jobs, add_place, add_telling
from .progress import JsonProgress, TextProgress

WITH_STDIN = "--end-with-stdin"


def render(words: Sequence[str]) -> int:
    """Do it. words: of the command line, behind the verb. Returns the exit status.

    Raises SemantifyError for what one process of several told; with one process it tells itself.
    """
    options = _options(words)
    request = dataset_request(options)
    if options.shard.startswith("auto"):
        part, count = part_of(options.shard, options.out)
        request = replace(request, shard=f"{part + 1}/{count}")
    seats = _seats(options, request)
    if len(seats) == 1:
        return pass_on(
            "dataset",
            [*request.words(), *seats[0].words(), *_telling(options)],
            options.blender,
            end_with_stdin=options.end_with_stdin,
        )
    if options.end_with_stdin:
        Thread(target=_end_with_stdin, daemon=True).start()
    progress = JsonProgress(1) if options.progress == "json" else TextProgress(1)
    try:
        result = render_together(
            request, seats, options.blender, lambda done, total, _: progress.advance(done, total), progress.note
        )
    except SemantifyError as error:
        if isinstance(progress, JsonProgress):
            progress.event("error", message=str(error))
        raise
    if isinstance(progress, JsonProgress):
        progress.event("result", **result)
    else:
        progress.note(str(request.out))
    return 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    """The command line, read. What is wrong with it is told in JSON, too, where that was asked for."""
    parser = _parser()
    try:
        return parser.parse_args(list(words))
    except SemantifyError as error:
        if "--progress=json" in words or ("--progress", "json") in pairwise(words):
            JsonProgress(1).event("error", message=str(error))
        raise


def _parser() -> Parser:
    parser = Parser(
        prog="semantify render",
        description="Random shapes as pictures in WebDataset shards; run again to resume. Any number of such commands, "
        "on any number of machines that share the folder, render one dataset together.",
    )
    add_options(parser)
    add_jobs(parser)
    add_place(parser)
    add_telling(parser)
    parser.add_argument("--blender", help="Blender program (default: $BLENDER, else the bpy wheel)")
    parser.add_argument(
        WITH_STDIN, action="store_true", help="end when standard input closes: whoever started this is gone"
    )
    return parser


def _seats(options: argparse.Namespace, request: DatasetRequest) -> list[Seat]:
    """The processes that there are to be. A fixed number of threads is each one's, whatever their number."""
    if options.devices and options.processor:
        raise SemantifyError("--device and --devices both say where to render: give one of them")
    seats = seats_for(options.engine, missing_shards(request), options.jobs, options.devices, options.processor)
    return [replace(seat, threads=options.threads or seat.threads) for seat in seats]


def _telling(options: argparse.Namespace) -> list[str]:
    """The options of the process itself, which one Blender process is given as they are."""
    log = [] if options.log is None else [f"--log={options.log}"]
    return [*log, *(["--progress", "json"] if options.progress == "json" else [])]


def _end_with_stdin() -> None:
    children.until_stdin_ends()
    os.kill(os.getpid(), signal.SIGINT)
