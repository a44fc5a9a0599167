"""`semantify evaluate --image-to-shape`: how far fitted shapes are from the true ones, against simpler ways."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge

from ...core.errors import SemantifyError
from ...core.files.writing import write_json
from ...core.finders.subjects import kind_of
from ...core.fitting.fit import Fit, fit_pictures, language_of
from ...core.fitting.fitter import Fitter
from ...core.fitting.known import Known
from ...core.fitting.sizes import PHOTOGRAPHED, Size, sizes_of
from ...core.fitting.sizes import REFINED as SPREAD_REFINED
from ...core.mapper import Mapper
from ...core.model.gradients import WEIGHT
from ...core.model.measurements import measure
from ...core.model.morphable_model import MorphableModel
from ...core.pictures.crop import Cut
from ..telling import Teller
from .known_figures import known_figures
from .picture_encoder import PictureEncoder
from .spread import true_sizes
from .unseen_pictures import REFINED_BEHIND, PicturedShape, cuts_of, pictured_shapes

FIGURES = "image_to_shape.json"
GIRTHS = ("chest girth", "waist girth", "hip girth")
SCORED_ROW = "d scores of the look-robust encoder -> mapper"
PAPER_ROW = "paper: d CLIP scores -> mapper"
OURS, REFINED = "ours: whole embedding", "ours, refined"
POINTLESS = "ours, without the points of the face"
Shape = tuple[np.ndarray, dict[str, Size]]
"""Coefficients (K,), and what is said of sizes and how sure they are."""
Method = Callable[[Sequence[Cut], Known], Shape]
"""Pictures of one subject and what is known of it -> its shape."""


@dataclass(frozen=True)
class Compared:
    """What the compared methods work with.

    ridge: from an embedding (D,) to (K,). clip: the mapper's own CLIP, as an encoder.
    """

    model: MorphableModel
    mapper: Mapper
    fitter: Fitter
    encoder: PictureEncoder
    ridge: Ridge
    clip: PictureEncoder


def ridge_of(embeddings: np.ndarray, coefficients: np.ndarray, strength: float = 1e-3) -> Ridge:
    """Regression with a penalty, a share of the embeddings' variance. embeddings: (N, D). coefficients: (N, K)."""
    x = embeddings.astype(np.float64)
    return Ridge(strength * len(x) * x.var(), solver="cholesky").fit(x, coefficients)


def methods_of(tools: Compared, refine: bool = True) -> dict[str, Method]:
    """Row name -> method, the simplest first."""
    found: dict[str, Method] = {
        "mean shape": lambda cuts, known: (tools.fitter.prior_mean.copy(), {}),
        "ridge on the embedding": lambda cuts, known: (_ridge(tools, cuts), {}),
    }
    # scores of another CLIP than the mapper's would be compared with nothing
    for name, encoder in ((PAPER_ROW, tools.clip), (SCORED_ROW, tools.encoder)):
        if encoder.clip_checksum == language_of(tools.mapper):
            found[name] = partial(_by_scores, tools, encoder)
    if kind_of(tools.model) == "face":
        found[POINTLESS] = partial(_pointless, tools)
    found[OURS] = partial(_ours, tools)
    if refine:
        found[REFINED] = partial(_refined, tools)
    return found


def _ridge(tools: Compared, cuts: Sequence[Cut]) -> np.ndarray:
    embedded = tools.encoder.embed(np.stack([cut.pixels for cut in cuts]))
    return tools.ridge.predict(embedded.astype(np.float64)).mean(0)


def _by_scores(tools: Compared, encoder: PictureEncoder, cuts: Sequence[Cut], known: Known) -> Shape:
    # the paper has no points of a face
    seen = [replace(cut, face=None) for cut in cuts]
    return fit_pictures(seen, encoder, None, tools.mapper, tools.model).coefficients, {}


def _fit(tools: Compared, cuts: Sequence[Cut], known: Known) -> Fit:
    return fit_pictures(cuts, tools.encoder, tools.fitter, tools.mapper, tools.model, known)


def _ours(tools: Compared, cuts: Sequence[Cut], known: Known) -> Shape:
    found = _fit(tools, cuts, known)
    return found.coefficients, found.measures


def _pointless(tools: Compared, cuts: Sequence[Cut], known: Known) -> Shape:
    return _ours(tools, [replace(cut, face=None) for cut in cuts], known)


def _refined(tools: Compared, cuts: Sequence[Cut], known: Known) -> Shape:
    from ...core.fitting.refine import refine
    from ...core.model.posing import Rig

    found = refine(tools.model, Rig.of(tools.model), cuts, _fit(tools, cuts, known).estimate, known)
    if found.measure_after > found.measure_before + 1e-9:
        worse = f"{found.measure_before} -> {found.measure_after}"
        raise SemantifyError(f"refining made a shape worse by its own measure ({worse}), which it must never do")
    photographed = any(cut.photographed for cut in cuts)
    spread = tools.fitter.spread.get(PHOTOGRAPHED if photographed else SPREAD_REFINED)
    return found.coefficients, sizes_of(tools.model, found.coefficients, found.covariance, known, spread)


def errors(
    model: MorphableModel, coefficients: np.ndarray, truth: np.ndarray, said: Mapping[str, Size] = MappingProxyType({})
) -> dict[str, float]:
    """One shape's errors: mean distance of vertices in mm, and of measurements in cm and kg.

    coefficients: (K,). truth: (V, 3) metres. said: of its sizes. raw: both as they stand (on the floor, where the model
    has one). height-aligned: the fitted shape scaled to the true height, then centroid on centroid. centroid-aligned:
    not scaled. "NAME inside" is 1 where the true value lies within one deviation of what is said.
    """
    found = model.vertices(coefficients)
    standing = model.framing

    def distance(one: np.ndarray, other: np.ndarray) -> float:
        return float(1000 * np.linalg.norm(one - other, axis=1).mean())

    def centred(vertices: np.ndarray) -> np.ndarray:
        return vertices - vertices.mean(0)

    scale = np.ptp(truth[:, 2]) / np.ptp(found[:, 2])
    result = {
        "raw": distance(standing.place(centred(found)), standing.place(centred(truth)))
        if standing.floor
        else distance(found, truth),
        "height-aligned": distance(centred(found) * scale, centred(truth)),
        "centroid-aligned": distance(centred(found), centred(truth)),
    }
    if standing.floor:
        mine, theirs = (measure(model, vertices) for vertices in (found, truth))
        for name in ("height", *GIRTHS):
            if name in theirs:
                result[f"{name} cm"] = float(100 * abs(mine[name][0] - theirs[name][0]))
        true = true_sizes(model, truth)
        if WEIGHT in said:
            result["weight kg"] = abs(said[WEIGHT].value - true[WEIGHT])
        for name, size in said.items():
            if size.deviation is not None:
                result[f"{name} inside"] = float(abs(size.value - true[name]) <= size.deviation)
    return result


def evaluate_fits(
    tools: Compared,
    found: Sequence[PicturedShape],
    truth: np.ndarray,
    teller: Teller,
    refine: bool = True,
) -> tuple[dict[str, Any], dict[str, int]]:
    """Every method on every subject: one picture and two, with the height known and not.

    found: subjects with their pictures by backdrop. truth: (N, V, 3) metres. Returns case -> method -> means, and with
    "each" every subject's centroid-aligned error; and how many subjects were refused before a backdrop, which do not
    count.
    """
    floor = tools.model.framing.floor
    methods = methods_of(tools, refine)
    refused: dict[str, int] = {}
    rows: dict[str, dict[str, list[dict[str, float]]]] = {}
    for number, subject in enumerate(found):
        shape = truth[subject.number].astype(np.float32)
        for backdrop in subject.pictures:
            refined = refine and backdrop in REFINED_BEHIND
            cuts = cuts_of(subject, backdrop, tools.model, tools.encoder.size, refined)
            if cuts is None:
                refused[backdrop] = refused.get(backdrop, 0) + 1
                continue
            for count in range(1, len(cuts) + 1):
                for height in (False, True) if floor else (False,):
                    known = Known(float(np.ptp(shape[:, 2]))) if height else Known()
                    case = f"{backdrop}, {count} picture{'s' * (count > 1)}{', height known' * height}"
                    for name, method in methods.items():
                        if (height and name not in (OURS, REFINED)) or (name == REFINED and not refined):
                            continue
                        coefficients, said = method(cuts[:count], known)
                        error = errors(tools.model, coefficients, shape, said)
                        rows.setdefault(case, {}).setdefault(name, []).append(error)
        teller.images(number + 1, len(found), 0.0)
    for backdrop, number in refused.items():
        teller.note(f"{backdrop}: {number} of {len(found)} subjects were refused and do not count")
    cases = {
        case: {
            name: {key: float(np.mean([one[key] for one in every])) for key in every[0]}
            | {"each": [round(one["centroid-aligned"], 2) for one in every]}
            for name, every in by_name.items()
        }
        for case, by_name in rows.items()
    }
    return cases, refused


def table(figures: dict[str, Any]) -> str:
    """The figures as Markdown, one table a case."""
    parts = []
    for case, rows in figures["cases"].items():
        # not all methods tell all
        keys = [key for key in dict.fromkeys(key for row in rows.values() for key in row) if key != "each"]
        lines = [f"**{case}**", "", f"| | {' | '.join(keys)} |", f"|---{'|---:' * len(keys)}|"]
        lines += [f"| {name} | {' | '.join(_cell(row, key) for key in keys)} |" for name, row in rows.items()]
        parts.append("\n".join(lines))
    if figures.get("known"):
        parts.append(_known_table(figures["known"]))
    return "\n\n".join(parts)


def _known_table(known: dict[str, dict[str, float]]) -> str:
    keys = list(dict.fromkeys(key for row in known.values() for key in row))
    units = {key: ("mm", 1.0) if key == "vertices" else ("kg", 1.0) if key == WEIGHT else ("cm", 100.0) for key in keys}
    lines = ["**known of the subject, 1 picture cut out**", ""]
    lines += [f"| | {' | '.join(f'{key} {units[key][0]}' for key in keys)} |", f"|---{'|---:' * len(keys)}|"]
    for case, row in known.items():
        lines.append(f"| {case} | {' | '.join(f'{units[k][1] * row[k]:.1f}' if k in row else '' for k in keys)} |")
    return "\n".join(lines)


def _cell(row: dict[str, Any], key: str) -> str:
    if key not in row:
        return ""
    return f"{100 * row[key]:.0f} %" if key.endswith(" inside") else f"{row[key]:.1f}"


def run(
    tools: Compared,
    datasets: Sequence[Path],
    truth: np.ndarray,
    out: Path,
    teller: Teller,
    refine: bool = True,
) -> dict[str, Any]:
    """Evaluate on rendered datasets of look "unseen" and write `image_to_shape.json`.

    truth: (N, V, 3) metres, what the model should give for the datasets' samples, one dataset after the other.
    """
    found = pictured_shapes(datasets)
    if len(found) != len(truth):
        raise SemantifyError(f"{len(found)} subjects were rendered, but there are {len(truth)} true shapes")
    cases, refused = evaluate_fits(tools, found, truth, teller, refine)
    figures: dict[str, Any] = {
        "model": tools.model.name,
        "encoder": tools.encoder.name,
        "subjects": len(found),
        "datasets": [path.name for path in datasets],
        "refused": refused,
        "cases": cases,
    }
    if tools.model.framing.floor:
        teller.step("Fitting with what may be known of a subject")
        figures["known"] = known_figures(tools.model, partial(_fit, tools), found, truth, tools.encoder.size)
    write_json(out / FIGURES, figures)
    return figures
