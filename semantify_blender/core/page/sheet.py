"""A slider sheet drawn without Blender: what a page shows where there is no WebGL, or no geometry."""

import base64

import numpy as np

from ..colour import linear, srgb
from ..mapper import Mapper
from ..model.morphable_model import MorphableModel
from ..pictures.png import png_bytes

STEPS = (-1.0, 0.0, 1.0)
"""Positions of a word's slider, from left to right."""
MOST_ROWS = 12
_SIZE = 88
"""Pixels of one figure, up and across; what nobody's shape comes to is cut off at the sides of all."""
_MARGIN = 4
_FINE = 2
"""Samples of a pixel, across."""
_PAPER = (0.94, 0.94, 0.94)
_LIGHT = np.array((-0.45, -0.75, 0.5)) / np.linalg.norm((-0.45, -0.75, 0.5))
_LEVELS = 20
"""Of each colour channel: a sheet is small that has few colours."""


def sheet_uri(mapper: Mapper, model: MorphableModel, colours: dict[str, tuple[float, float, float]]) -> str:
    """A data URI of a PNG: a row for each of the first MOST_ROWS words, STEPS across.

    colours: sRGB by region, "skin" for what is in none.
    """
    shown = model.dressed().model
    d = min(len(mapper.descriptors), MOST_ROWS)
    settings = np.zeros((d, len(STEPS), len(mapper.descriptors)))
    settings[np.arange(d)[:, None], np.arange(len(STEPS)), np.arange(d)[:, None]] = STEPS
    coefficients = mapper.coefficients(mapper.scores_from_sliders(settings))
    face_colours = linear(np.array([colours["skin"], *(colours[name] for name in shown.regions)]))
    triangle_colours = face_colours[_triangle_regions(shown) + 1]
    figures = np.array([[_figure(shown, model, one, triangle_colours) for one in row] for row in coefficients])
    used = np.flatnonzero((figures != figures[0, 0, 0, 0]).any((0, 1, 2, 4)))
    if len(used):
        figures = figures[:, :, :, max(0, used[0] - _MARGIN) : used[-1] + _MARGIN]
    picture = np.concatenate([np.concatenate(list(row), 1) for row in figures])
    return "data:image/png;base64," + base64.b64encode(png_bytes(picture)).decode("ascii")


def _triangle_regions(model: MorphableModel) -> np.ndarray:
    """(T,) region of each of the model's triangles, −1 for none."""
    counts = np.diff(model.face_offsets) - 2
    faces = np.repeat(np.arange(len(counts)), counts)
    turn = np.arange(len(faces)) - np.repeat(np.cumsum(counts) - counts, counts)
    return model.face_regions[faces[np.argsort(turn, kind="stable")]]


def _figure(shown: MorphableModel, model: MorphableModel, coefficients: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """(_SIZE, _SIZE, 3) uint8."""
    framing = model.framing
    points = framing.place(shown.vertices(coefficients)[None])[0]
    angle = np.radians(framing.turn)
    turned = points - np.array(framing.centre)
    cosine, sine = np.cos(angle), np.sin(angle)
    across = cosine * turned[:, 0] - sine * turned[:, 1]
    depth = sine * turned[:, 0] + cosine * turned[:, 1]
    side = _SIZE * _FINE
    scale = side / framing.height
    places = np.stack([side / 2 + scale * across, side / 2 - scale * turned[:, 2], scale * depth], 1)
    ends = places[shown.triangles]
    normals = np.cross(ends[:, 1] - ends[:, 0], ends[:, 2] - ends[:, 0])
    facing = normals[:, 2] * np.sign(_outward(ends, normals)) < 0
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    # to the right, up and towards the camera, as the light is given
    outward = normals / np.maximum(lengths, 1e-12) * np.array((1.0, -1.0, 1.0)) * np.sign(_outward(ends, normals))
    lit = 0.35 + 0.65 * np.clip(outward @ np.array((_LIGHT[0], _LIGHT[2], _LIGHT[1])), 0.0, 1.0)
    return _drawn(ends[facing], (colours * lit[:, None])[facing], side)


def _outward(ends: np.ndarray, normals: np.ndarray) -> float:
    """1 where normals point out of the figure, −1 where they point in: by the volume that they enclose."""
    return 1.0 if float((ends.mean(1) * normals).sum()) >= 0 else -1.0


def _drawn(ends: np.ndarray, colours: np.ndarray, side: int) -> np.ndarray:
    """Triangles as (_SIZE, _SIZE, 3) uint8. ends: (T, 3, 3) x, y in samples and depth. colours: (T, 3) linear."""
    longest = np.abs(ends - np.roll(ends, 1, 1))[..., :2].max((1, 2))
    splits = np.clip(np.ceil(1.5 * longest), 1, 48).astype(int)
    pixels, depths, owners = [], [], []
    for split in np.unique(splits):
        chosen = np.flatnonzero(splits == split)
        i, j = (np.concatenate(part) for part in zip(*_grid(split), strict=True))
        shares = np.stack([i, j, split - i - j], 1) / split
        samples = np.einsum("sc,tcx->tsx", shares, ends[chosen])
        column, row = (np.floor(samples[..., axis]).astype(int) for axis in (0, 1))
        inside = (column >= 0) & (column < side) & (row >= 0) & (row < side)
        pixels.append((row * side + column)[inside])
        depths.append(samples[..., 2][inside])
        owners.append(np.broadcast_to(chosen[:, None], inside.shape)[inside])
    picture = np.tile(linear(np.array(_PAPER)), (side * side, 1))
    if pixels:
        pixel, depth, owner = (np.concatenate(part) for part in (pixels, depths, owners))
        order = np.argsort(-depth, kind="stable")
        # what is written last is nearest
        picture[pixel[order]] = colours[owner[order]]
    fine = picture.reshape(_SIZE, _FINE, _SIZE, _FINE, 3).mean((1, 3))
    return np.round(np.round(srgb(fine) * _LEVELS) / _LEVELS * 255).astype(np.uint8)


def _grid(split: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Whole coordinates of the places of a triangle whose sides are cut into `split`."""
    return [(np.full(split - i + 1, i), np.arange(split - i + 1)) for i in range(split + 1)]
