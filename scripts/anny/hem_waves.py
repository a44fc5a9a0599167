"""How far the hems of garments wave, up and down."""

import numpy as np

from semantify_blender.core.model.parts import Part


def hems(part: Part) -> list[list[int]]:
    """The open loops of a part: the inner rows of its hems."""
    offsets = part.face_offsets
    corners = part.corner_vertices.tolist()
    edges = set()
    for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        face = corners[a:b]
        edges |= {(face[i - 1], face[i]) for i in range(len(face))}
    following = {a: b for a, b in edges if (b, a) not in edges}
    loops = []
    while following:
        start, at = following.popitem()
        loop = [start]
        while at != start:
            loop.append(at)
            at = following.pop(at)
        loops.append(loop)
    return loops


def waviness(loop: np.ndarray) -> np.ndarray:
    """(L,) metres by which a hem (L, 3) lies above or below a smooth one, which tilts and bends but does not wave.

    Up is across the plane that the hem lies in; smooth are the two longest waves around it.
    """
    steps = np.linalg.norm(np.roll(loop, -1, 0) - loop, axis=1)
    at = 2 * np.pi * np.cumsum(np.concatenate([[0], steps[:-1]])) / steps.sum()
    turns = at[:, None] * [1, 2]
    waves = np.concatenate([np.ones((len(at), 1)), np.cos(turns), np.sin(turns)], 1)
    across = np.linalg.svd(loop - loop.mean(0), full_matrices=False)[2][2]
    height = loop @ across
    share = np.sqrt(steps)[:, None]
    return np.asarray(height - waves @ np.linalg.lstsq(waves * share, height * share[:, 0], rcond=None)[0])
