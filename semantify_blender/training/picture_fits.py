"""Shapes from pictures by a Blender of its own: `semantify fit` for Python. Nothing here needs torch."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.clip_names import SMALL
from ..core.errors import SemantifyError
from ..core.files.json_text import read_json
from ..core.pictures.picture import Box
from ..processes.blender import render as ask_blender
from ..processes.requests import FitRequest
from .telling import Tell, Teller


@dataclass(frozen=True, eq=False)
class PictureFit:
    """The shape that was found for one subject.

    name: of its first picture. pictures: that were used. coefficients: (K,) float32, standard deviations; deviations:
    (K,) float32, how sure they are. sliders: word -> position, −1 to 1. height: metres, None for what has no floor.
    measures: height, weight, chest, waist, hips as far as the model has them -> (value, one standard deviation), metres
    and kg; the deviation is None for what was given, and where nobody knows. notes: what to know of it, a sentence
    each. mesh: its file, where one was asked for.
    """

    name: str
    pictures: tuple[Path, ...]
    coefficients: np.ndarray
    deviations: np.ndarray
    sliders: dict[str, float]
    height: float | None
    measures: dict[str, tuple[float, float | None]]
    notes: tuple[str, ...]
    mesh: Path | None


def fit_pictures(
    pictures: Sequence[str | Path],
    mapper: str | Path,
    out: str | Path | None = None,
    *,
    model: str | Path | None = None,
    together: bool = False,
    height: float | None = None,
    sex: str | None = None,
    weight: float | None = None,
    chest: float | None = None,
    waist: float | None = None,
    hips: float | None = None,
    locks: Mapping[str, float] | None = None,
    crops: Sequence[Box | None] = (),
    refine: bool = False,
    force: bool = False,
    clip: str = SMALL,
    python: str | Path | None = None,
    device: str | None = None,
    mesh: str | None = None,
    sheet: bool = False,
    blender: str | None = None,
    progress: Tell | None = None,
) -> list[PictureFit]:
    """Fit shapes to pictures, in a Blender of its own: `semantify fit`.

    pictures: PNG, JPEG, WebP, TIFF or BMP files, each of one subject; together: all of one subject.
    mapper, model: names or paths; model None is the one that the mapper names. out: folder for fits.json, fits.csv and
    what else is asked for; a run that was ended goes on there. None keeps no files, and nothing of a call that fails.
    What is known of the subject: height in metres; sex, "female" or "male"; weight in kg; chest, waist and hips, girths
    in centimetres. locks: word -> slider position that stays, −1 to 1. crops: (left, top, right,
    bottom) in pixels, one for all pictures or one a picture, None in it for the whole picture. refine: render
    candidates and bring the shape nearer. force: fit pictures, too, in which no finder sees the subject. clip: "small"
    or a full CLIP, which `python` (default: this one) runs on `device`.
    mesh: "obj", "ply" or "glb", into `out`. sheet: also draw a sheet there. blender: the program (default: $BLENDER,
    else the bpy wheel of this Python).
    Returns a fit a subject, in the pictures' order. Raises SemantifyError where there is no Blender, for pictures that
    cannot be used (the others are in `out`, where it is given), for `mesh` or `sheet` without `out`, and for what does
    not go with the mapper.

    >>> import semantify_blender as sb
    >>> _, _, picture = next(sb.Dataset.open("out/mine/dataset").images())
    >>> _ = Path("front.jpg").write_bytes(picture)
    >>> (fit,) = sb.fit_pictures(["front.jpg"], "anny-body-neutral", height=1.7)
    >>> fit.name, fit.coefficients.dtype, sorted(fit.sliders)[0], round(fit.height, 2)
    ('front', dtype('float32'), 'big hips', 1.7)
    """
    if isinstance(pictures, str | Path):
        raise SemantifyError(f"{str(pictures)!r} is one picture: give a list, [{str(pictures)!r}]")
    if out is None and (mesh or sheet):
        raise SemantifyError(f"{'mesh' if mesh else 'sheet'}= writes files: give out=, the folder for them")
    teller = Teller(progress)
    with ExitStack() as stack:
        folder = Path(out) if out is not None else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        request = FitRequest(
            images=tuple(map(Path, pictures)),
            mapper=str(mapper),
            out=folder,
            model=None if model is None else str(model),
            together=together,
            height=height,
            sex=sex,
            weight=weight,
            chest=chest,
            waist=waist,
            hips=hips,
            lock=tuple((locks or {}).items()),
            crop=tuple(crops),
            refine=refine,
            force=force,
            clip=clip,
            python=str(python or sys.executable),
            device=device,
            mesh=mesh,
            sheet=sheet,
        )
        teller.step(f"Fitting {len(request.images)} pictures")
        try:
            ask_blender(request, blender, teller.images, teller.note)
        except SemantifyError as error:
            if out is not None:
                raise
            # that folder is about to go
            kept = f"the others are in {folder}"
            raise SemantifyError(str(error).replace(kept, "give out= to keep the others")) from error
        found = read_json(folder / "fits.json", "fit the pictures again")["fits"]
    return [
        PictureFit(
            name=fit["name"],
            pictures=tuple(Path(image["path"]) for image in fit["images"]),
            coefficients=np.array(fit["coefficients"], np.float32),
            deviations=np.array(fit["deviations"], np.float32),
            sliders=fit["sliders"],
            height=fit["height"],
            measures={name: (size["value"], size["deviation"]) for name, size in fit["measures"].items()},
            notes=tuple(fit["notes"]),
            mesh=None if fit["mesh"] is None else Path(fit["mesh"]),
        )
        for fit in found
    ]
