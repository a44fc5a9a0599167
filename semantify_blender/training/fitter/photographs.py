"""Photographs of a folder, fitted one by one as the panel does it."""

import csv
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ...core.errors import FileFormatError, SemantifyError
from ...core.fitting.camera import Camera, ViewAngles, camera_of_cut
from ...core.fitting.choose import Tools
from ...core.fitting.fit import Fit, refined_fit
from ...core.fitting.known import Known
from ...core.fitting.refine import refine
from ...core.fitting.silhouette import silhouette
from ...core.model.body_points import BodyPoints
from ...core.model.morphable_model import MorphableModel
from ...core.model.posing import Rig
from ...core.model.rotations import from_vectors
from ...core.pictures.crop import Cut
from ...core.pictures.landmarks import BodyLandmarks
from ...core.pictures.picture import Picture

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
_SURE = 0.5
"""How surely a joint has to be seen to be compared."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A shape as it is laid on a photograph. iou: of the outlines. joints: mean distance, share of the figure's height.

    coverage: (S, S) float32 of the cut.
    """

    fit: Fit
    coverage: np.ndarray
    iou: float
    joints: float | None
    yaw: float


@dataclass(frozen=True, eq=False)
class Photograph:
    """One photograph and what came of it. refused: the sentence, where nothing was fitted. seconds: reading the file,
    cutting, fitting."""

    name: str
    labels: dict[str, str]
    expected: bool
    refused: str = ""
    cut: Cut | None = None
    picture: Picture | None = None
    first: Seen | None = None
    refined: Seen | None = None
    measure: tuple[float, float] | None = None
    seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)
    told_yaw: float | None = None
    notes: tuple[str, ...] = field(default=())


def labelled(folder: Path, labels: Path | None) -> list[dict[str, str]]:
    """One row a picture of a folder, with "file". labels: a table of tab-separated columns; None: all pictures, bare.

    Raises SemantifyError without pictures, FileFormatError for labels that are none.
    """
    if labels is None:
        names = sorted(path.name for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
        rows = [{"file": name} for name in names]
    else:
        try:
            with open(labels, encoding="utf-8-sig", newline="") as file:
                table = list(csv.DictReader(file, delimiter="\t", restval=""))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise FileFormatError(labels, "file", f"cannot be read as a table ({error}); save it with tabs") from error
        rows = [{name: text or "" for name, text in row.items() if name} for row in table]
        if not all("file" in row for row in rows):
            raise FileFormatError(labels, "file", "is missing: the first line names the columns, one of them 'file'")
        missing = [row["file"] for row in rows if not (folder / row["file"]).is_file()]
        if missing:
            raise FileFormatError(labels, "file", f"names {missing[0]!r}, which is not in {folder}")
    if not rows:
        raise SemantifyError(f"{folder}: there is no picture in it: give a folder of photographs")
    return rows


def read_photograph(path: Path) -> Picture:
    """A picture file, upright. Raises SemantifyError for one that is no picture."""
    try:
        with Image.open(path) as image:
            pixels = np.array(ImageOps.exif_transpose(image).convert("RGBA"))
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise SemantifyError(f"{path.name}: is no picture that can be read ({error})") from error
    return Picture(pixels, path.name)


def fitted(path: Path, row: dict[str, str], expected: bool, tools: Tools, refined: bool) -> Photograph:
    """Read, cut and fit one. row: its labels. expected: whether it shows the mapper's subject. refined: refine, too."""
    start = time.perf_counter()
    picture = None
    try:
        picture = read_photograph(path)
        read = time.perf_counter()
        cut = tools.cut(picture)
    except SemantifyError as error:
        return Photograph(path.name, row, expected, refused=str(error), picture=picture)
    looked = time.perf_counter()
    fit = tools.fit([cut])
    seconds = (read - start, looked - read, time.perf_counter() - looked)
    held = fit.poses[0] if fit.poses else None
    vertices = tools.model.vertices(fit.coefficients)
    view = fit.views[0] if fit.views else ViewAngles()
    camera = camera_of_cut(vertices, view, cut.mask) if held is None else held.camera
    turns = {} if held is None else {name: from_vectors(vector) for name, vector in held.turns.items()}
    first = _seen(tools, cut, fit, camera, turns, "" if held is None else held.worn)
    yaw = None if cut.body is None else trunk_yaw(cut.body)
    found = Photograph(path.name, row, expected, "", cut, picture, first, None, None, seconds, yaw, fit.notes)
    if not refined or cut.mask is None:
        return found
    better = refine(tools.model, Rig.of(tools.model), [cut], fit.estimate, Known(), shown=fit.shown)
    nothing = np.zeros(len(tools.mapper.descriptors))
    again = refined_fit(
        fit, better.coefficients, better.covariance, tools.fitter, tools.mapper, tools.model, Known(),
        nothing.astype(bool), nothing.astype(np.float32), cut.photographed,
    )  # fmt: skip
    limbs = better.limbs[0] if better.limbs else {}
    last = _seen(tools, cut, again, better.cameras[0], limbs, better.worn[0])
    return replace(found, refined=last, measure=(better.measure_before, better.measure_after))


def _posed(model: MorphableModel, fit: Fit, turns: dict[str, np.ndarray]) -> np.ndarray:
    vertices = model.vertices(fit.coefficients)
    rig = Rig.of(model) if turns else None
    return vertices if rig is None else rig.pose(vertices, turns)


def _seen(tools: Tools, cut: Cut, fit: Fit, camera: Camera, turns: dict[str, np.ndarray], worn: str) -> Seen:
    """worn: the outfit whose outline is compared, empty for none."""
    size, posed = len(cut.pixels), _posed(tools.model, fit, turns)
    drawn = tools.model.dressed(worn).model if worn else tools.model
    coverage = silhouette(drawn, camera.project(_posed(drawn, fit, turns) if worn else posed, size), size, 2)
    iou = float("nan")
    if cut.mask is not None:
        inside = _in_picture(cut)
        mask, seen = cut.mask[inside], coverage[inside]
        iou = float(np.minimum(mask, seen).sum() / max(float(np.maximum(mask, seen).sum()), 1e-6))
    return Seen(fit, coverage, iou, _joints(tools, cut, posed, camera), camera.yaw)


def _in_picture(cut: Cut) -> np.ndarray:
    """(S, S) bool without what lies beyond the sides at which the figure is cut off: there is no mask to agree with."""
    assert cut.mask is not None
    inside = np.ones(cut.mask.shape, bool)
    rows, columns = np.flatnonzero(cut.mask.max(1) > 0.5), np.flatnonzero(cut.mask.max(0) > 0.5)
    if not len(rows):
        return inside
    if "top" in cut.cut_off:
        inside[: rows[0]] = False
    if "bottom" in cut.cut_off:
        inside[rows[-1] + 1 :] = False
    if "left" in cut.cut_off:
        inside[:, : columns[0]] = False
    if "right" in cut.cut_off:
        inside[:, columns[-1] + 1 :] = False
    return inside


def _joints(tools: Tools, cut: Cut, posed: np.ndarray, camera: Camera) -> float | None:
    points = BodyPoints.of(tools.model)
    if cut.body is None or points is None:
        return None
    at = camera.project(points.at(posed), len(cut.pixels))
    counted = (cut.body.seen > _SURE) & points.known
    if not counted.any():
        return None
    tall = float(np.ptp(cut.body.points[counted, 1]))
    return float(np.linalg.norm(at - cut.body.points, axis=1)[counted].mean() / max(tall, 1.0))


def trunk_yaw(body: BodyLandmarks) -> float:
    """The yaw that the 3D joints of shoulders and hips tell, degrees, as `ViewAngles` counts it."""
    across = body.world[[11, 23]].mean(0) - body.world[[12, 24]].mean(0)
    # from the person's right to its left: to the picture's right where it is seen from the front
    return float(np.degrees(np.arctan2(across[2], across[0]))) * -1.0
