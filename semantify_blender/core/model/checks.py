"""Checks of what a model carries beside its shapes: measurements, skeleton, texture, wishes on how it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..files import bounds
from ..files.names import check_text, check_words
from ..files.schema import conform
from ..pictures import jpeg, png
from ..pictures.header import UnreadableError
from .face_points import FacePoints
from .framing import Framing
from .separation_pairs import separation_pairs
from .sparse import check_twins
from .view import View

GIRTHS = ("waist", "hip", "chest", "belly", "thigh")
LANDMARKS = ("crotch", "neck", "shoulder.L", "shoulder.R")
"""What a body needs all of, or none, to be measured."""
TEXTURE_SIDE = 8192
"""Most pixels a side of a model's texture."""
_TEXTURES = ((png.SIGNATURE, png.png_header), (jpeg.START, jpeg.jpeg_header))
_METADATA = {
    "family?": str, "variant?": str, "licence?": str, "source?": str, "units?": str, "sampler?": str,
    "framing?": {"height?": float, "floor?": bool, "turn?": float, "centre?": [float]},
    "views?": [str], "region_colours?": {str: [float]},
}  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """What a model's file says, as far as it is checked here; all but `template` may still be anything.

    template: (V, 3) float32 metres. component_count: K. extra, metadata: as in `MorphableModel`.
    """

    name: str
    template: np.ndarray
    component_count: int
    extra: Mapping[str, np.ndarray]
    metadata: Mapping[str, Any]

    @property
    def vertex_count(self) -> int:
        """V, the number of vertices."""
        return len(self.template)


def check_extras(path: object, model: Contents) -> None:
    """Raise FileFormatError, naming the field, unless everything in `extra` and `metadata` can be used as it is."""
    _check_metadata(path, model)
    checks: dict[str, Callable[[object, str, Contents], None]] = {
        "girth": _check_girth, "landmark": _check_landmark, "span": _check_span, "trait": _check_trait,
        "action": _check_trait,
    }  # fmt: skip
    for key in model.extra:
        check = checks.get(key.partition("/")[0])
        if check is not None:
            check(path, key, model)
    if "girth/waist/edges" in model.extra:
        for name in (*(f"girth/{girth}/edges" for girth in GIRTHS), *(f"landmark/{mark}" for mark in LANDMARKS)):
            if name not in model.extra:
                raise FileFormatError(path, f"extra/{name}", "missing; a body that has a waist needs all of them")
    _check_rig(path, model, "rig")
    _check_rig(path, model, "bones")
    try:
        separation_pairs(model.name, model.vertex_count, model.extra)
    except SemantifyError as error:
        raise FileFormatError(path, "extra/separation", str(error)) from error
    try:
        FacePoints.of(model.name, model.vertex_count, model.component_count, model.extra)
    except SemantifyError as error:
        field, _, text = str(error).partition(": extra ")[2].partition(": ")
        raise FileFormatError(path, f"extra/{field}", text) from error
    try:
        if "twins" in model.extra:
            check_twins(model.extra["twins"], model.component_count)
    except SemantifyError as error:
        raise FileFormatError(path, "extra/twins", str(error).partition(": ")[2]) from error
    if "texture" in model.extra:
        _check_texture(path, model.extra["texture"])


def _check_metadata(path: object, model: Contents) -> None:
    conform(path, dict(model.metadata), _METADATA, "metadata", "make the model again")
    for name in ("family", "variant", "licence", "source", "units", "sampler"):
        check_text(path, f"metadata.{name}", model.metadata.get(name, ""))
    try:
        Framing.of(model.name, model.template, model.metadata)
    except SemantifyError as error:
        raise FileFormatError(path, "metadata.framing", str(error)) from error
    views = model.metadata.get("views", ())
    if len(views) > bounds.VIEWS:
        raise FileFormatError(path, "metadata.views", f"has {len(views)} entries, expected at most {bounds.VIEWS}")
    try:
        for view in views:
            View.parse(view)
    except SemantifyError as error:
        raise FileFormatError(path, "metadata.views", str(error)) from error
    for name, colour in model.metadata.get("region_colours", {}).items():
        if len(colour) != 3:
            raise FileFormatError(path, f"metadata.region_colours.{name[:60]}", "expected three numbers in 0..1")


def _check_girth(path: object, key: str, model: Contents) -> None:
    name = _named(path, key, ("edges", "weights"))
    edges = _vertices(path, f"girth/{name}/edges", model, 2)
    weights = _floats(path, f"girth/{name}/weights", model.extra, (len(edges),), 10.0)
    if edges.shape[1] != 2 or len(edges) != len(weights):
        raise FileFormatError(path, f"extra/girth/{name}/edges", f"has shape {edges.shape}, expected (*, 2)")


def _check_landmark(path: object, key: str, model: Contents) -> None:
    _vertices(path, key, model, 1)


def _check_span(path: object, key: str, model: Contents) -> None:
    name = _named(path, key, ("a", "b", "axis"))
    for end in "ab":
        _vertices(path, f"span/{name}/{end}", model, 1)
    _floats(path, f"span/{name}/axis", model.extra, (3,), 1e3)


def _check_trait(path: object, key: str, model: Contents) -> None:
    k = model.component_count
    _floats(path, key, model.extra, (1 + k + k * (k + 1) // 2 if key.startswith("trait/") else k,), 1e9)


def _check_rig(path: object, model: Contents, rig: str) -> None:
    """rig: the first part of its keys."""
    parts = tuple(f"{rig}/{part}" for part in ("names", "parents", "weight_index", "weights"))
    present = [part for part in parts if part in model.extra]
    if not present:
        return
    if len(present) < len(parts):
        raise FileFormatError(path, f"extra/{rig}", f"has {', '.join(present)} only; a rig needs {', '.join(parts)}")
    names, parents, index = (model.extra[part] for part in parts[:3])
    if names.ndim != 1 or names.dtype.kind != "U":
        raise FileFormatError(path, f"extra/{rig}/names", "expected a list of texts")
    joints = len(check_words(path, f"extra/{rig}/names", names.tolist(), bounds.JOINTS))
    if joints * model.vertex_count > bounds.JOINT_WEIGHTS:
        raise FileFormatError(path, f"extra/{rig}/names", f"has {joints} joints, too many for so many vertices")
    if parents.shape != (joints,) or parents.dtype.kind not in "iu":
        raise FileFormatError(path, f"extra/{rig}/parents", f"expected {joints} whole numbers")
    before = parents.astype(np.int64)
    if before[0] != -1 or (before < -1).any() or (before >= np.arange(joints)).any():
        raise FileFormatError(path, f"extra/{rig}/parents", "expected -1, then parents that come before their joints")
    if index.ndim != 2 or len(index) != model.vertex_count or index.dtype.kind not in "iu" or not index.shape[1]:
        raise FileFormatError(path, f"extra/{rig}/weight_index", f"expected joint numbers ({model.vertex_count}, *)")
    if index.shape[1] > joints or index.min() < 0 or index.max() >= joints:
        raise FileFormatError(path, f"extra/{rig}/weight_index", f"expected joint numbers in 0..{joints - 1}")
    weights = _floats(path, f"{rig}/weights", model.extra, index.shape, 1.01)
    if weights.min() < 0:
        raise FileFormatError(path, f"extra/{rig}/weights", "expected weights in 0..1")
    for part in ("joint", "tail"):
        pair = f"{rig}/{part}s", f"{rig}/{part}_basis"
        if any(name in model.extra for name in pair):
            _floats(path, pair[0], model.extra, (joints, 3), bounds.LARGEST)
            _floats(path, pair[1], model.extra, (model.component_count, joints, 3), bounds.LARGEST)


def _check_texture(path: object, texture: np.ndarray) -> None:
    if texture.ndim != 1 or texture.dtype != np.uint8:
        raise FileFormatError(path, "extra/texture", "expected the bytes of a PNG or JPEG file")
    data = texture.tobytes()
    reader = next((read for start, read in _TEXTURES if data.startswith(start)), None)
    try:
        if reader is None:
            raise ValueError
        header = reader(data)
    except (UnreadableError, IndexError, ValueError, OverflowError) as error:
        raise FileFormatError(path, "extra/texture", "is not a whole PNG or JPEG file") from error
    if not (0 < header.width <= TEXTURE_SIDE and 0 < header.height <= TEXTURE_SIDE):
        raise FileFormatError(
            path, "extra/texture", f"is {header.width} x {header.height} pixels; {TEXTURE_SIDE} is the limit"
        )


def _named(path: object, key: str, ends: tuple[str, ...]) -> str:
    parts = key.split("/")
    if len(parts) != 3 or parts[2] not in ends:
        raise FileFormatError(path, f"extra/{key}", f"expected {parts[0]}/NAME/{' or '.join(ends)}")
    return parts[1]


def _vertices(path: object, key: str, model: Contents, dimensions: int) -> np.ndarray:
    found = model.extra.get(key)
    if found is None or found.ndim != dimensions or found.dtype.kind not in "iu" or not found.size:
        raise FileFormatError(path, f"extra/{key}", "missing or no numbers of vertices")
    if found.min() < 0 or found.max() >= model.vertex_count:
        raise FileFormatError(path, f"extra/{key}", f"expected vertex numbers in 0..{model.vertex_count - 1}")
    return found


def _floats(path: object, key: str, extra: Mapping[str, Any], shape: tuple[int, ...], largest: float) -> np.ndarray:
    found = extra.get(key)
    if found is None or found.dtype.kind != "f" or found.shape != shape:
        raise FileFormatError(path, f"extra/{key}", f"expected numbers of shape {shape}")
    if found.size and not (-largest <= found.min() and found.max() <= largest):
        raise FileFormatError(path, f"extra/{key}", f"expected numbers in ±{largest:g}")
    return found
