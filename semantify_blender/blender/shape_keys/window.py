"""Where pictures of a mesh with shape keys look: at what most of its keys move."""

from __future__ import annotations

from typing import Any

import numpy as np

STANDING = 2.5
"""A mesh that is so many times as tall as it is deep is a standing figure, a smaller ratio a head or an object."""
ASIDE = 5.0
"""A key that acts so many times as far from where the keys act in the middle as the middle one does, acts elsewhere."""


def moved_boxes(template: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """(K, 2, 3) lowest and highest corner of what each key moves, metres.

    A vertex counts when it moves by a tenth of what the key's farthest does. Each key by its own measure: one that
    throws shoes out of sight moves them a hundred times as far as others move a lip.
    template: (V, 3). basis: (K, V, 3).
    """
    boxes = np.empty((len(basis), 2, 3))
    for k, displacement in enumerate(basis):
        moved = np.linalg.norm(displacement, axis=1)
        part = template[moved > 0.1 * moved.max()]
        boxes[k] = part.min(0), part.max(0)
    return boxes


def elsewhere(boxes: np.ndarray) -> np.ndarray:
    """(K,) bool: keys that act far from where most of them do, such as one for shoes among those of a face."""
    centres = boxes.mean(1)
    away = np.linalg.norm(centres - np.median(centres, axis=0), axis=1)
    reach = np.linalg.norm(np.ptp(boxes, axis=1), axis=1) / 2
    # a few small keys close together say little about how far apart keys may be: their own size counts as well
    return away > ASIDE * np.median(away) + 2.0 * np.median(reach)


def framing(template: np.ndarray, basis: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """The window that shows what the keys move: a standing figure whole, or the part around the moving vertices.

    template: (V, 3) metres, basis: (K, V, 3). Returns metadata for `core.model.framing.Framing`, and (K,)
    bool: keys that act outside the window.
    """
    boxes = moved_boxes(template, basis)
    aside = elsewhere(boxes)
    whole = np.ptp(template, axis=0)
    low, high = boxes[~aside, 0].min(0), boxes[~aside, 1].max(0)
    part = high - low
    nowhere = np.zeros(len(basis), bool)
    if part[2] > 0.6 * whole[2] and whole[2] > STANDING * whole[1]:
        return {"height": float(1.25 * whole.max()), "floor": True}, nowhere
    if 2.0 * part.max() >= whole.max():
        return {"height": float(1.3 * whole.max()), "floor": False}, nowhere
    centre, height = (low + high) / 2, 2.2 * part.max()
    outside = aside & (np.abs(boxes.mean(1) - centre) > height / 2).any(1)
    return {"height": float(height), "floor": False, "centre": centre.tolist()}, outside
