"""Where a face is measured, and where lips and lids must not pass through each other: found by what moves them."""

import numpy as np

from scripts.anny.face import HeadSource

CONTACT = 0.0025
"""Vertices of two lips closer than this, metres, meet when the mouth is shut."""


def spans(source: HeadSource) -> dict[str, np.ndarray]:
    """The span/… arrays of `core.model.measurements`: a, b vertex numbers, axis (3,) along which a lies beyond b."""
    v = source.neutral
    head = source.parts.influence("head")[source.vertex_numbers] > 0.9
    regions = source.regions
    lips = _vertices(source, regions["lips"])
    upper, lower = _lips(source, lips)
    middle = np.abs(v[:, 0]) < 0.008
    left = v[:, 0] > 0
    brow = _vertices(source, regions["brows"])
    lid, under = _lids(source)
    eyes = _vertices(source, regions["eyes"])
    corner = _top(np.where(lips, np.abs(v[:, 0]), 0), 6)
    nose = _top(source.motion("nose-scale-depth-incr") * head * middle, 6)
    chin = _top(source.motion("chin-height-incr") * middle * head, 6)
    cheek = np.concatenate([_top(source.motion(f"{side}-cheek-volume-incr"), 12) for side in "lr"])
    ear = {side: _top(source.motion(f"{side}-ear-wing-incr"), 10) for side in "lr"}
    rim = np.searchsorted(source.vertex_numbers, source.rim)
    ear_z = v[np.concatenate(list(ear.values())), 2].mean()
    side_of_head = head & (np.abs(v[:, 2] - ear_z - 0.045) < 0.02)
    jaw = head & (np.abs(v[:, 2] - v[corner, 2].mean() + 0.015) < 0.012) & ~lips
    neck = (source.parts.influence("neck")[source.vertex_numbers] > 0.5) & (
        np.abs(v[:, 2] - 0.5 * (v[rim, 2].mean() + v[chin, 2].mean())) < 0.012
    )
    crown = _top(np.where(head, v[:, 2], -np.inf), 8)
    eye_corner = _top(np.where(head, -np.abs(np.abs(v[:, 0]) - 0.047) - np.abs(v[:, 2] - v[eyes, 2].mean()), -9), 8)
    x, y, z = np.eye(3, dtype=np.float32)
    found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {
        # expressions
        "mouth opening": (_numbers(upper & middle), _numbers(lower & middle), z),
        "mouth width": (corner[v[corner, 0] > 0], corner[v[corner, 0] < 0], x),
        "corner lift": (corner, _numbers(upper & middle), z),
        "brow height": (_numbers(brow), _numbers(eyes), z),
        "inner brow height": (_numbers(brow & (np.abs(v[:, 0]) < np.median(np.abs(v[brow, 0])))), _numbers(eyes), z),
        "eye opening": (lid, under, z),
        # shapes
        "head length": (crown, chin, z),
        "forehead height": (crown, _numbers(brow), z),
        "head width": (_widest(v, side_of_head & left), _widest(v, side_of_head & ~left), x),
        "jaw width": (_widest(v, jaw & left), _widest(v, jaw & ~left), x),
        "neck width": (_widest(v, neck & left), _widest(v, neck & ~left), x),
        "cheek width": (cheek[v[cheek, 0] > 0], cheek[v[cheek, 0] < 0], x),
        "cheek depth": (eye_corner, cheek, y),
        "neck length": (chin, rim, z),
        "nose protrusion": (eye_corner, nose, y),
        "ear span": (ear["l"], ear["r"], x),
        "chin length": (_numbers(lower & middle), chin, z),
    }
    arrays = {}
    for name, (a, b, axis) in found.items():
        arrays[f"span/{name}/a"], arrays[f"span/{name}/b"] = a.astype(np.int32), b.astype(np.int32)
        arrays[f"span/{name}/axis"] = axis
    return arrays


def separations(source: HeadSource) -> dict[str, np.ndarray]:
    """Pairs of vertices, upper and lower, that stay in this order: lips where they meet, lids where they close."""
    v = source.neutral
    upper, lower = (_numbers(mask) for mask in _lips(source, _vertices(source, source.regions["lips"])))
    away = np.linalg.norm(v[upper, None] - v[None, lower], axis=2)
    partner = away.argmin(1)
    meet = away.min(1) < CONTACT
    lid, under = _lids(source)
    return {
        "separation/lips/upper": upper[meet].astype(np.int32),
        "separation/lips/lower": lower[partner[meet]].astype(np.int32),
        "separation/lids/upper": lid.astype(np.int32),
        "separation/lids/lower": under.astype(np.int32),
    }


def _lips(source: HeadSource, lips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(V,) bool upper and lower lip: the lower one goes along with the jaw."""
    drop = np.linalg.norm(source.actions["jawOpen"], axis=1)
    share = drop / drop[lips].max()
    return lips & (share < 0.3), lips & (share > 0.6)


def _lids(source: HeadSource) -> tuple[np.ndarray, np.ndarray]:
    """Vertex numbers of both upper lids' edges, and beside each the lower lid's vertex that it meets in a blink."""
    v = source.neutral
    lids, unders = [], []
    for side in (1, -1):
        blink = source.actions["eyeBlink"] * (side * v[:, :1] > 0)
        drop = -blink[:, 2]
        lid = _top(drop, 7)
        still = np.flatnonzero((drop < 0.25 * drop.max()) & (np.linalg.norm(v - v[lid].mean(0), axis=1) < 0.03))
        still = still[v[still, 2] < v[lid, 2].mean()]
        closed = (v + blink)[lid]
        near = np.linalg.norm(closed[:, None] - (v + blink)[None, still], axis=2).argmin(1)
        lids.append(lid)
        unders.append(still[near])
    return np.concatenate(lids), np.concatenate(unders)


def _vertices(source: HeadSource, faces: np.ndarray) -> np.ndarray:
    mask = np.zeros(len(source.neutral), bool)
    mask[source.faces[faces]] = True
    return mask


def _numbers(mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero(mask)


def _top(value: np.ndarray, count: int) -> np.ndarray:
    return np.argsort(-value, kind="stable")[:count]


def _widest(v: np.ndarray, mask: np.ndarray, count: int = 5) -> np.ndarray:
    rows = np.flatnonzero(mask)
    return rows[np.argsort(-np.abs(v[rows, 0]))[:count]]
