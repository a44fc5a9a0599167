"""SMAL animals (Zuffi et al. 2017, "3D Menagerie"): v = v̄ + S β, optionally around the mean of one animal family."""

from pathlib import Path

import numpy as np

from ..errors import FileFormatError, SemantifyError
from .research_model import ResearchModel
from .source import Source

ANIMALS = {
    "cat": 0, "lion": 0, "felidae": 0, "dog": 1, "canidae": 1, "horse": 2, "donkey": 2, "equidae": 2, "cow": 3,
    "bovidae": 3, "hippo": 4, "hippopotamidae": 4,
}  # fmt: skip
"""Name -> row of `cluster_means`: the means are of families, so cat and lion share one."""
MEANS_FILE = "smal_CVPR2017_data.pkl"
NOSE = 1863
"""Vertex at the end of the nose."""


def read_animal(
    model: ResearchModel, components: int, animal: str | None = None, means: Path | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Template (V, 3) and basis (components, V, 3), float64, Z up, facing −Y; one unit of the file is one metre.

    animal: a key of ANIMALS: the template is that family's mean. means: the file of the means, by default
    `smal_CVPR2017_data.pkl` beside the model. The coefficients are used as they are, as the authors do.
    Raises SemantifyError for an unknown animal, FileFormatError when a file is missing or does not fit.
    """
    template = _mean(model, animal, means)
    basis = model.columns(0, model.directions.shape[2], components)
    turn = _turn(model)
    return template @ turn.T, basis @ turn.T


def animal_joints(
    model: ResearchModel, components: int, animal: str | None = None, means: Path | None = None
) -> np.ndarray:
    """(1 + components, J, 3) float64: the joints of the template of `read_animal`, and how components move them.

    Raises FileFormatError when the file has no whole skeleton.
    """
    regressor = model.skeleton().joint_regressor
    basis = model.columns(0, model.directions.shape[2], components)
    fields = np.concatenate([_mean(model, animal, means)[None], basis])
    return np.asarray(regressor @ fields @ _turn(model).T)


def _turn(model: ResearchModel) -> np.ndarray:
    """Lengthwise along X, Z up: turn the nose from ±X to −Y."""
    towards = np.sign(model.template[NOSE, 0] - model.template[:, 0].mean()) or 1.0
    return np.array([[0.0, towards, 0.0], [-towards, 0.0, 0.0], [0.0, 0.0, 1.0]])


def _mean(model: ResearchModel, animal: str | None, means: Path | None) -> np.ndarray:
    """(V, 3) in the space of the file: the template, or the mean of an animal family."""
    if animal is None:
        return model.template
    if animal not in ANIMALS:
        raise SemantifyError(f"unknown --animal {animal!r}: choose one of {', '.join(ANIMALS)}")
    source = Source(means or model.source.path.with_name(MEANS_FILE))
    betas = _means(source)[ANIMALS[animal]]
    if len(betas) > model.directions.shape[2]:
        raise FileFormatError(source.path, "cluster_means", f"has {len(betas)} numbers, more than the model")
    return np.asarray(model.template + model.directions[:, :, : len(betas)] @ betas)


def _means(source: Source) -> list[np.ndarray]:
    rows = source.rows("cluster_means")
    if len(rows) <= max(ANIMALS.values()):
        raise FileFormatError(source.path, "cluster_means", f"has {len(rows)} animal families, expected 5")
    return rows
