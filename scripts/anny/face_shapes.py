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
            names = [n for n in (label, f"l-{label}", f"r-{label}") if n in source.anny.local_change_labels]
            if not names:
                raise KeyError(f"this version of anny has no local change {label!r}")
            for name in names:
                local[name] = local.get(name, 0.0) + share * drawn[latent]
    shapes = source.shapes(phenotypes, {name: np.clip(value, -1.0, 1.0) for name, value in local.items()})
    return Heads(shapes - skull_centre(source, shapes), {**drawn, "gender": phenotypes["gender"]})


def skull_centre(source: HeadSource, shapes: np.ndarray) -> np.ndarray:
    """(N, 1, 3) centroid of what follows the head bone; shapes: (N, V, 3)."""
    skull = source.parts.influence("head")[source.vertex_numbers] > 0.9
    return shapes[:, skull].mean(1, keepdims=True)
