"""Sampling bodies from the Anny package: which traits vary, and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass

import anny
import numpy as np
import torch

from scripts.anny.relaxed import both_sides, relaxation

YOUNG_ADULT, OLDEST = 2 / 3, 0.9
"""Anny's age anchor of a young adult, and the oldest drawn; 1.0 is extreme old age."""

LOCAL_LATENTS: dict[str, tuple[float, dict[str, float]]] = {
    # latent: (standard deviation, {local change without side: weight}); sides are always tied
    # long legs come with a short torso, so that leg proportion is not just another word for height
    "legs": (0.3, {"upperlegs-height-incr": 1.0, "lowerlegs-height-incr": 1.0, "torso-scale-vert-incr": -0.9}),
    "torso": (0.12, {"torso-scale-vert-incr": 1.0}),
    "shoulders": (0.28, {"measure-shoulder-dist-incr": 1.0, "torso-scale-horiz-incr": 0.6, "torso-vshape-incr": 0.5}),
    "hips": (0.28, {"measure-hips-circ-incr": 0.9, "hip-scale-horiz-incr": 0.8, "buttocks-volume-incr": 0.6}),
    "waist": (0.35, {"measure-waist-circ-incr": 1.0}),
    "belly": (0.3, {"stomach-pregnant-incr": 1.0, "stomach-tone-incr": -0.5}),
}
# Anny's muscle and weight values move the surface by 3 mm on average: too little to see, so muscle groups and
# fat deposits follow them
MUSCLE_LOCALS = {
    "upperarm-muscle-incr": 1.0,
    "upperarm-shoulder-muscle-incr": 0.9,
    "lowerarm-muscle-incr": 0.9,
    "upperleg-muscle-incr": 0.8,
    "lowerleg-muscle-incr": 0.8,
    "torso-muscle-pectoral-incr": 0.7,
    "torso-muscle-dorsi-incr": 0.9,
}
FAT_LOCALS = {
    "measure-waist-circ-incr": 0.9,
    "measure-hips-circ-incr": 0.9,
    "measure-bust-circ-incr": 0.5,
    "measure-thigh-circ-incr": 0.6,
    "stomach-pregnant-incr": 0.6,
    "buttocks-volume-incr": 0.8,
    "torso-scale-horiz-incr": 0.2,
    "torso-scale-depth-incr": 0.7,
    "hip-scale-horiz-incr": 0.2,
    "hip-scale-depth-incr": 0.7,
    "upperleg-scale-horiz-incr": 0.2,
    "upperleg-scale-depth-incr": 0.2,
    "upperarm-fat-incr": 1.0,
    "lowerarm-fat-incr": 0.7,
    "upperleg-fat-incr": 1.0,
    "lowerleg-fat-incr": 0.7,
    "neck-double-incr": 0.6,
    "head-fat-incr": 0.5,
}
FAT_OF_MEN, FAT_OF_WOMEN = 0.65, 1.0
"""How much of these deposits follows weight: Anny's heavy women are lighter than its heavy men."""
LEAN_LOCALS = {
    "measure-waist-circ-incr": 0.35,
    "measure-hips-circ-incr": 0.25,
    "stomach-pregnant-incr": 0.25,
    "upperleg-fat-incr": 0.4,
    "lowerleg-fat-incr": 0.2,
    "neck-double-incr": 0.3,
    "head-fat-incr": 0.3,
}
"""What comes off below half weight: less than comes on above it, and nothing of the arms, or the lean have sticks."""
STARVED = 0.2
"""How much weight bodies without any muscle keep at least: Anny's own have a body mass index of 11."""
TRAITS = ("gender", "muscle", "fat", "proportions", "age")
"""Anny's own values, kept so that the model can tell them back (gender: 0 man, 1 woman; fat: see `fat_of`)."""
LEAN_SHARE = 0.25
"""Of the way from lean to fat that lies below half of Anny's weight: body mass index 18 to 22, and then up to 41."""
TYPICAL = {
    "gender": 0.5, "age": YOUNG_ADULT, "muscle": 0.5, "weight": 0.5, "height": 0.43, "proportions": 0.5,
    "cupsize": 0.5, "firmness": 0.6, "african": 1 / 3, "asian": 1 / 3, "caucasian": 1 / 3,
}  # fmt: skip


@dataclass(frozen=True)
class Bodies:
    """Sampled bodies: vertices (N, V, 3) float32, metres, feet on the floor, and each trait (N,) float64 in 0..1."""

    vertices: np.ndarray
    traits: dict[str, np.ndarray]


@dataclass(frozen=True)
class Settings:
    """What bodies are made of: phenotype name -> (N,) in 0..1, latent of LOCAL_LATENTS -> (N,)."""

    phenotype: dict[str, np.ndarray]
    latents: dict[str, np.ndarray]

    def part(self, rows: slice | np.ndarray) -> "Settings":
        """Some of them."""
        return Settings(*({key: value[rows] for key, value in one.items()} for one in (self.phenotype, self.latents)))

    def changed(self, **phenotype: float) -> "Settings":
        """The same bodies with some values set alike, to see what these move."""
        count = len(self.phenotype["gender"])
        return Settings(self.phenotype | {key: np.full(count, value) for key, value in phenotype.items()}, self.latents)


def typical(count: int = 1, **phenotype: float) -> Settings:
    """Bodies in the middle of everything but what is given."""
    values = {key: np.full(count, value) for key, value in (TYPICAL | phenotype).items()}
    return Settings(values, {name: np.zeros(count) for name in LOCAL_LATENTS})


def fat_of(weight: np.ndarray) -> np.ndarray:
    """How fat bodies of Anny's weight value look, 0 to 1, whatever their muscles."""
    return np.interp(weight, [0.0, 0.5, 1.0], [0.0, LEAN_SHARE, 1.0])


def draw(count: int, variant: str, seed: int) -> Settings:
    """Random bodies of a variant: "neutral" (mostly clearly male or female), "male" or "female".

    Muscle, weight and age are drawn apart, so that there are lean, fat, strong and soft ones in all combinations.
    """
    rng = np.random.default_rng([seed, ("neutral", "male", "female").index(variant)])
    gender = {
        "neutral": rng.beta(0.45, 0.45, count),
        "male": rng.uniform(0.0, 0.2, count),
        "female": rng.uniform(0.8, 1.0, count),
    }[variant]
    ancestry = rng.dirichlet([1.0, 1.0, 1.0], count).T
    phenotype = {
        "gender": gender,
        "age": YOUNG_ADULT - 0.03 + (OLDEST + 0.03 - YOUNG_ADULT) * rng.beta(0.9, 1.4, count),
        "muscle": rng.uniform(0.0, 1.0, count),
        "weight": rng.beta(0.9, 0.9, count),
        "height": np.clip(rng.normal(0.43, 0.075, count), 0.15, 0.75),
        "proportions": rng.uniform(0.0, 1.0, count),
        "cupsize": rng.beta(0.6, 0.6, count),
        "firmness": rng.uniform(0.3, 0.9, count),
        "african": ancestry[0],
        "asian": ancestry[1],
        "caucasian": ancestry[2],
    }
    latents = {name: rng.normal(0.0, deviation, count) for name, (deviation, _) in LOCAL_LATENTS.items()}
    return Settings(phenotype, latents)


class BodySource:
    """Anny with all its local changes and phenotypes, and a relaxed face, as heads have it.

    topology: one of Anny's.
    """

    def __init__(self, topology: str = "anny-quads") -> None:
        self.anny = anny.Anny(topology=topology, local_changes="all", facial_actions="none", phenotypes="all")
        self.blendshapes = self.anny.blendshapes.to(torch.float32).flatten(1)
        acting = anny.Anny(topology=topology, local_changes="none", facial_actions="all", phenotypes="all")
        relaxed = self.anny.template_vertices.to(torch.float32).numpy() + relaxation(both_sides(acting))
        self.template = torch.from_numpy(relaxed).flatten()

    def sample(self, count: int, variant: str, seed: int) -> Bodies:
        """Random bodies, see `draw`."""
        settings = draw(count, variant, seed)
        told = settings.phenotype | {"fat": fat_of(settings.phenotype["weight"])}
        return Bodies(self.vertices(settings), {name: told[name] for name in TRAITS})

    def vertices(self, settings: Settings) -> np.ndarray:
        """Bodies (N, V, 3) float32, metres, feet on the floor."""
        count = len(settings.phenotype["gender"])
        vertices = np.empty((count, self.template.numel()), np.float32)
        for start in range(0, count, 250):
            part = slice(start, start + 250)
            vertices[part] = (self.template + self.coefficients(settings.part(part)) @ self.blendshapes).numpy()
        shaped = vertices.reshape(count, -1, 3)
        shaped[..., 2] -= shaped[..., 2].min(1, keepdims=True)
        return shaped

    def coefficients(self, settings: Settings) -> torch.Tensor:
        """(N, B) float32, what each of Anny's blend shapes weighs.

        Anny's heavy body of middling muscle is hardly heavy (body mass index 29, while the soft and the strong one have
        45 and 40): above half weight the bodies between soft and strong are mixed of those two.
        """
        phenotype = dict(settings.phenotype)
        muscle, weight = phenotype["muscle"], phenotype["weight"]
        soft, lean = np.clip(1 - 2 * muscle, 0, 1), np.clip(1 - 2 * weight, 0, 1)
        phenotype["weight"] = weight + STARVED * soft * lean
        local = self._local_changes(settings)
        plain, softest, strongest = (
            self._anny_coefficients(phenotype | {"muscle": m}, local)
            for m in (muscle, np.zeros_like(muscle), np.ones_like(muscle))
        )
        heavy, strength = (torch.from_numpy(x).float()[:, None] for x in (np.clip(2 * weight - 1, 0, 1), muscle))
        return plain + heavy * (softest + strength * (strongest - softest) - plain)

    def _anny_coefficients(self, phenotype: Mapping[str, np.ndarray], local: Mapping[str, np.ndarray]) -> torch.Tensor:
        found = self.anny.get_phenotype_blendshape_coefficients(
            **{key: torch.from_numpy(value) for key, value in phenotype.items()},
            local_changes={key: torch.from_numpy(value) for key, value in local.items()},
        )
        return found.to(torch.float32)

    def _local_changes(self, settings: Settings) -> dict[str, np.ndarray]:
        strength, fat = 2 * settings.phenotype["muscle"] - 1, 2 * settings.phenotype["weight"] - 1
        deposits = np.maximum(fat, 0) * np.interp(settings.phenotype["gender"], [0, 1], [FAT_OF_MEN, FAT_OF_WOMEN])
        followers = ((strength, MUSCLE_LOCALS), (deposits, FAT_LOCALS), (np.minimum(fat, 0), LEAN_LOCALS))
        latents = ((settings.latents[name], parts) for name, (_, parts) in LOCAL_LATENTS.items())
        total: dict[str, np.ndarray] = {}
        for value, parts in (*latents, *followers):
            for label, share in parts.items():
                total[label] = total.get(label, 0.0) + share * value
        found = {}
        for label, value in total.items():
            names = [name for name in (label, f"l-{label}", f"r-{label}") if name in self.anny.local_change_labels]
            if not names:
                raise KeyError(f"this version of anny has no local change {label!r}")
            for name in names:
                found[name] = np.clip(value, -1.0, 1.0)
        return found
