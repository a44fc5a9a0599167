"""`semantify evaluate --photographs`: what fits make of photographs, against labels that people gave them."""

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import stats

from ...core.errors import FileFormatError, SemantifyError
from ...core.files.writing import make_folder, write_json
from ...core.finders.subjects import kind_of
from ...core.fitting.camera import Camera, ViewAngles, camera_of_cut
from ...core.fitting.choose import Shelf, Tools, choose
from ...core.fitting.fit import Fit, refined_fit
from ...core.fitting.known import Known
from ...core.fitting.refine import refine
from ...core.fitting.silhouette import silhouette
from ...core.library import load_mapper, load_model
from ...core.model.body_points import BodyPoints
from ...core.model.posing import Rig
from ...core.model.rotations import from_vectors
from ...core.pictures.crop import Cut
from ...core.pictures.landmarks import BodyLandmarks
from ...core.pictures.picture import Picture
from ..statistics import spearman
from ..telling import Tell, Teller

FIGURES, SHEET = "photographs.json", "photographs.png"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
SLIDER_OF = {"fatness": "fat", "muscle": "muscular"}
"""Columns of labels whose names are no slider's own."""
_DRAWS = 2000
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


def measure_photographs(
    folder: Path,
    mapper: str | Path,
    out: Path,
    *,
    labels: Path | None = None,
    model: str | Path | None = None,
    refined: bool = True,
    progress: Tell | None = None,
) -> dict[str, Any]:
    """Fit all photographs of a folder as the panel does, and write figures and a sheet to look at into `out`.

    labels: a table of tab-separated columns; "file" names pictures, "kind" (body, face, animal) says what they show:
    those of the mapper's kind should be found and all others refused. A column named like a slider (or fatness, muscle)
    is compared with it by ranks. Without it all pictures of the folder should be found. refined: refine, too.
    Raises SemantifyError without pictures, FileFormatError for labels that are none.
    """
    opened = load_mapper(mapper)
    shape = load_model(model or opened.model_name)
    tools = choose(opened, shape, Shelf())
    kind = kind_of(shape)
    teller = Teller(progress)
    rows = _rows(folder, labels)
    make_folder(out)
    found = []
    for number, row in enumerate(rows):
        expected = row.get("kind", kind) == kind
        found.append(_fitted(folder / row["file"], row, expected, tools, refined))
        teller.images(number + 1, len(rows), 0.0)
    figures = {"mapper": opened.model_name, "kind": kind, **_figures(found, tools)}
    write_json(out / FIGURES, figures)
    from .photograph_sheet import save_sheet

    save_sheet(out / SHEET, found)
    return figures


def _rows(folder: Path, labels: Path | None) -> list[dict[str, str]]:
    """One row a picture, with "file"."""
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


def _fitted(path: Path, row: dict[str, str], expected: bool, tools: Tools, refined: bool) -> Photograph:
    start = time.perf_counter()
    try:
        picture = read_photograph(path)
        read = time.perf_counter()
        cut = tools.cut(picture)
    except SemantifyError as error:
        return Photograph(path.name, row, expected, refused=str(error))
    looked = time.perf_counter()
    fit = tools.fit([cut])
    seconds = (read - start, looked - read, time.perf_counter() - looked)
    held = fit.poses[0] if fit.poses else None
    vertices = tools.model.vertices(fit.coefficients)
    view = fit.views[0] if fit.views else ViewAngles()
    camera = camera_of_cut(vertices, view, cut.mask) if held is None else held.camera
    turns = {} if held is None else {name: from_vectors(vector) for name, vector in held.turns.items()}
    first = _seen(tools, cut, fit, camera, turns)
    yaw = None if cut.body is None else trunk_yaw(cut.body)
    told = {"picture": picture, "cut": cut, "first": first, "seconds": seconds, "told_yaw": yaw, "notes": fit.notes}
    if not refined or cut.mask is None:
        return Photograph(path.name, row, expected, **told)
    better = refine(tools.model, Rig.of(tools.model), [cut], fit, Known())
    nothing = np.zeros(len(tools.mapper.descriptors))
    again = refined_fit(
        fit, better.coefficients, better.covariance, tools.fitter, tools.mapper, tools.model, Known(),
        nothing.astype(bool), nothing.astype(np.float32),
    )  # fmt: skip
    limbs = better.limbs[0] if better.limbs else {}
    last = _seen(tools, cut, again, better.cameras[0], limbs)
    measure = (better.measure_before, better.measure_after)
    return Photograph(path.name, row, expected, refined=last, measure=measure, **told)


def _seen(tools: Tools, cut: Cut, fit: Fit, camera: Camera, turns: dict[str, np.ndarray]) -> Seen:
    model, size = tools.model, len(cut.pixels)
    vertices = model.vertices(fit.coefficients)
    rig = Rig.of(model) if turns else None
    posed = vertices if rig is None else rig.pose(vertices, turns)
    coverage = silhouette(model, camera.project(posed, size), size, 2)
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


def _figures(found: Sequence[Photograph], tools: Tools) -> dict[str, Any]:
    wanted = [one for one in found if one.expected]
    fitted = [one for one in wanted if one.first is not None]
    others = [one for one in found if not one.expected]
    figures: dict[str, Any] = {
        "found": [len(fitted), len(wanted)],
        "refused": [sum(one.first is None for one in others), len(others)],
        "photographs": [_told(one, tools) for one in found],
    }
    times = np.array([sum(one.seconds) for one in fitted])
    if len(times):
        figures["seconds"] = {"median": float(np.median(times)), "most": float(times.max())}
        figures["seconds"] |= {
            part: float(np.median([one.seconds[i] for one in fitted])) for i, part in enumerate(("read", "find", "fit"))
        }
    for stage in ("first", "refined"):
        seen = [(one, getattr(one, stage)) for one in fitted if getattr(one, stage) is not None]
        if seen:
            figures[stage] = _stage(seen, tools)
    return figures


def _stage(seen: Sequence[tuple[Photograph, Seen]], tools: Tools) -> dict[str, Any]:
    found: dict[str, Any] = {"iou": float(np.nanmean([one.iou for _, one in seen]))}
    joints = [one.joints for _, one in seen if one.joints is not None]
    if joints:
        found["joints"] = float(np.mean(joints))
    yaws = [_between(one.yaw, photo.told_yaw) for photo, one in seen if photo.told_yaw is not None]
    if yaws:
        found["view"] = {"median": float(np.median(yaws)), "most": float(np.max(yaws))}
    heights = [float(np.ptp(tools.model.vertices(one.fit.coefficients)[:, 2])) for _, one in seen]
    if tools.model.framing.floor:
        found["height"] = [min(heights), max(heights)]
    words = tools.mapper.descriptors
    found["ranks"] = {}
    for column in {name: None for photo, _ in seen for name in photo.labels}:
        word = SLIDER_OF.get(column, column)
        if word not in words:
            continue
        pairs = [(one.fit.sliders[words.index(word)], photo.labels[column]) for photo, one in seen]
        numbers = np.array([(value, float(label)) for value, label in pairs if _is_number(label)])
        if len(numbers) > 2:
            found["ranks"][word] = {"spearman": spearman(*numbers.T), "interval": _interval(numbers), "n": len(numbers)}
    return found


def _interval(numbers: np.ndarray) -> list[float]:
    """95 % bootstrap interval of the rank correlation. numbers: (N, 2)."""
    result = stats.bootstrap(
        (numbers[:, 0], numbers[:, 1]), spearman, paired=True, vectorized=False, n_resamples=_DRAWS,
        method="percentile", rng=0,
    )  # fmt: skip
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def _told(one: Photograph, tools: Tools) -> dict[str, Any]:
    told: dict[str, Any] = {"file": one.name, "expected": one.expected, "labels": one.labels}
    if one.first is None or one.cut is None:
        return told | {"refused": one.refused}
    told |= {"figure": one.cut.source, "seconds": [round(value, 3) for value in one.seconds], "notes": list(one.notes)}
    told["view told by joints"] = None if one.told_yaw is None else round(one.told_yaw, 1)
    told["measure"] = None if one.measure is None else [round(value, 4) for value in one.measure]
    for name, seen in (("first", one.first), ("refined", one.refined)):
        if seen is not None:
            words = zip(tools.mapper.descriptors, seen.fit.sliders.tolist(), strict=True)
            told[name] = {
                "sliders": {word: round(value, 3) for word, value in words},
                "iou": None if np.isnan(seen.iou) else round(seen.iou, 4),
                "joints": None if seen.joints is None else round(seen.joints, 4),
                "yaw": round(seen.yaw, 1),
                "measures": {size: value.told() for size, value in seen.fit.measures.items()},
            }
    return told


def _between(one: float, other: float) -> float:
    """Degrees between two angles."""
    return abs((one - other + 180) % 360 - 180)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def table(figures: dict[str, Any]) -> str:
    """The figures for people, as Markdown."""
    found, refused = figures["found"], figures["refused"]
    lines = [
        f"found {found[0]} of {found[1]} pictures of the mapper's kind, refused {refused[0]} of {refused[1]} others"
    ]
    if "seconds" in figures:
        s = figures["seconds"]
        lines.append(
            f"time a picture: median {s['median']:.2f} s (read {s['read']:.2f}, find {s['find']:.2f}, fit "
            f"{s['fit']:.2f}), most {s['most']:.2f} s"
        )
    for stage, name in (("first", "fitted"), ("refined", "refined")):
        if stage in figures:
            lines.append(_line(name, figures[stage]))
    words = list(next((one["first"]["sliders"] for one in figures["photographs"] if "first" in one), {}))
    lines += ["", f"| picture | {' | '.join(words)} | outline | joints | yaw |", f"|---|{'---:|' * (len(words) + 3)}"]
    for one in figures["photographs"]:
        if "first" not in one:
            lines.append(f"| {one['file']} | {one['refused']} |")
            continue
        for stage in ("first", "refined"):
            if stage in one:
                seen = one[stage]
                cells = [f"{value:+.2f}" for value in seen["sliders"].values()]
                cells += ["" if seen["iou"] is None else f"{seen['iou']:.2f}"]
                cells += ["" if seen["joints"] is None else f"{100 * seen['joints']:.1f} %", f"{seen['yaw']:.0f}°"]
                lines.append(f"| {one['file']}{', refined' * (stage == 'refined')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _line(name: str, stage: dict[str, Any]) -> str:
    parts = [f"outline IoU {stage['iou']:.3f}"]
    if "joints" in stage:
        parts.append(f"joints {100 * stage['joints']:.1f} % of the height")
    if "view" in stage:
        parts.append(f"yaw from the joints' by {stage['view']['median']:.0f}° (most {stage['view']['most']:.0f}°)")
    if "height" in stage:
        parts.append(f"heights {stage['height'][0]:.2f} to {stage['height'][1]:.2f} m")
    for word, rank in stage["ranks"].items():
        low, high = rank["interval"]
        parts.append(f"Spearman of {word} {rank['spearman']:.2f} [{low:.2f}, {high:.2f}], n {rank['n']}")
    return f"{name}: {'; '.join(parts)}"
