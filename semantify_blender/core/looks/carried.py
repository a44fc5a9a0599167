"""Simple shapes of what somebody wears on the head and carries: hanging hair, beard, hat, glasses, bag.

Each is a grid of points, laid on the figure by where its head, its trunk and its hands are.
"""

from dataclasses import dataclass

import numpy as np

from ..model.morphable_model import MorphableModel
from ..model.posing import Rig
from .layers import Layers

ACROSS, DOWN = 24, 12
"""Points of each grid."""
HAIR, BEARD, HAT, GLASSES, BAG = THINGS = ("hair", "beard", "hat", "glasses", "bag")
_EYE = 0.024
"""Radius of a glass, metres on a head whose eyes are 6.2 cm apart."""
_APART = 0.062


@dataclass(frozen=True, eq=False)
class Carried:
    """Where things go on a figure, told by its template.

    template: (V, 3). head, trunk: rows of it. hands: side -> rows. middle: (3,) of the head at the height of the eyes;
    half: (3,) half its width and depth, and its height above them. eyes, lips: (3,) or None. Metres of the template.
    """

    template: np.ndarray
    head: np.ndarray
    trunk: np.ndarray
    hands: dict[str, np.ndarray]
    middle: np.ndarray
    half: np.ndarray
    eyes: np.ndarray | None
    lips: np.ndarray | None

    @classmethod
    def of(cls, model: MorphableModel) -> "Carried | None":
        """Of a model, dressed or not; None where no hair tells which part of it is a head."""
        hair = _rows(model, "hair")
        if not len(hair):
            return None
        at, rig = model.template, Rig.of(model)
        chains = {} if rig is None else rig.chains
        if rig is not None and {"neck", "spine"} <= set(chains):
            head, trunk = (np.flatnonzero(rig.part(name) > 0.9) for name in ("neck", "spine"))
            trunk = np.setdiff1d(trunk, np.flatnonzero(sum(rig.part(n) for n in chains if n[:-2] == "upperarm") > 0.1))
            trunk = np.setdiff1d(trunk, np.flatnonzero(rig.part("neck") > 0.1))
            hands = {n[-1]: np.flatnonzero(rig.part(n) > 0.9) for n in chains if n[:-2] == "hand"}
        else:
            head, trunk, hands = np.arange(len(at)), np.arange(0), {}
        eyes, lips = (_rows(model, name) for name in ("eyes", "lips"))
        low, high = at[hair].min(0), at[hair].max(0)
        level = float(at[eyes, 2].mean()) if len(eyes) else float(low[2])
        skull = head[at[head, 2] > level]
        if not len(skull):
            return None
        low[:2], high[:2] = at[skull].min(0)[:2], at[skull].max(0)[:2]
        middle = np.array([0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1]), level])
        half = np.array([0.5 * (high[0] - low[0]), 0.5 * (high[1] - low[1]), high[2] - level])
        return cls(
            at, head, trunk, hands, middle, half,
            at[eyes].mean(0) if len(eyes) else None, at[lips].mean(0) if len(lips) else None,
        )  # fmt: skip

    def grids(self, vertices: np.ndarray, layers: Layers) -> dict[str, np.ndarray]:
        """Thing -> (DOWN, ACROSS, 3) metres, those that are there.

        vertices: (V, 3) of the figure, posed and placed.
        """
        found: dict[str, np.ndarray] = {}
        on_head = _Placed.of(self.template[self.head], vertices[self.head])
        if layers.hanging:
            found[HAIR] = on_head(self._hair(layers))
        if layers.beard and self.lips is not None:
            size = np.array([0.045, 0.022, 0.035]) + layers.beard * np.array([1.0, 0.4, 1.0])
            found[BEARD] = on_head(self.lips + [0, 0.022, -0.036] + size * _ball())
        if layers.hat is not None:
            found[HAT] = on_head(self._hat(*layers.hat))
        if layers.glasses and self.eyes is not None:
            found[GLASSES] = on_head(self._glasses())
        if layers.bag is not None and len(self.trunk):
            found[BAG] = self._bag(vertices, *layers.bag)
        return found

    def _hair(self, layers: Layers) -> np.ndarray:
        """A curtain from the crown over the ears and the back of the head, straight down below the ears."""
        around, along = np.meshgrid(np.linspace(-1.85, 1.85, ACROSS), np.linspace(0, 1, DOWN))
        on_skull = np.minimum(along / 0.5, 1.0)
        below = np.maximum(along - 0.5, 0.0) / 0.5
        reach = self.half + layers.hair + 0.008
        radius = np.sin(on_skull * np.pi / 2) * (1 - 0.12 * below)
        return self.middle + np.stack(
            [
                reach[0] * radius * np.sin(around),
                reach[1] * radius * np.cos(around),
                reach[2] * np.cos(on_skull * np.pi / 2) - layers.hanging * below,
            ],
            -1,
        )

    def _hat(self, crown: float, brim: float) -> np.ndarray:
        """A turned profile: brim, side and top."""
        angles = np.linspace(0, 2 * np.pi, ACROSS)
        low = 0.45 * self.half[2]
        high = self.half[2] + crown * 0.5
        share = np.linspace(0, 1, DOWN - 3)
        radius = np.r_[
            1.08 + brim / self.half[0], 1.08 + 0.5 * brim / self.half[0], 1.08, np.sqrt(1 - share**2.6) * 1.08
        ]
        height = np.r_[low, low, low, low + (high - low) * share]
        return self.middle + np.stack(
            [
                self.half[0] * radius[:, None] * np.sin(angles),
                self.half[1] * radius[:, None] * np.cos(angles),
                np.broadcast_to(height[:, None], (DOWN, ACROSS)),
            ],
            -1,
        )

    def _glasses(self) -> np.ndarray:
        """Two rings, one after the other in one grid, joined over the nose."""
        assert self.eyes is not None
        scale = self.half[0] / 0.075
        angles = np.linspace(0, 2 * np.pi, ACROSS)
        rows = []
        for number in range(DOWN):
            side = -1.0 if number < DOWN // 2 else 1.0
            turn = 2 * np.pi * (number % (DOWN // 2)) / (DOWN // 2 - 1)
            ring = _EYE + 0.003 * np.cos(turn)
            rows.append(
                np.stack([side * 0.5 * _APART + ring * np.cos(angles), np.full(ACROSS, 0.003 * np.sin(turn)),
                          ring * np.sin(angles)], -1)
            )  # fmt: skip
        front = self.eyes - [0, 0.022 * scale, 0]
        return front + scale * np.array(rows)

    def _bag(self, vertices: np.ndarray, place: str, size: tuple[float, float, float]) -> np.ndarray:
        """A rounded box on the back, or hanging from a hand."""
        ball = _ball()
        box = np.sign(ball) * np.abs(ball) ** 0.45 * np.array(size) / 2
        if place == "back":
            on_trunk = _Placed.of(self.template[self.trunk], vertices[self.trunk])
            rows = self.template[self.trunk]
            high = rows[:, 2].max() - 0.08 - size[2] / 2
            return on_trunk(np.array([0.0, rows[:, 1].max() + 0.4 * size[1], high]) + box)
        hand = self.hands.get("L" if place == "left" else "R")
        if hand is None or not len(hand):
            return vertices[self.trunk].mean(0) + box
        return np.asarray(vertices[hand].mean(0) - [0, 0, 0.55 * size[2] + 0.04] + box)


@dataclass(frozen=True, eq=False)
class _Placed:
    """Turned, moved and scaled as points of the template are (Umeyama 1991). turn: (3, 3) with the scale."""

    turn: np.ndarray
    one: np.ndarray
    other: np.ndarray

    @classmethod
    def of(cls, template: np.ndarray, vertices: np.ndarray) -> "_Placed":
        one, other = template.mean(0), vertices.mean(0)
        a, b = template - one, vertices - other
        u, sizes, vt = np.linalg.svd(a.T @ b)
        flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
        scale = float((sizes * np.diag(flip)).sum() / max(float((a**2).sum()), 1e-12))
        return cls(scale * (u @ flip @ vt), one, other)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        return np.asarray((points - self.one) @ self.turn + self.other)


def _ball() -> np.ndarray:
    """(DOWN, ACROSS, 3) a sphere of radius 1."""
    angles, tilts = np.meshgrid(np.linspace(0, 2 * np.pi, ACROSS), np.linspace(0, np.pi, DOWN))
    return np.stack([np.sin(tilts) * np.sin(angles), np.sin(tilts) * np.cos(angles), np.cos(tilts)], -1)


def _rows(model: MorphableModel, region: str) -> np.ndarray:
    """Vertices of a region's faces."""
    mask = model.regions.get(region)
    if mask is None:
        return np.arange(0)
    return np.unique(model.corner_vertices[np.repeat(mask, np.diff(model.face_offsets))])
