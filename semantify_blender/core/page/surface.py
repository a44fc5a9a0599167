"""What of a model is seen: faces and their regions, garments and what they hide, and the lines painted on the skin."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..model.clothes import Clothes
from ..model.morphable_model import MorphableModel
from ..model.painted import FIGURE, shown_regions
from .arrays import Block
from .small_shape import coarseness

UV_STEPS = 4095
"""Half a pixel of the largest painted pictures."""
FLUSH = "flush"
_STEPS = {FLUSH: 8, "hair": 2, "nails": 2}
"""Pixels of a picture, across, that a page has one number of; lines as fine as lips and irises keep them all."""
_WIDE = 2048
"""Pixels, across, of the pictures that this is said for."""


@dataclass(frozen=True)
class Surface:
    """header: its fields of the model's header. regions: names in order; a part's comes after the body's."""

    header: dict[str, Any]
    regions: list[str]
    paints: list[str]


def write_surface(model: MorphableModel, block: Block) -> Surface:
    """Put a model's faces and paints into a block."""
    kept, face_regions = shown_regions(model)
    regions = list(kept)
    parts = list(model.parts.values())
    begins = np.cumsum([0, model.vertex_count, *(part.vertex_count for part in parts)])
    corners = [model.corner_vertices, *(part.corner_vertices + at for part, at in zip(parts, begins[1:], strict=False))]
    sizes = np.concatenate([np.diff(model.face_offsets), *(np.diff(part.face_offsets) for part in parts)])
    block.delta("corners", np.concatenate(corners).astype(np.uint16 if begins[-1] < 65536 else np.uint32))
    if sizes.min() < sizes.max():
        block.delta("faceSizes", sizes.astype(np.uint8 if sizes.max() < 256 else np.uint32))
    block.delta("faceRegions", face_regions.astype(np.uint8))
    for part in parts:
        if part.region not in regions:
            regions.append(part.region)
    pieces = _pieces(model, regions, begins)
    for number, part in enumerate(parts, 1):
        if part.covers is not None:
            block.delta(f"covers{number}", part.covers.astype(np.uint8))
    paints = _write_paints(model, block)
    header = {
        "pieces": pieces,
        "outfits": _outfits(model),
        "paints": paints,
        "paintSize": len(next(iter(model.paint.values()))) if paints else 0,
        "faces": len(sizes),
        "faceSize": int(sizes[0]) if sizes.min() == sizes.max() else None,
        "corners": int(sizes.sum()),
        "uvSteps": UV_STEPS,
    }
    return Surface(header, regions, [paint["name"] for paint in paints])


def _pieces(model: MorphableModel, regions: list[str], begins: np.ndarray) -> list[dict[str, Any]]:
    found = [
        {
            "name": "", "vertices": [0, model.vertex_count], "faces": [0, model.face_count],
            "region": -1, "covers": False, "coarse": 1,
        }
    ]  # fmt: skip
    first = model.face_count
    for (name, part), begin, coarse in zip(model.parts.items(), begins[1:], coarseness(model), strict=False):
        found.append(
            {
                "name": name, "vertices": [int(begin), part.vertex_count], "faces": [first, part.face_count],
                "region": regions.index(part.region), "covers": part.covers is not None, "coarse": coarse,
            }
        )  # fmt: skip
        first += part.face_count
    return found


def _outfits(model: MorphableModel) -> dict[str, Any] | None:
    clothes = Clothes.of(model.metadata)
    if not clothes.names:
        return None
    numbers = {name: number for number, name in enumerate(model.parts, 1)}
    choices = [
        {"name": name, "pieces": [0, *(numbers[part] for part in clothes.worn(model.name, model.parts, name))]}
        for name in clothes.names
    ]
    return {"default": clothes.default, "choices": choices}


def _write_paints(model: MorphableModel, block: Block) -> list[dict[str, Any]]:
    names = [name for name in (FLUSH, *FIGURE) if name in model.paint]
    if not names or model.uv is None:
        return []
    uv = np.round(np.clip(model.uv.T, 0.0, 1.0) * UV_STEPS).astype(np.uint16)
    block.seen("uv", uv, model.corner_vertices)
    found = []
    for number, name in enumerate(names):
        picture = model.paint[name]
        step = max(1, _STEPS.get(name, 1) * len(picture) // _WIDE)
        numbers, corner = _cut(picture, step)
        block.rows(f"paint{number}", numbers)
        rows, columns = numbers.shape
        found.append({"name": name, "rectangle": [corner[0], corner[1], columns, rows], "step": step})
    return found


def _cut(picture: np.ndarray, step: int) -> tuple[np.ndarray, tuple[int, int]]:
    """What of a picture is not 0, in means of step × step pixels: (rows, columns) uint8, and x and y of its corner."""
    small = picture.reshape(len(picture) // step, step, -1, step).mean((1, 3))
    small = np.round(small).astype(np.uint8)
    rows, columns = np.flatnonzero(small.any(1)), np.flatnonzero(small.any(0))
    if not len(rows):
        return small[:1, :1], (0, 0)
    top, left = int(rows[0]), int(columns[0])
    return small[top : rows[-1] + 1, left : columns[-1] + 1], (left * step, top * step)
