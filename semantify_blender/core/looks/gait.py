"""How four-legged animals without a rig stand and walk in pictures: their legs swing at shoulder, hip and knee."""

from dataclasses import dataclass

import numpy as np

from ..model.morphable_model import MorphableModel

KINDS = ("standing", "walking", "trotting")
_SHARES = (0.45, 0.8, 1.0)
_SWINGS = {"standing": 5.0, "walking": 20.0, "trotting": 34.0}
"""Degrees by which a leg is at most forwards or back."""
_FOOT, _REACH = 0.03, 0.3
"""Metres of a model whose trunk is 1 m: soles are below this height, and a leg is so near to its sole."""
_JOINT, _KNEE, _SOFT = 0.95, 0.5, 0.14
"""Heights of the joints, shares of the belly's, and by how much of it a joint's bend is spread up and down."""
_CLEAR = 0.3
"""Share of a sole's distance from the middle plane within which skin is the belly's."""


@dataclass(frozen=True, eq=False)
class Legs:
    """Where the legs of an animal are.

    upper, lower: (4, V) float32, how much of each vertex swings at the shoulder or hip, and at the knee. Front left,
    front right, hind left, hind right.
    """

    upper: np.ndarray
    lower: np.ndarray

    @classmethod
    def of(cls, model: MorphableModel) -> "Legs | None":
        """Of a model of animals; None of one that shows no fur or does not stand on four feet."""
        if "fur" not in model.regions or "hair" in model.regions:
            return None
        at = model.template - [0, 0, model.template[:, 2].min()]
        x, y, z = at.T
        soles = z < _FOOT
        belly = z[(np.abs(y) < 0.1) & (np.abs(x) < 0.05)]
        if not len(belly):
            return None
        low = float(belly.min())
        upper, lower = [], []
        for front in (True, False):
            for left in (True, False):
                own = soles & ((y < 0) == front) & ((x > 0) == left)
                if not own.any():
                    return None
                foot_x, foot_y = abs(float(x[own].mean())), float(y[own].mean())
                aside = _step((np.where(left, x, -x) / foot_x - _CLEAR) / 0.3)
                near = aside * _step((_REACH - np.abs(y - foot_y)) / 0.12)
                upper.append(near * _step((_JOINT * low - z) / (2 * _SOFT * low) + 0.5))
                lower.append(near * _step((_KNEE * low - z) / (_SOFT * low) + 0.5))
        return cls(np.array(upper, np.float32), np.array(lower, np.float32))

    def posed(self, vertices: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """Swing the legs. vertices: (V, 3) metres. angles: (4, 2) degrees forwards, at the top and at the knee."""
        out = np.array(vertices, np.float64)
        for weights, lower, (swing, bend) in zip(self.upper, self.lower, angles, strict=True):
            for share, angle in ((lower, bend), (weights, swing)):
                ring = (share > 0.15) & (share < 0.85)
                if not ring.any() or not angle:
                    continue
                centre = out[ring].mean(0)
                c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
                # forwards is −Y: what hangs below goes there
                turned = (out - centre) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) + centre
                turned[:, 0] = out[:, 0]
                out += share[:, None] * (turned - out)
        return np.asarray(out, np.float32)


def random_gait(rng: np.random.Generator, kind: str | None = None) -> np.ndarray:
    """(4, 2) degrees for `Legs.posed`. kind: one of KINDS, else any, most stand or walk."""
    turn = rng.random()
    kind = kind or KINDS[int(np.searchsorted(_SHARES, turn))]
    most = _SWINGS[kind]
    phase = rng.uniform(0, 2 * np.pi)
    # legs that are across from each other go together when an animal trots, a quarter later each when it walks
    offsets = np.array([0, np.pi, np.pi, 0] if kind == "trotting" else [0, np.pi, 1.5 * np.pi, 0.5 * np.pi])
    swing = most * np.sin(phase + offsets) * rng.uniform(0.4, 1.0) + rng.normal(0, 2, 4)
    lifted = np.clip(np.cos(phase + offsets), 0, 1) * (kind != "standing")
    bend = -1.3 * most * lifted
    # a hock bends the other way than a knee
    bend[2:] *= 0.6
    return np.stack([swing, bend], 1)


def _step(values: np.ndarray) -> np.ndarray:
    """0 below 0 to 1 above 1, without a corner."""
    inside = np.clip(values, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside))
