"""SMPL, SMPL-X, STAR, SUPR and SKEL bodies in the A-pose in which the authors render, or in the files' own T-pose."""

import numpy as np

from .research_model import ResearchModel, z_up
from .skinning import Posed

A_POSE = {
    1: np.array([0.0, 0.0, 0.09]),
    2: np.array([0.0, 0.0, -0.09]),
    16: np.array([0.0, 0.0, -0.8]),
    17: np.array([0.0, 0.0, 0.8]),
}
"""Joint -> axis-angle, radians, in the files' space: hips 5° outwards, shoulders 46° down.

The numbers of hips and shoulders are the same in SMPL and SMPL-X. The authors' own pose is a file without a published
description; theirs, too, turns joints only, so that only the amount differs.
"""
BESIDE_POSE = 1
"""STAR's coefficient that its pose blend shapes have a column for, the last (Osman et al. 2020, "STAR", section 3.2):
how heavy a body is changes how it bends. That column works at rest too."""


def read_body(model: ResearchModel, components: int, pose: str) -> tuple[np.ndarray, np.ndarray]:
    """Template (V, 3) and basis (components, V, 3), float64, metres, Z up, facing −Y.

    pose: "a" or "t". Betas are standard deviations already (Loper et al. 2015, section 4): the files' directions are
    scaled by them, so the basis is used as it is. Origin: the file's. Hands are flat, as the authors have them.
    Raises FileFormatError when a part is missing, SemantifyError when there are not so many components.
    """
    template, basis = model.template, _directions(model, components)
    beside = _beside_pose(model) if model.family == "star" and components > BESIDE_POSE else None
    if pose == "a":
        posed = Posed(model.skeleton(), A_POSE)
        template, basis = posed.shape(template), np.stack([posed.direction(field) for field in basis])
        beside = None if beside is None else posed.offset_in_pose(beside)
    if beside is not None:
        basis[BESIDE_POSE] += beside
    return z_up(template), z_up(basis)


def body_joints(model: ResearchModel, components: int, pose: str) -> np.ndarray:
    """(1 + components, J, 3) float64 metres: the joints of the template of `read_body`, and how components move them.

    Raises FileFormatError when the file has no whole skeleton.
    """
    posed = Posed(model.skeleton(), A_POSE if pose == "a" else {})
    fields = [model.template, *_directions(model, components)]
    return z_up(np.stack([posed.joints(field) for field in fields]))


def _directions(model: ResearchModel, components: int) -> np.ndarray:
    # SMPL-X files hold 300 shape and 100 expression directions, or 10 and 10
    columns = model.directions.shape[2]
    shapes = (300 if columns >= 400 else 10) if model.family == "smplx" else columns
    return model.columns(0, shapes, components)


def _beside_pose(model: ResearchModel) -> np.ndarray:
    """(V, 3) float64: what STAR's second coefficient moves besides the shape; joints do not follow it."""
    pose = model.source.array("posedirs", "f", (len(model.template), 3, None))
    return np.asarray(model.unit * pose[:, :, -1].astype(np.float64))
