"""Skirts: rings around hips and legs that follow the widest outline, hang from it, flare a little and fold."""

from dataclasses import dataclass

import numpy as np

from scripts.anny.shells import Shell

ROWS = 13
FLARE, FOLDS, FOLD = 0.035, 9, 0.007
"""Metres that the hem stands further out, folds around it, and their depth in metres at the hem. An odd number of folds
is the same left and right of the middle."""
BLUR = 14
"""Steps of blurring a skirt's skin weights: so far that it does not tear; `skirt_weights` goes on from there."""
_DIRECTIONS = np.linspace(0, 2 * np.pi, 48, endpoint=False)


@dataclass(frozen=True, eq=False)
class Skirt:
    """Where a skirt hangs: `loop`, a border of the shell above it.

    share: of the way from hip to knee that it reaches. base_rows: base vertices of hips and legs, what it hangs around.
    """

    loop: list[int]
    share: float
    base_rows: np.ndarray

    def freedom(self, count: int) -> np.ndarray:
        """(count,) 0 to 1, how much each vertex of a shell hangs free: its last ones are the skirt's, row after row."""
        free = np.zeros(count)
        free[-ROWS * len(self.loop) :] = np.repeat(np.clip(np.arange(1, ROWS + 1) / 4, 0, 1), len(self.loop))
        return free

    def rings(self, top: np.ndarray, base: np.ndarray, hip: np.ndarray, knee: np.ndarray) -> np.ndarray:
        """Its vertices on bodies: (N, ROWS · L, 3).

        top: (N, L, 3) where the border is. base: (N, 19158, 3). hip, knee: (N,) heights of these joints. All metres.
        """
        hem = hip + self.share * (knee - hip)
        return np.stack([self._one(at, one[self.base_rows], z) for at, one, z in zip(top, base, hem, strict=True)])

    def _one(self, top: np.ndarray, body: np.ndarray, hem: float) -> np.ndarray:
        start = top[:, 2].mean()
        down = np.linspace(0, 1, ROWS + 1)
        heights = start + down * (hem - start)
        slab = 0.7 * (start - hem) / ROWS
        flat = [body[np.abs(body[:, 2] - z) < slab, :2] for z in heights]
        middle = np.stack([(one.min(0) + one.max(0)) / 2 for one in flat])
        middle = _along(middle, 3)
        middle[0] = top[:, :2].mean(0)
        angle = np.arctan2(*(top[:, :2] - middle[0]).T[::-1])
        radius = np.stack([_outline(one - centre, angle) for one, centre in zip(flat, middle, strict=True)])
        radius += 0.004 + 0.010 * down[:, None]
        radius[0] = np.linalg.norm(top[:, :2] - middle[0], axis=1)
        hanging = np.maximum.accumulate(radius, 0)
        hanging = np.maximum(_around(_along(hanging, 3), 3), radius + FLARE * down[:, None] ** 2)
        # from the border to the free outline within a few rows, and no further out than the flare asks for
        blend = np.clip(down / 0.2, 0, 1)[:, None]
        hanging = (1 - blend) * np.maximum(radius[0], radius) + blend * (
            _around(hanging, 2) + FLARE * down[:, None] ** 2
        )
        hanging += FOLD * down[:, None] ** 1.5 * (1 + np.sin(FOLDS * angle))
        flow = np.stack([np.cos(angle), np.sin(angle)], 1)
        at = middle[:, None] + hanging[..., None] * flow
        z = heights[:, None] + (1 - down[:, None]) ** 2 * (top[:, 2] - start)
        return np.concatenate([at, z[..., None]], 2)[1:].reshape(-1, 3)


def hang(shell: Shell, loop: list[int], share: float, base_rows: np.ndarray) -> tuple[Shell, Skirt]:
    """A shell with the faces of a skirt on one of its borders."""
    return shell.lengthened(loop, ROWS), Skirt(loop, share, base_rows)


def loosened(shell: Shell, skirt: Skirt, weights: np.ndarray) -> np.ndarray:
    """Skin weights (V, J) with a skirt's blurred, the more the lower: it goes with both legs and does not part between.

    shell: with the skirt's own vertices at its end.
    """
    free, blurred = skirt.freedom(len(weights))[:, None], weights
    for _ in range(BLUR):
        blurred = blurred + free * (shell.neighbours @ blurred - blurred)
    return np.asarray(blurred / blurred.sum(1, keepdims=True))


def _outline(points: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """How far the convex outline of points (P, 2) around the origin is in each direction. Returns (L,)."""
    ways = np.stack([np.cos(_DIRECTIONS), np.sin(_DIRECTIONS)])
    support = (points @ ways).max(0)
    cosine = np.cos(angle[:, None] - _DIRECTIONS)
    return np.where(cosine > 0.1, support / np.maximum(cosine, 0.1), np.inf).min(1)


def _along(values: np.ndarray, steps: int) -> np.ndarray:
    """Rows blurred with the ones above and below them; the ends stay."""
    for _ in range(steps):
        values = np.concatenate([values[:1], (values[:-2] + 2 * values[1:-1] + values[2:]) / 4, values[-1:]])
    return values


def _around(values: np.ndarray, steps: int) -> np.ndarray:
    """Each row blurred around its ring."""
    for _ in range(steps):
        values = (np.roll(values, 1, 1) + 2 * values + np.roll(values, -1, 1)) / 4
    return values
