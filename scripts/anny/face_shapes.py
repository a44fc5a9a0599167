"""Random face shapes from Anny: which of its values vary, and by how much."""

import numpy as np

from scripts.anny.face import YOUNG_ADULT, Heads, HeadSource

LATENTS: dict[str, tuple[float, dict[str, float]]] = {
    # latent: (standard deviation, {local change without side: weight}); sides are always tied
    "fatness": (0.45, {"head-fat-incr": 1.0, "neck-double-incr": 0.7, "measure-neck-circ-incr": 0.6}),
    "neck": (0.42, {"measure-neck-height-incr": 1.0, "neck-scale-vert-incr": 0.7}),
    "forehead": (0.42, {"forehead-scale-vert-incr": 1.0, "forehead-trans-forward": 0.5}),
    "nose": (0.5, {"nose-scale-depth-incr": 1.0, "nose-trans-forward": 0.6, "nose-volume-incr": 0.4}),
    "ears": (0.6, {"ear-wing-incr": 1.0, "ear-flap-incr": 0.5, "ear-scale-incr": 0.35}),
    "chin": (
        0.5,
        {"chin-height-incr": 1.0, "chin-prominent-incr": 0.8, "chin-width-incr": 0.6, "chin-bones-incr": 0.5},
    ),
    "length": (0.4, {"head-scale-vert-incr": 1.0}),
    "width": (0.3, {"head-scale-horiz-incr": 1.0}),
    "cheeks": (0.55, {"cheek-volume-incr": 1.0, "cheek-inner-incr": 0.4}),
    "size": (
        0.5,
        {"head-scale-vert-incr": 0.6, "head-scale-horiz-incr": 0.7, "head-scale-depth-incr": 0.8},
    ),
}  # fmt: skip


def sample(source: HeadSource, count: int, seed: int) -> Heads:
    """Heads at rest, the skull's centroid (not the neck's) of each at the origin."""
    rng = np.random.default_rng([seed, 11])
    ancestry = rng.dirichlet([1.0, 1.0, 1.0], count).T
    phenotypes = {
        "gender": rng.beta(0.6, 0.6, count),
        "age": YOUNG_ADULT + rng.uniform(-0.04, 0.2, count),
        "african": ancestry[0],
        "asian": ancestry[1],
        "caucasian": ancestry[2],
    }
    local: dict[str, np.ndarray] = {}
    drawn = {}
    for latent, (deviation, parts) in LATENTS.items():
        drawn[latent] = rng.normal(0.0, deviation, count)
        for label, share in parts.items():
            for name in _sides(source, label):
                local[name] = local.get(name, 0.0) + share * drawn[latent]
    shapes = source.shapes(phenotypes, {name: np.clip(value, -1.0, 1.0) for name, value in local.items()})
    shapes -= skull_centre(source, shapes)
    count = len(source.vertex_numbers)
    return Heads(shapes[:, :count], shapes[:, count:], {**drawn, "gender": phenotypes["gender"]})


def motions(source: HeadSource) -> dict[str, np.ndarray]:
    """Name -> (V, 3) metres: what heads are made of, one by one on the neutral head, the skull staying in place."""
    middle = {name: np.array([0.5]) for name in ("gender", "african", "asian", "caucasian")} | {
        "age": np.array([YOUNG_ADULT])
    }
    ends: dict[str, tuple[dict[str, float], dict[str, float]]] = {
        "gender": ({"gender": 1.0}, {}),
        "age": ({"age": YOUNG_ADULT + 0.2}, {}),
        "african": ({"african": 1.0, "asian": 0.0, "caucasian": 0.0}, {}),
        "asian": ({"african": 0.0, "asian": 1.0, "caucasian": 0.0}, {}),
    }
    ends |= {name: ({}, {k: share * LATENTS[name][0] for k, share in LATENTS[name][1].items()}) for name in LATENTS}
    found = {}
    count = len(source.vertex_numbers)
    for name, (phenotypes, parts) in ends.items():
        both = {key: np.array([value[0], phenotypes.get(key, value[0])]) for key, value in middle.items()}
        local = {one: np.array([0.0, value]) for label, value in parts.items() for one in _sides(source, label)}
        shapes = source.shapes(both, local)[:, :count]
        shapes -= skull_centre(source, shapes)
        found[name] = shapes[1] - shapes[0]
    return found


def _sides(source: HeadSource, label: str) -> list[str]:
    names = [name for name in (label, f"l-{label}", f"r-{label}") if name in source.anny.local_change_labels]
    if not names:
        raise KeyError(f"this version of anny has no local change {label!r}")
    return names


def skull_centre(source: HeadSource, shapes: np.ndarray) -> np.ndarray:
    """(N, 1, 3) centroid of what follows the head bone; shapes: (N, V or V + P, 3)."""
    skull = np.flatnonzero(source.parts.influence("head")[source.vertex_numbers] > 0.9)
    return shapes[:, skull].mean(1, keepdims=True)
