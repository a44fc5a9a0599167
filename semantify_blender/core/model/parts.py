"""Pieces of geometry that follow a body's coefficients: teeth, gums, lashes, garments; their part of its file."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import FileFormatError
from ..files import bounds
from ..files.names import check_name, check_words
from ..files.npz import Field, check_fields

PREFIX = "part/"
_LENGTH = (-bounds.LARGEST, bounds.LARGEST)


@dataclass(frozen=True, eq=False)
class Part:
    """Vertices = template + Σ_k ξ_k · basis[k], with the coefficients and in the space of the body it belongs to.

    template: (Vp, 3) float32, metres. basis: (K, Vp, 3) float32.
    corner_vertices: (Lp,) int32, this part's own vertices, face after face. face_offsets: (Fp + 1,) int32.
    region: name of its colour, for example "top", "shorts" or "teeth" (`core.palette`).
    uv: (Lp, 2) float32 per corner, or None.
    covers: (F,) bool, faces of the body that are hidden under it, or None.
    rig_index, rig_weights: (Vp, W) int joints of the body's rig and float32 how much each moves a vertex, or None.
    """

    template: np.ndarray
    basis: np.ndarray
    corner_vertices: np.ndarray
    face_offsets: np.ndarray
    region: str
    uv: np.ndarray | None = None
    covers: np.ndarray | None = None
    rig_index: np.ndarray | None = None
    rig_weights: np.ndarray | None = None

    @property
    def vertex_count(self) -> int:
        """Vp, the number of its vertices."""
        return len(self.template)

    @property
    def face_count(self) -> int:
        """Fp, the number of its faces."""
        return len(self.face_offsets) - 1


def narrow(indices: np.ndarray) -> np.ndarray:
    """Smallest unsigned type of 16 or 32 bits that holds the indices: half the file for most models."""
    return indices.astype(np.uint16 if indices.max() < 65536 else np.uint32)


def check_faces(
    path: object, corners: np.ndarray, offsets: np.ndarray, vertex_count: int, prefix: str = ""
) -> tuple[np.ndarray, np.ndarray]:
    """A file's corner_vertices and face_offsets as int32. prefix: of their names in the file.

    Raises FileFormatError unless they are faces of at least three of `vertex_count` vertices.
    """
    # compared before they are narrowed: 2³² + 1 must not become 1
    if len(corners) == 0 or corners.min() < 0 or corners.max() >= vertex_count:
        raise FileFormatError(path, f"{prefix}corner_vertices", f"expected vertex numbers in 0..{vertex_count - 1}")
    rising = f"expected 0, …, {len(corners)} rising by at least 3 a face"
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != len(corners) or offsets.max() > len(corners):
        raise FileFormatError(path, f"{prefix}face_offsets", rising)
    corners, offsets = corners.astype(np.int32), offsets.astype(np.int32)
    if (np.diff(offsets) < 3).any():
        raise FileFormatError(path, f"{prefix}face_offsets", rising)
    return corners, offsets


def part_arrays(parts: Mapping[str, Part], precision: str) -> dict[str, np.ndarray]:
    """What a model's file says about its parts. precision: "float16" or "float32", of basis and uv."""
    if not parts:
        return {}
    arrays = {
        "part_names": np.array(list(parts)),
        "part_regions": np.array([part.region for part in parts.values()]),
    }
    for name, part in parts.items():
        arrays[f"{PREFIX}{name}/template"] = part.template.astype(np.float32)
        arrays[f"{PREFIX}{name}/basis"] = part.basis.astype(precision)
        arrays[f"{PREFIX}{name}/corner_vertices"] = narrow(part.corner_vertices)
        arrays[f"{PREFIX}{name}/face_offsets"] = narrow(part.face_offsets)
        if part.uv is not None:
            arrays[f"{PREFIX}{name}/uv"] = part.uv.astype(precision)
        if part.covers is not None:
            arrays[f"{PREFIX}{name}/covers"] = part.covers
        if part.rig_index is not None and part.rig_weights is not None:
            arrays[f"{PREFIX}{name}/rig_index"] = part.rig_index.astype(np.uint8)
            arrays[f"{PREFIX}{name}/rig_weights"] = part.rig_weights.astype(np.float16)
    return arrays


def load_parts(path: object, arrays: Mapping[str, np.ndarray], components: int, faces: int) -> dict[str, Part]:
    """The parts of a model's file, in the order that it lists them. components: K. faces: F, of the body.

    Raises FileFormatError naming the field when anything is off.
    """
    if "part_names" not in arrays:
        return {}
    texts = {"part_names": Field("U", ("P",), most=bounds.PARTS), "part_regions": Field("U", ("P",), most=bounds.PARTS)}
    check_fields(path, arrays, texts)
    names = check_words(path, "part_names", arrays["part_names"].tolist(), bounds.PARTS)
    regions = arrays["part_regions"].tolist()
    for name, region in zip(names, regions, strict=True):
        check_name(path, "part_names", name)
        check_words(path, "part_regions", [region], 1)
    rig = arrays.get("extra/rig/names")
    joints = len(rig) if rig is not None and rig.ndim == 1 else 0
    parts = {
        name: _load_part(path, arrays, name, region, (components, faces, joints))
        for name, region in zip(names, regions, strict=True)
    }
    if joints * (len(arrays["template"]) + sum(part.vertex_count for part in parts.values())) > bounds.JOINT_WEIGHTS:
        raise FileFormatError(path, "extra/rig/names", f"has {joints} joints, too many for so many vertices")
    return parts


def _load_part(
    path: object, arrays: Mapping[str, np.ndarray], name: str, region: str, counts: tuple[int, int, int]
) -> Part:
    components, faces, joints = counts
    at = f"{PREFIX}{name}/"
    fields = {
        "template": Field("f", ("V", 3), most=bounds.VERTICES, within=_LENGTH),
        "basis": Field("f", (components, "V", 3), within=_LENGTH),
        "corner_vertices": Field("iu", ("L",), most=bounds.CORNERS),
        "face_offsets": Field("iu", (None,), most=bounds.CORNERS),
        "uv": Field("f", ("L", 2), required=False, within=_LENGTH),
        "covers": Field("b", (faces,), required=False),
        "rig_index": Field("iu", ("V", "W"), required=False, within=(0, joints - 1)),
        "rig_weights": Field("f", ("V", "W"), required=False, within=(0.0, 1.01)),
    }
    check_fields(path, arrays, {at + field: what for field, what in fields.items()})
    found = {field: arrays[at + field] for field in fields if at + field in arrays}
    if not len(found["template"]):
        raise FileFormatError(path, f"{at}template", "is empty; a part needs vertices")
    if ("rig_index" in found) != ("rig_weights" in found):
        raise FileFormatError(path, f"{at}rig_weights", "go together with rig_index; one of them is missing")
    if "rig_index" in found and not 0 < found["rig_index"].shape[1] <= joints:
        raise FileFormatError(path, f"{at}rig_index", f"expected 1 to {joints} joints of the body's rig for a vertex")
    corners, offsets = check_faces(path, found["corner_vertices"], found["face_offsets"], len(found["template"]), at)
    return Part(
        template=found["template"].astype(np.float32),
        basis=found["basis"].astype(np.float32),
        corner_vertices=corners,
        face_offsets=offsets,
        region=region,
        uv=found["uv"].astype(np.float32) if "uv" in found else None,
        covers=found.get("covers"),
        rig_index=found["rig_index"].astype(np.int32) if "rig_index" in found else None,
        rig_weights=found["rig_weights"].astype(np.float32) if "rig_weights" in found else None,
    )
