"""From pictures to files: each subject is kept as soon as it is fitted, files are made of what was kept."""

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
from ...core.library import find, load_mapper, load_model
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...processes.clip_worker import Worker
from ...processes.python import find_python, usual_candidates
from ...processes.requests import FitRequest
from ..progress import Progress
from ..sheets.fit_sheet import save_sheets
from ..stage.photographer import Photographer
from .files import Lines, Meshes, save_csv, save_json
from .kept import Kept, run_of
from .mesh_files import MeshExporter
from .subject import Failure, PicturedSubject, Result, fit_subject, known_of, locked_sliders, subjects_of

ADVICE = (
    "give it by --clip, as NAME:TAG, NAME:FILE or local-dir:FOLDER, or train a fitter for this model (semantify fitter)"
)


def fit_pictures(request: FitRequest, progress: Progress) -> list[Path]:
    """Fit, and write the files. Takes over Blender's current scene.

    Returns what was written into `request.out`, without the meshes. Raises SemantifyError for what cannot be had or
    does not go together, and at the end when some pictures could not be used; what was made of the others is kept.
    """
    mapper = load_mapper(request.mapper)
    model = load_model(request.model or mapper.model_name)
    mapper.check_model(model)
    known_of(request).check(model)
    locked_sliders(request.lock, mapper)
    subjects = subjects_of(request.images, request.crop, request.together)
    if request.sheet_pictures < 1:
        raise SemantifyError(f"--sheet-pictures is {request.sheet_pictures}: give at least 1, or --no-sheet")
    make_folder(request.out)
    with ExitStack() as stack:
        tools = _tools(request, model, mapper, stack, progress)
        kept = Kept(request.out, run_of(tools, request, sha256_of_file(find("mappers", request.mapper))))
        whole = False
        stack.callback(lambda: kept.close(whole))

        def lines() -> Iterator[dict[str, Any]]:
            return kept.lines(subjects)

        try:
            _fit_all(subjects, kept, tools, request, progress)
        finally:
            # also when interrupted: what is done is done
            written = _write(request, lines, tools)
        written += _made_of(request, lines, tools, progress)
        failures = [failure for line in lines() for failure in line["failures"]]
        whole = True
    if failures:
        raise SemantifyError(_summary(failures, len(request.images), request.out))
    return written


def _fit_all(
    subjects: Sequence[PicturedSubject],
    kept: Kept,
    tools: Tools,
    request: FitRequest,
    progress: Progress,
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


def _made_of(request: FitRequest, lines: Lines, tools: Tools, progress: Progress) -> list[Path]:
    """Meshes and sheets of what was fitted. Returns the sheets."""
    fits = (line["fit"] for line in lines() if line["fit"] is not None)
    first = next(fits, None)
    if first is None:
        return []
    if request.mesh:
        exporter = MeshExporter(tools.model, request.mesh)
        for fit in chain([first], fits):
            vertices = exporter.model.vertices(np.array(fit["coefficients"], np.float32))
            exporter.export(vertices, request.out / "meshes", fit["name"])
        _write(request, lines, tools, lambda name: str(request.out / "meshes" / f"{name}.{request.mesh}"))
    if not request.sheet:
        return []
    count = sum(len(line["shown"]) for line in lines() if line["fit"] is not None)
    return save_sheets(request.out, tools, lines(), progress, min(request.sheet_pictures, count))


def _write(request: FitRequest, lines: Lines, tools: Tools, meshes: Meshes = lambda name: None) -> list[Path]:
    """Both files from what was kept; none when nothing was."""
    written: list[Path] = []
    if next(lines(), None) is None:
        return written
    if "json" in request.format:
        written.append(request.out / "fits.json")
        save_json(written[-1], lines, tools, request, meshes)
    if "csv" in request.format:
        written.append(request.out / "fits.csv")
        save_csv(written[-1], lines, tools)
    return written


def _tools(
    request: FitRequest,
    model: MorphableModel,
    mapper: Mapper,
    stack: ExitStack,
    progress: Progress,
) -> Tools:
    full: Worker | None = None
    if request.clip != SMALL:
        python = request.python
        if python is None:
            check = find_python(usual_candidates())
            if not check.ok:
                raise SemantifyError(f"{check.missing}, or give --python PROGRAM")
            python = check.python
        full = Worker(python, request.clip, request.device)
        stack.callback(full.close)
        full.start(lambda done, total, text: progress.note(f"CLIP {request.clip}: {text}"))
    shelf = Shelf(request.data)
    tools = choose(mapper, model, shelf, full, full is not None, request.scores, ADVICE)
    for note in tools.notes:
        progress.note(note)
    if tools.fitter is None and not request.scores:
        progress.note(
            f"no fitter of model {model.name!r} for encoder {tools.encoder.name!r}: "
            "taking the scores of the mapper's words"
        )
    return tools


def _tell(line: dict[str, Any], progress: Progress) -> None:
    """What came of a subject."""
    for failure in line["failures"]:
        progress.event("failed", **failure)
    if line["fit"] is not None:
        progress.event("fit", **line["fit"])


def _summary(failures: Sequence[dict[str, str]], total: int, out: Path) -> str:
    first = failures[0]["message"]
    if total == 1:
        return first
    if len(failures) == total:
        return f"none of the {total} pictures could be used; the first: {first}"
    return f"{len(failures)} of {total} pictures could not be used, the others are in {out}; the first: {first}"
