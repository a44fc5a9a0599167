"""What the `fit` verb does, and the order in which files are written so that nothing finished is lost."""

import argparse
import contextlib
import math
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ..core.errors import SemantifyError
from ..core.fitting.known import Known
from ..core.library import load_mapper, load_model
from ..core.mapper import Mapper
from ..core.morphable_model import MorphableModel
from ..core.pictures.picture import Box
from ..core.worker import Worker, find_python, usual_candidates
from . import fit_sheet
from .fit import Failure, Request, Result, Tools, fit_subjects, subjects_of
from .fit_cli import SMALL
from .fit_files import event_of, failure_event, save_csv, save_json
from .meshes import MeshExporter
from .photographer import Photographer
from .progress import JsonProgress, TextProgress


def run(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    """Fit, and write the files. Raises SemantifyError at the end when some pictures could not be used."""
    if options.end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    mapper = load_mapper(options.mapper)
    model = load_model(options.model or mapper.model_name)
    mapper.check_model(model)
    request = Request(
        known=Known(options.height),
        locks=dict(_lock(text) for text in options.lock),
        refine=options.refine,
        thumbnails=fit_sheet.CELL if options.sheet else 0,
    )
    request.known.check(model)
    request.positions(mapper)
    subjects = subjects_of(options.images, [_box(text) for text in options.crop], options.together)
    _make_folder(options.out)
    results: list[Result] = []
    failures: list[Failure] = []
    with ExitStack() as stack:
        tools = _tools(options, model, mapper, stack, progress)
        try:
            for found in fit_subjects(subjects, tools, request, progress):
                if isinstance(found, Failure):
                    failures.append(found)
                    _tell_failure(found, progress)
                else:
                    results.append(found)
                    if isinstance(progress, JsonProgress):
                        progress.event("fit", **event_of(found, tools))
        finally:
            # also when interrupted: what is done is done
            if results or failures:
                written = _write(options, results, failures, tools, request)
    return _finish(options, tools, request, results, failures, written, progress)


def _finish(
    options: argparse.Namespace,
    tools: Tools,
    request: Request,
    results: list[Result],
    failures: list[Failure],
    written: list[Path],
    progress: JsonProgress | TextProgress,
) -> dict[str, object]:
    if options.mesh and results:
        exporter = MeshExporter(tools.model, options.mesh)
        for i, result in enumerate(results):
            vertices = tools.model.vertices(result.fit.coefficients)
            results[i] = replace(result, mesh=exporter.export(vertices, options.out / "meshes", result.name))
        written = _write(options, results, failures, tools, request)
    if options.sheet and results:
        written = written + fit_sheet.save_sheets(options.out, tools.model, tools.mapper, results, progress)
    if failures:
        raise SemantifyError(_summary(failures, len(options.images), options.out))
    files = {"files": [str(path) for path in written]} if isinstance(progress, JsonProgress) else {}
    return {"folder": str(options.out), **files}


def _write(
    options: argparse.Namespace, results: list[Result], failures: list[Failure], tools: Tools, request: Request
) -> list[Path]:
    written = []
    try:
        if "json" in options.format:
            written.append(options.out / "fits.json")
            save_json(written[-1], results, failures, tools, request)
        if "csv" in options.format:
            written.append(options.out / "fits.csv")
            save_csv(written[-1], results, tools)
    except OSError as error:
        raise SemantifyError(f"{options.out}: cannot be written ({error.strerror}); choose another --out") from error
    return written


def _end_with_stdin() -> None:
    """Wait for the end of standard input, then end the process, its worker with it."""
    with contextlib.suppress(OSError, ValueError):
        while sys.stdin.buffer.read(4096):
            pass
    os._exit(1)


def _tools(
    options: argparse.Namespace,
    model: MorphableModel,
    mapper: Mapper,
    stack: ExitStack,
    progress: JsonProgress | TextProgress,
) -> Tools:
    if options.clip == SMALL:
        tools = Tools.embedded(model, mapper)
    else:
        python = options.python
        if python is None:
            check = find_python(usual_candidates())
            if not check.ok:
                raise SemantifyError(f"{check.missing}, or give --python PROGRAM")
            python = check.python
        worker = Worker(python, options.clip, options.device)
        stack.callback(worker.close)
        worker.start(lambda done, total, text: progress.note(f"CLIP {options.clip}: {text}"))
        tools = Tools.full(model, mapper, worker)
    if options.scores:
        tools = replace(tools, fitter=None)
    elif tools.fitter is None:
        progress.note(
            f"no fitter of model {model.name!r} for encoder {tools.encoder.name!r}: "
            "taking the scores of the mapper's words"
        )
    if options.refine:
        tools = replace(tools, render=stack.enter_context(Photographer(model, tools.encoder.size)))
    return tools


def _tell_failure(failure: Failure, progress: JsonProgress | TextProgress) -> None:
    if isinstance(progress, JsonProgress):
        progress.event("failed", **failure_event(failure))
    else:
        progress.note(f"left out: {failure.message}")


def _summary(failures: Sequence[Failure], total: int, out: Path) -> str:
    if total == 1:
        return failures[0].message
    if len(failures) == total:
        return f"none of the {total} pictures could be used; the first: {failures[0].message}"
    return (
        f"{len(failures)} of {total} pictures could not be used, the others are in {out}; "
        f"the first: {failures[0].message}"
    )


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SemantifyError(f"{out}: cannot be made ({error.strerror}); choose another --out") from error


def _lock(text: str) -> tuple[str, float]:
    word, _, value = text.rpartition("=")
    number = _number(value)
    if not word.strip() or number is None or not -1 <= number <= 1:
        raise SemantifyError(f'--lock is {text!r}: give WORD=VALUE with a value from −1 to 1, for example "tall=0.5"')
    return word.strip(), number


def _box(text: str) -> Box | None:
    if text == "whole":
        return None
    numbers = [_number(part) for part in text.split(",")]
    left, top, right, bottom = numbers if len(numbers) == 4 else (None,) * 4
    if left is None or top is None or right is None or bottom is None or right - left < 2 or bottom - top < 2:
        raise SemantifyError(f"--crop is {text!r}: give left,top,right,bottom in pixels, for example 120,40,520,900")
    return left, top, right, bottom


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
