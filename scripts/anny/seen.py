"""What is seen of clothes on a posed figure, from all sides: cloth, skin that came through it, holes beside hems."""

from dataclasses import dataclass

import numpy as np

from scripts.anny.worn import Surface, Worn, together

GRID = 0.010
"""Metres between rays."""
CAMERAS = tuple((azimuth, elevation) for azimuth in (0, 60, 120, 180, 240, 300) for elevation in (0.0, -25.0))
"""Degrees round the figure, and up: hems are seen into from below."""
NEAR = 0.06
"""Metres behind skin that came through within which its cloth is."""
STEP = 1e-5
"""Metres before a hit where a ray begins anew."""


@dataclass
class Seen:
    """Rays that met a figure in clothes: cloth in all, skin that came through it, holes."""

    cloth: int = 0
    through: int = 0
    holes: int = 0


def seen(worn: Worn, body: np.ndarray, cloth: dict[str, np.ndarray], below: np.ndarray) -> Seen:
    """Look at a posed figure from all CAMERAS. body: (V, 3). cloth: of `Worn.posed`. below: (T,) of `Worn.below`."""
    hidden = worn.hidden()
    clothes = together(list(cloth.values()), list(worn.garments.values()))
    skin = len(worn.model.triangles)
    whole = Surface(
        np.concatenate([body, clothes.vertices]),
        np.concatenate([worn.model.triangles, clothes.triangles + len(body)]),
    )
    dressed = Surface(whole.vertices, whole.triangles[np.concatenate([~hidden, np.ones(len(clothes.triangles), bool)])])
    shown = skin - int(hidden.sum())
    found = Seen()
    for azimuth, elevation in CAMERAS:
        for start, way in rays(clothes.vertices, azimuth, elevation):
            far, number, facing = whole.hit(start, way)
            if number < 0:
                continue
            found.cloth += number >= skin
            if number < skin and hidden[number] and facing:
                _, number, facing = dressed.hit(start + (far - STEP) * way, way)
                found.holes += number < 0 or not facing
                found.cloth += number >= shown and facing
            elif number < skin and below[number] and facing:
                behind, number, outside = clothes.hit(start + far * way, way)
                found.through += number >= 0 and outside and behind < NEAR
    return found


def rays(points: np.ndarray, azimuth: float, elevation: float) -> "list[tuple[np.ndarray, np.ndarray]]":
    """Parallel rays GRID apart, where they may meet points (P, 3). Degrees. Each is a start and a direction (3,)."""
    a, e = np.radians([azimuth, elevation])
    way = -np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    axes = np.stack([right, np.cross(right, way), way])
    flat = points @ axes.T
    low, high = flat.min(0), flat.max(0)
    across, up = (np.arange(low[i] + GRID / 2, high[i], GRID) for i in (0, 1))
    near = {(int(x), int(y)) for x, y in np.floor((flat[:, :2] - low[:2]) / (4 * GRID)).astype(int)}
    near = {(x + i, y + j) for x, y in near for i in (-1, 0, 1) for j in (-1, 0, 1)}
    return [
        (x * axes[0] + y * axes[1] + (low[2] - 1.0) * way, way)
        for i, x in enumerate(across)
        for j, y in enumerate(up)
        if (i // 4, j // 4) in near
    ]
