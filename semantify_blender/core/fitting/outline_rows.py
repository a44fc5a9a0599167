"""Residuals of an outline: how far a rim is from the one in a picture, both ways, and how it moves with the fit."""

from dataclasses import dataclass

import numpy as np

from .camera import mask_box
from .picture_numbers import CAMERA, GROWN, camera_of, camera_slopes
from .silhouette import Edges, Outline, gradient, nearest, sample, silhouette
from .worn import Worn

Place = tuple[float, float, float]
_RINGS = 3
"""Edges from the border of an open mesh within which an outline says nothing: there the model was cut off."""
_NEAR_BORDER = 1.5
"""Pixels of 128 beside a picture's border in which an outline is the border's."""
_TURN = 0.5
"""Degrees of a finite difference."""


@dataclass(frozen=True)
class Trust:
    """How far a mask is believed.

    grown: pixels by which it may be too large or too small all around, one standard deviation. evidence: share of what
    an exact outline counts for. noise: pixels, the least standard deviation of a point. loose: weight of a mask that
    reaches beyond the figure, where clothes do.
    """

    grown: float
    evidence: float = 1.0
    noise: float = 0.0
    loose: float = 1.0


TRUST = {"alpha": Trust(0.15), "background": Trust(0.35), "finder": Trust(0.8, 0.5, 1.2, 0.5)}
"""By `Cut.source`. A network's mask errs by 1 to 2 pixels of 128, and people in photographs wear what they like."""


@dataclass(frozen=True, eq=False)
class OutlineTarget:
    """mask: (S, S). outline: of the mask, without what is the picture's border. counted: (S, S) bool, the picture."""

    mask: np.ndarray
    outline: Outline
    counted: np.ndarray
    trust: Trust

    @classmethod
    def of(cls, mask: np.ndarray | None, source: str, cut_off: tuple[str, ...]) -> "OutlineTarget | None":
        """None where there is no mask, or hardly any outline. cut_off: sides of the picture, of `Cut`."""
        if mask is None:
            return None
        size = len(mask)
        box, outline = mask_box(mask), Outline.of(mask)
        counted = np.ones((size, size), bool)
        kept = np.ones(len(outline.points), bool)
        for side, at in zip(("left", "top", "right", "bottom"), box or (), strict=False):
            if side not in cut_off:
                continue
            axis, after = (0 if side in ("left", "right") else 1), side in ("right", "bottom")
            # the figure touches the picture's border, so that is where its mask ends
            edge, near = at * size, _NEAR_BORDER * size / 128
            along = outline.points[:, axis]
            kept &= along < edge - near if after else along > edge + near
            pixels = np.arange(size) + 0.5
            inside = pixels < edge if after else pixels > edge
            counted &= inside[None] if axis == 0 else inside[:, None]
        if kept.sum() < 20:
            return None
        outline = Outline(outline.points[kept], outline.normals[kept], outline.distance)
        return cls(mask, outline, counted, TRUST.get(source, TRUST["background"]))


Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Residuals (R,) pixels, their weights (R,), how far apart the points are (R,), and derivatives (R, K + 8 + 3n)."""


class Rim:
    """A model's rim as cameras see it, in any shape and pose."""

    def __init__(self, worn: Worn) -> None:
        self.worn = worn
        self.edges = Edges(worn.model)
        # hems end on skin that goes on below them
        self.open = np.zeros(worn.model.vertex_count, bool) if worn.outfit else self.edges.near_border(_RINGS)

    def rows(self, coefficients: np.ndarray, numbers: np.ndarray, look_at: Place, to: OutlineTarget) -> Rows | None:
        """None where nothing of the rim is in the picture; weights sum to 1 or less."""
        size, outline = len(to.mask), to.outline
        shape = self.worn.model.vertices(coefficients)
        posed = self.worn.posed(coefficients, numbers[CAMERA:])
        points = camera_of(numbers, look_at).project(posed, size)
        coverage = silhouette(self.worn.model, points, size, 2)
        rim, middle, normal = self.edges.rim(points, coverage)
        # one edge a pixel is enough, and hands and feet with their many edges say no more than a trunk
        cells = middle.astype(np.int64) @ np.array([1, 4096])
        one = np.unique(cells, return_index=True)[1]
        rim, middle, normal = rim[one], middle[one], normal[one]
        column, row = np.clip(middle.astype(np.int64), 0, size - 1).T
        within = to.counted[row, column]
        rim, middle, normal = rim[within], middle[within], normal[within]
        if len(rim) < 10:
            return None
        ends = self.edges.vertices[rim]
        slopes = self._slopes(coefficients, shape, posed, numbers, look_at, size, ends)
        unsure = self.open[ends].any(1)
        # from the model to the picture
        there = gradient(outline.distance, middle)
        there = there / np.maximum(np.linalg.norm(there, axis=1, keepdims=True), 1e-6)
        fits = ((there * normal).sum(1) > 0.3) & ~unsure
        grown = numbers[GROWN]
        first = sample(outline.distance, middle) - grown
        # from the picture to the model
        gap = (
            (outline.points**2).sum(1)[:, None]
            - 2 * outline.points @ middle.T
            + (middle**2).sum(1)
            + np.float32(2 * 9.0) * (1 - outline.normals @ normal.T)
        )
        closest = gap.argmin(1)
        apart = middle[closest] - outline.points
        second = (apart * outline.normals).sum(1) - grown
        agree = ((outline.normals * normal[closest]).sum(1) > 0.3) & ~unsure[closest]
        rows = np.concatenate(
            [
                np.einsum("rc,rcm->rm", there[fits], slopes[fits]),
                np.einsum("rc,rcm->rm", outline.normals[agree], slopes[closest[agree]]),
            ]
        )
        rows[:, len(coefficients) + GROWN] = -1.0
        weight = np.concatenate(
            [np.full(int(fits.sum()), 0.5 / len(rim)), np.full(int(agree.sum()), 0.5 / len(outline.points))]
        )
        residual = np.concatenate([first[fits], second[agree]])
        weight = np.where(residual < 0, to.trust.loose * weight, weight)
        distance = np.concatenate([np.abs(first[fits]), np.hypot(*(apart[agree] - grown * outline.normals[agree]).T)])
        # sliding along the outline is no error where the rim is sparse
        distance = np.where(distance < 1.5, np.abs(residual), distance)
        return residual, weight, distance, rows

    def counted(self, points: np.ndarray, coverage: np.ndarray, size: int) -> np.ndarray | None:
        """(S, S) bool: all but the pixels nearest to where an open mesh was cut off; None for a closed one."""
        if not self.open.any():
            return None
        rim, at, _ = self.edges.rim(points, coverage)
        if not len(rim):
            return None
        return ~self.open[self.edges.vertices[rim]].any(1)[nearest(at, size)]

    def _slopes(
        self,
        coefficients: np.ndarray,
        shape: np.ndarray,
        posed: np.ndarray,
        numbers: np.ndarray,
        look_at: Place,
        size: int,
        ends: np.ndarray,
    ) -> np.ndarray:
        """Derivatives of the edges' middles in the picture: (R, 2, K + 8 + 3n)."""
        rows, back = np.unique(ends, return_inverse=True)
        back = back.reshape(ends.shape)
        worn = self.worn
        k, angles = len(coefficients), worn.angles
        here = posed[rows].astype(np.float64)
        lens = camera_of(numbers, look_at).project_slopes(here, size)
        slopes = np.empty((len(rows), 2, k + len(numbers)))
        moved = worn.model.basis[:, rows].astype(np.float64)
        rig = angles.rig
        if rig is not None and worn.weights is not None:
            weights = worn.weights[rows].astype(np.float64)
            rest, basis = worn.joints
            joints = rest + np.tensordot(coefficients, basis, 1)
            turned = np.repeat(numbers[None, CAMERA:], angles.count + 1, 0)
            turned[np.arange(angles.count) + 1, np.arange(angles.count)] += _TURN
            matrices = angles.matrices(turned)
            transforms = rig.transforms(joints, matrices)
            # linear in ξ, the joints with it: what a vertex is turned by, and how the joints move
            own = np.tensordot(weights, transforms[0, :, :, :3], 1)
            carried = rig.transforms(basis, matrices[0])[..., 3]
            moved = np.einsum("vab,kvb->kva", own, moved) + weights @ carried
            change = (transforms[1:] - transforms[0]) / _TURN
            for i in range(angles.count):
                below = rig.moved_by(angles.names[i // 3])
                touched = np.flatnonzero(weights[:, below].any(1))
                blended = np.tensordot(weights[np.ix_(touched, below)], change[i, below], 1)
                moving = np.einsum("vab,vb->va", blended[..., :3], shape[rows[touched]]) + blended[..., 3]
                slopes[..., k + CAMERA + i] = 0.0
                slopes[touched, :, k + CAMERA + i] = np.einsum("vpa,va->vp", lens[touched], moving)
        slopes[..., :k] = np.einsum("vpa,kva->vpk", lens, moved)
        slopes[..., k : k + CAMERA] = camera_slopes(numbers, look_at, here, size)
        return slopes[back].mean(1)
