"""The `fit` verb's options; what it does is in `rendering.fits.run`, imported when it is asked for."""

import argparse
import math
import os
import threading
from pathlib import Path

from ..core.errors import SemantifyError
from ..core.fitting.known import SEXES
from ..core.model.gradients import GIRTHS
from ..core.pictures.picture import Box
from ..processes.child import until_stdin_ends
from ..processes.requests import FORMATS, FitRequest
from .progress import JsonProgress, TextProgress

MESHES = ("obj", "ply", "glb")


def add_fit(verbs: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    """The verb's parser."""
    text = "shapes from pictures: fits.json, fits.csv, meshes, and a sheet with each picture beside its shape"
    parser = verbs.add_parser(
        "fit", prog="semantify fit", parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    parser.set_defaults(run=run)
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, WebP, TIFF or BMP files")
    parser.add_argument("--mapper", required=True, help="name or path of a mapper")
    parser.add_argument("--model", help="name or path of its morphable model (default: the one the mapper names)")
    parser.add_argument("--out", required=True, type=Path, help="folder for everything")
    parser.add_argument("--together", action="store_true", help="all pictures show one subject: one shape from them")
    parser.add_argument("--height", type=float, metavar="METRES", help="the subject's height, where it is known")
    parser.add_argument("--sex", choices=tuple(SEXES), help="the subject's, where it is not to be as seen")
    parser.add_argument("--weight", type=float, metavar="KG", help="the subject's weight, where it is known")
    for girth in GIRTHS:
        parser.add_argument(f"--{girth}", type=float, metavar="CM", help=f"girth of the {girth}, where it was measured")
    parser.add_argument(
        "--lock",
        action="append",
        default=[],
        metavar="WORD=VALUE",
        help="a slider that stays, −1 to 1; repeat for more",
    )
    parser.add_argument(
        "--crop",
        action="append",
        default=[],
        metavar="L,T,R,B",
        help="part of the picture to look at, pixels from the upper left, or 'whole'; give it once, or once a picture",
    )
    parser.add_argument(
        "--force", action="store_true", help="fit drawings, statues and whatever else the finders see no subject in"
    )
    parser.add_argument("--refine", action="store_true", help="render candidates and bring the shape nearer (slower)")
    parser.add_argument(
        "--clip",
        default=FitRequest.clip,
        help="small (default), or a full CLIP as NAME:TAG, NAME:FILE or local-dir:FOLDER; the one that the mapper was "
        "trained with, unless there is a fitter",
    )
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="folder with encoders and fitters of your own, in front of $SEMANTIFY_DATA; repeat for more",
    )
    parser.add_argument("--python", help="the Python with torch and open_clip that runs a full CLIP")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="of a full CLIP (default: cuda when present)")
    parser.add_argument("--scores", action="store_true", help="the paper's way: only through the mapper's own words")
    parser.add_argument("--format", nargs="+", choices=FORMATS, default=list(FitRequest.format), help="default: both")
    parser.add_argument("--mesh", choices=MESHES, help="also export each shape into OUT/meshes")
    parser.add_argument(
        "--end-with-stdin", action="store_true", help="end when standard input closes: whoever started this is gone"
    )
    parser.add_argument(
        "--sheet", action=argparse.BooleanOptionalAction, default=FitRequest.sheet, help="default: draw it"
    )
    parser.add_argument(
        "--sheet-pictures",
        type=int,
        default=FitRequest.sheet_pictures,
        metavar="N",
        help="how many of the pictures the sheet shows, from the first on (default: 20, which fill one sheet)",
    )


def run(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    """Do it."""
    from ..rendering.fits.run import fit_pictures

    if options.end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    request = fit_request(options)
    files = fit_pictures(request, progress)
    told = {"files": list(map(str, files))} if isinstance(progress, JsonProgress) else {}
    return {"folder": str(request.out), **told}


def fit_request(options: argparse.Namespace) -> FitRequest:
    """What the `fit` verb was asked. Raises SemantifyError for a lock or a crop that is none."""
    return FitRequest(
        images=tuple(options.images),
        mapper=options.mapper,
        out=options.out,
        model=options.model,
        together=options.together,
        height=options.height,
        sex=options.sex,
        weight=options.weight,
        chest=options.chest,
        waist=options.waist,
        hips=options.hips,
        lock=tuple(map(_lock, options.lock)),
        crop=tuple(map(_box, options.crop)),
        refine=options.refine,
        clip=options.clip,
        data=tuple(options.data),
        python=options.python,
        device=options.device,
        scores=options.scores,
        format=tuple(options.format),
        mesh=options.mesh,
        sheet=options.sheet,
        sheet_pictures=options.sheet_pictures,
        force=options.force,
    )


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


def _end_with_stdin() -> None:
    """For whoever starts this as a plain process, not by `processes.child`: the worker ends with it."""
    until_stdin_ends()
    os._exit(1)
