"""What the `fit` verb does: each subject is kept as soon as it is fitted, files are made of what was kept."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ...core.clip_names import SMALL
from ...core.errors import SemantifyError
from ...core.files.writing import make_folder, sha256_of_file
from ...core.fitting.choose import Shelf, Tools, choose
from ...core.fitting.known import Known
from ...core.library import find, load_mapper, load_model
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...processes.clip_worker import Worker
from ...processes.python import find_python, usual_candidates
from ...processes.requests import FitRequest
from ..progress import JsonProgress, TextProgress
from ..stage.photographer import Photographer
from . import sheet as fit_sheet
from .files import Lines, Meshes, save_csv, save_json
from .fit import Failure, Request, Result, Subject, fit_subject, subjects_of
from .kept import Kept, run_of
from .meshes import MeshExporter

ADVICE = (
    "give it by --clip, as NAME:TAG, NAME:FILE or local-dir:FOLDER, or train a fitter for this model (semantify fitter)"
)


def run(asked: FitRequest, progress: JsonProgress | TextProgress) -> dict[str, object]:
    """Fit, and write the files. Raises SemantifyError at the end when some pictures could not be used."""
    mapper = load_mapper(asked.mapper)
    model = load_model(asked.model or mapper.model_name)
    mapper.check_model(model)
    request = Request(known=Known(asked.height), locks=dict(asked.lock), refine=asked.refine)
    request.known.check(model)
    request.positions(mapper)
    subjects = subjects_of(asked.images, asked.crop, asked.together)
    if asked.sheet_pictures < 1:
        raise SemantifyError(f"--sheet-pictures is {asked.sheet_pictures}: give at least 1, or --no-sheet")
    make_folder(asked.out)
    with ExitStack() as stack:
        tools = _tools(asked, model, mapper, stack, progress)
        kept = Kept(asked.out, run_of(tools, request, sha256_of_file(find("mappers", asked.mapper))))
        whole = False
        stack.callback(lambda: kept.close(whole))

        def lines() -> Iterator[dict[str, Any]]:
            return kept.lines(subjects)

        try:
            _fit_all(subjects, kept, tools, request, progress)
        finally:
            # also when interrupted: what is done is done
            written = _write(asked, lines, tools, request)
        written += _made_of(asked, lines, tools, request, progress)
        failures = [failure for line in lines() for failure in line["failures"]]
        whole = True
    if failures:
        raise SemantifyError(_summary(failures, len(asked.images), asked.out))
    files = {"files": list(map(str, written))} if isinstance(progress, JsonProgress) else {}
    return {"folder": str(asked.out), **files}


def _fit_all(
    subjects: Sequence[Subject],
    kept: Kept,
    tools: Tools,
    request: Request,
    progress: JsonProgress | TextProgress,
) -> None:
    """Fit one subject after the other, except those that an earlier run has done, and keep each at once."""
    with ExitStack() as stack:
        render = stack.enter_context(Photographer(tools.model, tools.encoder.size)) if request.refine else None
        for done, subject in enumerate(subjects):
            line = kept.line(subject) if kept.has(subject) else None
            if line is None:
                found: list[Result | Failure] = []
                try:
                    found.extend(fit_subject(subject, tools, request, progress, render))
                except SemantifyError as error:
                    # what is wrong with the files or the wish is wrong for every subject
                    if len(subjects) == 1:
                        raise
                    told = {one.path for one in found if isinstance(one, Failure)}
                    found += [Failure(path, str(error)) for path in subject.paths if path not in told]
                line = kept.add(subject, found, tools)
            _tell(line, progress)
            progress.advance(done + 1, len(subjects))


def _made_of(
    asked: FitRequest, lines: Lines, tools: Tools, request: Request, progress: JsonProgress | TextProgress
) -> list[Path]:
    """Meshes and sheets of what was fitted. Returns the sheets."""
    fits = (line["fit"] for line in lines() if line["fit"] is not None)
    first = next(fits, None)
    if first is None:
        return []
    if asked.mesh:
        exporter = MeshExporter(tools.model, asked.mesh)
        for fit in chain([first], fits):
            vertices = tools.model.vertices(np.array(fit["coefficients"], np.float32))
            exporter.export(vertices, asked.out / "meshes", fit["name"])
        _write(asked, lines, tools, request, lambda name: str(asked.out / "meshes" / f"{name}.{asked.mesh}"))
    if not asked.sheet:
        return []
    return fit_sheet.save_sheets(asked.out, tools, lines(), progress, asked.sheet_pictures)


def _write(
    asked: FitRequest, lines: Lines, tools: Tools, request: Request, meshes: Meshes = lambda name: None
) -> list[Path]:
    """Both files from what was kept; none when nothing was."""
    written: list[Path] = []
    if next(lines(), None) is None:
        return written
    if "json" in asked.format:
        written.append(asked.out / "fits.json")
        save_json(written[-1], lines, tools, request, meshes)
    if "csv" in asked.format:
        written.append(asked.out / "fits.csv")
        save_csv(written[-1], lines, tools)
    return written


def _tools(
    asked: FitRequest,
    model: MorphableModel,
    mapper: Mapper,
    stack: ExitStack,
    progress: JsonProgress | TextProgress,
) -> Tools:
    full: Worker | None = None
    if asked.clip != SMALL:
        python = asked.python
        if python is None:
            check = find_python(usual_candidates())
            if not check.ok:
                raise SemantifyError(f"{check.missing}, or give --python PROGRAM")
            python = check.python
        full = Worker(python, asked.clip, asked.device)
        stack.callback(full.close)
        full.start(lambda done, total, text: progress.note(f"CLIP {asked.clip}: {text}"))
    shelf = Shelf(asked.data)
    tools = choose(mapper, model, shelf, full, full is not None, asked.scores, ADVICE)
    for note in tools.notes:
        progress.note(note)
    if tools.fitter is None and not asked.scores:
        progress.note(
            f"no fitter of model {model.name!r} for encoder {tools.encoder.name!r}: "
            "taking the scores of the mapper's words"
        )
    return tools


def _tell(line: dict[str, Any], progress: JsonProgress | TextProgress) -> None:
    """What came of a subject, in words or as events."""
    for failure in line["failures"]:
        if isinstance(progress, JsonProgress):
            progress.event("failed", **failure)
        else:
            progress.note(f"left out: {failure['message']}")
    if line["fit"] is not None and isinstance(progress, JsonProgress):
        progress.event("fit", **line["fit"])


def _summary(failures: Sequence[dict[str, str]], total: int, out: Path) -> str:
    first = failures[0]["message"]
    if total == 1:
        return first
    if len(failures) == total:
        return f"none of the {total} pictures could be used; the first: {first}"
    return f"{len(failures)} of {total} pictures could not be used, the others are in {out}; the first: {first}"
