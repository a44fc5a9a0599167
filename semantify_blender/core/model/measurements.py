"""Anthropometry of a model's shapes: lengths, girths and ratios from the mesh itself, traits from the coefficients.

A model that can be measured carries, in `MorphableModel.extra`:
    girth/<name>/edges (P, 2) and girth/<name>/weights (P,): a closed loop, point p = (1 − w)·v[e0] + w·v[e1], in order;
    landmark/<name> (n,): vertices whose mean is a body landmark;
    span/<name>/a, /b (n,), (m,) vertices and span/<name>/axis (3,): how far the mean of a lies beyond that of b;
    trait/<name> (1 + K + K(K+1)/2,): a quadratic in ξ that predicts a trait of the source model (muscle, gender, …);
    action/<name> (K,): a linear function of ξ, how far a motion of the source model goes (0 at rest, 1 in full): a
    facial action, or all muscles growing.
"""

from collections.abc import Callable

import numpy as np

from ..errors import SemantifyError
from .morphable_model import MorphableModel

BODY_DENSITY = 1010.0
"""kg/m³, of adults after breathing out; turns the mesh's volume into a mass."""
_SHORTEST = 1e-6
"""Metres: what proportions are divided by at least, so that a shape without extent has finite ones."""


def measure(
    model: MorphableModel, vertices: np.ndarray, coefficients: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Measure shapes of `model`.

    vertices: (N, V, 3) or (V, 3), metres, Z up. coefficients: (N, K) if known, else recovered from the vertices.
    Returns name -> (N,) float64: "height", girths and spans in metres, "bmi" in kg/m², ratios without unit, traits in
    0..1, actions around 0..1.
    Raises SemantifyError when the vertices are not of this model.
    """
    vertices = np.asarray(vertices, np.float32)
    if vertices.shape[-2:] != model.template.shape:
        raise SemantifyError(f"vertices have shape {vertices.shape}, but model {model.name!r} has {model.vertex_count}")
    vertices = vertices.reshape(-1, *model.template.shape)
    found = {"height": height(vertices)}
    found |= _girths(model, vertices)
    found |= _spans(model, vertices)
    found |= _body_lengths(model, vertices)
    if "girth/waist/edges" in model.extra:
        mass = BODY_DENSITY * volume(model, vertices)
        found["bmi"] = mass / np.maximum(found["height"], _SHORTEST) ** 2
        found |= _body_ratios(found)
    if any(name.startswith(("trait/", "action/")) for name in model.extra):
        if coefficients is None:
            coefficients = project(model, vertices)
        found |= _learnt(model, np.asarray(coefficients, np.float64).reshape(len(vertices), -1))
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def height(vertices: np.ndarray) -> np.ndarray:
    """Extent along Z. vertices: (..., V, 3). Returns (...,) metres."""
    z = vertices[..., 2]
    return z.max(-1) - z.min(-1)


def volume(model: MorphableModel, vertices: np.ndarray) -> np.ndarray:
    """Enclosed volume by the divergence theorem. vertices: (N, V, 3). Returns (N,) cubic metres."""
    corners = vertices[:, model.triangles]
    return np.abs(np.einsum("nti,nti->n", np.cross(corners[:, :, 0], corners[:, :, 1]), corners[:, :, 2])) / 6.0


def project(model: MorphableModel, vertices: np.ndarray) -> np.ndarray:
    """Least-squares coefficients of shapes. vertices: (N, V, 3). Returns (N, K) in standard deviations."""
    return projector(model)(vertices)


def projector(model: MorphableModel) -> Callable[[np.ndarray], np.ndarray]:
    """`project` for many calls: what it needs of the basis is worked out once."""
    basis = model.basis.reshape(model.component_count, -1).astype(np.float64)
    gram = basis @ basis.T

    def nearest(vertices: np.ndarray) -> np.ndarray:
        offsets = (vertices - model.template).reshape(len(vertices), -1)
        # as `solve`, and also for a model with a component that moves nothing or does what another does
        return np.linalg.lstsq(gram, basis @ offsets.T, rcond=None)[0].T

    return nearest


def quadratic_terms(coefficients: np.ndarray) -> np.ndarray:
    """1, ξ_i and ξ_i·ξ_j for i ≤ j. coefficients: (N, K). Returns (N, 1 + K + K(K+1)/2) float64."""
    coefficients = np.asarray(coefficients, np.float64)
    i, j = np.triu_indices(coefficients.shape[1])
    return np.concatenate(
        [np.ones((len(coefficients), 1)), coefficients, coefficients[:, i] * coefficients[:, j]], axis=1
    )


def _learnt(model: MorphableModel, coefficients: np.ndarray) -> dict[str, np.ndarray]:
    """What is told from the coefficients (N, K) themselves: traits and facial actions."""
    found = {}
    terms = quadratic_terms(coefficients)
    for key, weights in model.extra.items():
        kind, _, name = key.partition("/")
        if kind == "trait":
            found[name] = np.clip(terms @ weights.astype(np.float64), 0.0, 1.0)
        elif kind == "action":
            found[name] = coefficients @ weights.astype(np.float64)
    return found


def _spans(model: MorphableModel, vertices: np.ndarray) -> dict[str, np.ndarray]:
    found = {}
    for key in model.extra:
        if key.startswith("span/") and key.endswith("/axis"):
            name = key.split("/")[1]
            a, b = (vertices[:, model.extra[f"span/{name}/{end}"].astype(np.int64)].mean(1) for end in "ab")
            found[name] = (a - b) @ model.extra[key].astype(np.float32)
    return found


def _girths(model: MorphableModel, vertices: np.ndarray) -> dict[str, np.ndarray]:
    found = {}
    for key in model.extra:
        if key.startswith("girth/") and key.endswith("/edges"):
            name = key.split("/")[1]
            edges = model.extra[key].astype(np.int64)
            w = model.extra[f"girth/{name}/weights"].astype(np.float32)[:, None]
            loop = vertices[:, edges[:, 0]] * (1 - w) + vertices[:, edges[:, 1]] * w
            found[f"{name} girth"] = np.linalg.norm(loop - np.roll(loop, 1, axis=1), axis=-1).sum(1)
    return found


def _body_lengths(model: MorphableModel, vertices: np.ndarray) -> dict[str, np.ndarray]:
    def landmark(name: str) -> np.ndarray:
        return vertices[:, model.extra[f"landmark/{name}"].astype(np.int64)].mean(1)

    if not {"landmark/crotch", "landmark/neck", "landmark/shoulder.L", "landmark/shoulder.R"} <= model.extra.keys():
        return {}
    floor = vertices[..., 2].min(-1)
    crotch, neck = landmark("crotch")[:, 2], landmark("neck")[:, 2]
    return {
        "leg length": crotch - floor,
        "torso length": neck - crotch,
        "shoulder width": np.linalg.norm(landmark("shoulder.L") - landmark("shoulder.R"), axis=-1),
    }


def _body_ratios(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The proportions that words speak of; each divides out overall size."""
    tall, hips = (np.maximum(found[name], _SHORTEST) for name in ("height", "hip girth"))
    chest = np.maximum(found["chest girth"], _SHORTEST)
    return {
        "leg ratio": found["leg length"] / tall,
        "torso ratio": found["torso length"] / tall,
        "shoulder ratio": found["shoulder width"] / tall,
        "chest ratio": found["chest girth"] / tall,
        "waist ratio": found["waist girth"] / tall,
        "hip ratio": found["hip girth"] / tall,
        "thigh ratio": found["thigh girth"] / tall,
        "waist to hip": found["waist girth"] / hips,
        "chest to hip": found["chest girth"] / hips,
        "belly to chest": found["belly girth"] / chest,
        "shoulder to hip": found["shoulder width"] / hips,
    }
