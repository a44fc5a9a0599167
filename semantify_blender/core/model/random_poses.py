"""Poses drawn at random as pictures show people: from an A-pose, within what joints of people allow."""

from collections.abc import Mapping

import numpy as np

from .rotations import from_vectors

KINDS = (
    "standing", "walking", "striding", "sitting", "squatting",
    "overhead", "crossed", "leaning", "twisting", "spread",
)  # fmt: skip
STANDING = 0.75
"""Share of figures that stand, in pictures to learn from: most people do in pictures of people."""

Range = tuple[float, float]
LIMITS: Mapping[str, tuple[Range, Range, Range]] = {
    "spine": ((-25.0, 75.0), (-25.0, 25.0), (-40.0, 40.0)),
    "neck": ((-40.0, 40.0), (-30.0, 30.0), (-65.0, 65.0)),
    "upperarm": ((-60.0, 135.0), (-50.0, 130.0), (-40.0, 65.0)),
    "forearm": ((-45.0, 100.0), (0.0, 0.0), (-40.0, 40.0)),
    "hand": ((-55.0, 55.0), (-20.0, 20.0), (-35.0, 35.0)),
    "fingers": ((-10.0, 80.0), (0.0, 0.0), (0.0, 0.0)),
    "thumb": ((-15.0, 35.0), (0.0, 0.0), (0.0, 0.0)),
    "thigh": ((-25.0, 115.0), (-15.0, 45.0), (-25.0, 40.0)),
    "shin": ((-145.0, 3.0), (0.0, 0.0), (0.0, 0.0)),
    "foot": ((-35.0, 25.0), (-12.0, 12.0), (-12.0, 12.0)),
    "toes": ((-10.0, 45.0), (0.0, 0.0), (0.0, 0.0)),
}
"""Degrees from an A-pose by which parts turn forwards (fingers: curl, knees: backwards is less than 0), sideways (away
from the middle plane; a trunk: to its left) and about themselves (inwards). Rounded from the ranges of the American
Academy of Orthopaedic Surgeons, shoulders and twists held nearer: there linear skinning folds before people do."""

_AXES: Mapping[str, np.ndarray] = {
    name: np.array(rows)
    for name, rows in {
        # rows: the axes of the three turns, on the figure's left
        "trunk": ((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0)),
        "leg": ((-1.0, 0, 0), (0, -1.0, 0), (0, 0, -1.0)),
        "upperarm": ((-1.0, 0, 0), (0, -1.0, 0), (0.64, 0, -0.77)),
        # an elbow is a hinge, already half bent in an A-pose
        "forearm": ((-0.76, -0.15, -0.63), (0, 0, 0), (-0.52, 0.72, 0.46)),
        "hand": ((0.39, 0.82, -0.42), (-0.8, 0.4, 0.0), (-0.2, 0.7, 0.68)),
        "fingers": ((0.39, 0.82, -0.42), (0, 0, 0), (0, 0, 0)),
        "thumb": ((0.81, -0.45, 0.37), (0, 0, 0), (0, 0, 0)),
        "foot": ((-1.0, 0, 0), (0, -1.0, 0), (0, 0, -1.0)),
    }.items()
}
_UNIT_AXES = {
    name: rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9) for name, rows in _AXES.items()
}
_KIND_OF_AXES = {"spine": "trunk", "neck": "trunk", "thigh": "leg", "shin": "leg", "toes": "foot"}

Turns = dict[str, tuple[float, float, float]]
"""Chain -> degrees forwards, sideways, about itself."""


def lively_pose(rng: np.random.Generator, kind: str | None = None) -> dict[str, np.ndarray]:
    """Chain -> (3, 3) rotation in the figure's axes, from a model's own A-pose. kind: one of KINDS, else any."""
    return rotations_of(_turns(rng, kind or KINDS[int(rng.integers(len(KINDS)))]))


def picture_pose(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The same as pictures to learn from show people: `STANDING` of them stand, the others do anything."""
    return lively_pose(rng, "standing" if rng.random() < STANDING else None)


def rotations_of(turns: Turns) -> dict[str, np.ndarray]:
    """Chain -> (3, 3), of chains that are turned by degrees forwards, sideways and about themselves, within limits.

    About themselves first, sideways next, forwards last; mirrored on the figure's right.
    """
    if not turns:
        return {}
    parts = [name.partition(".")[0] for name in turns]
    limits = np.array([LIMITS[part] for part in parts])
    angles = np.clip(np.array(list(turns.values()), np.float64), limits[..., 0], limits[..., 1])
    vectors = np.array([_UNIT_AXES[_KIND_OF_AXES.get(part, part)] for part in parts]) * angles[..., None]
    vectors[[name.endswith(".R") for name in turns]] *= [1.0, -1.0, -1.0]
    forwards, sideways, about = from_vectors(vectors.swapaxes(0, 1))
    return dict(zip(turns, forwards @ sideways @ about, strict=True))


def _turns(rng: np.random.Generator, kind: str) -> Turns:
    """What a kind of pose is made of; small chance turns everywhere, so that nobody stands like a doll."""
    lead = (1.0 if rng.random() < 0.5 else -1.0) * _lead(rng, kind)
    found: Turns = {
        "spine": (rng.normal(2, 5), rng.normal(0, 4), rng.normal(0, 5) - 0.25 * lead),
        "neck": (rng.normal(2, 9), rng.normal(0, 6), rng.normal(0, 20)),
    }
    both = rng.normal(0, 1, 2)  # the two sides mostly do alike
    seat, squat = rng.uniform(70, 100), rng.uniform(85, 115)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        swing = sign * lead
        found |= {f"{name}.{side}": turns for name, turns in _hanging(rng, both, swing).items()}
        thigh = (rng.normal(0, 4) + swing, rng.normal(0, 3), rng.normal(-4, 8))
        shin = -abs(rng.normal(0, 5)) - (rng.uniform(0.3, 1.2) * abs(swing) if swing < 0 else 0.0)
        foot = (rng.normal(0, 3), 0.0, 0.0)
        if kind in ("walking", "striding") and swing < 0:
            foot = (-0.4 * abs(swing), 0.0, 0.0)  # the heel behind is lifted, the toes stay on the ground
            found[f"toes.{side}"] = (0.8 * abs(swing), 0.0, 0.0)
        if kind == "sitting":
            thigh, shin = (seat + rng.normal(0, 5), rng.normal(4, 7), rng.normal(0, 6)), -seat - rng.normal(0, 12)
        elif kind == "squatting":
            thigh, shin = (squat + rng.normal(0, 4), rng.uniform(2, 25), rng.normal(0, 5)), -squat - rng.uniform(5, 30)
            foot = (rng.uniform(5, 22), 0.0, 0.0)
        elif kind == "spread":
            thigh = (rng.normal(0, 10), rng.uniform(0, 35), rng.normal(-8, 8))
        found |= {f"thigh.{side}": thigh, f"shin.{side}": (shin, 0.0, 0.0), f"foot.{side}": foot}
        arm = _ARMS.get(kind)
        if arm is not None:
            found |= {f"{name}.{side}": turns for name, turns in arm(rng).items()}
    _bend_trunk(rng, kind, found)
    return found


def _lead(rng: np.random.Generator, kind: str) -> float:
    """Degrees by which the leg in front is forwards, and the other one back."""
    return float({"walking": rng.uniform(8, 22), "striding": rng.uniform(20, 42)}.get(kind, 0.0))


def _hanging(rng: np.random.Generator, both: np.ndarray, swing: float) -> Turns:
    """An arm that hangs, or is bent at the elbow, perhaps a hand on the hip; it swings against its leg."""
    side, front = 0.8 * both + 0.6 * rng.normal(0, 1, 2)
    bent = rng.random()
    flex = rng.uniform(-38, -5)
    turns = (4 + 12 * front - 0.8 * swing, float(np.clip(-25 + 9 * side, -38, 20)), rng.normal(0, 8))
    if bent < 0.2:  # in front of the body, as who holds something
        flex = rng.uniform(20, 85)
    elif bent < 0.32:  # on the hip
        turns, flex = (rng.uniform(-25, -10), rng.uniform(-8, 8), rng.uniform(45, 65)), rng.uniform(20, 45)
    curl = float(np.clip(rng.gamma(3.0, 6.0), 2, 70))
    return {
        "upperarm": turns,
        "forearm": (flex, 0.0, rng.normal(0, 12)),
        "hand": (rng.normal(0, 12), rng.normal(0, 5), rng.normal(0, 8)),
        "fingers": (curl, 0.0, 0.0),
        "thumb": (0.4 * curl, 0.0, 0.0),
    }


def _overhead(rng: np.random.Generator) -> Turns:
    return {
        "upperarm": (rng.normal(10, 15), rng.uniform(70, 125), rng.normal(0, 12)),
        "forearm": (rng.uniform(-40, 60), 0.0, rng.normal(0, 12)),
    }


def _crossed(rng: np.random.Generator) -> Turns:
    return {
        "upperarm": (rng.uniform(18, 34), rng.uniform(-40, -28), rng.uniform(45, 62)),
        "forearm": (rng.uniform(42, 62), 0.0, rng.normal(0, 10)),
    }


def _spread(rng: np.random.Generator) -> Turns:
    return {
        "upperarm": (rng.uniform(-20, 60), rng.uniform(-10, 90), rng.normal(0, 15)),
        "forearm": (rng.uniform(-42, 70), 0.0, rng.normal(0, 15)),
    }


def _on_lap(rng: np.random.Generator) -> Turns:
    return {
        "upperarm": (rng.uniform(0, 40), rng.uniform(-36, -15), rng.normal(5, 8)),
        "forearm": (rng.uniform(-25, 60), 0.0, rng.normal(0, 12)),
    }


_ARMS = {
    "overhead": _overhead, "crossed": _crossed, "spread": _spread, "sitting": _on_lap, "squatting": _on_lap,
}  # fmt: skip


def _bend_trunk(rng: np.random.Generator, kind: str, found: Turns) -> None:
    """Trunks that bend and turn; heads that keep looking ahead, half of it."""
    forwards, sideways, about = found["spine"]
    if kind == "leaning":
        forwards, sideways = rng.uniform(-15, 65), sideways + rng.uniform(-18, 18)
    elif kind == "twisting":
        about += rng.uniform(15, 38) * (1 if rng.random() < 0.5 else -1)
    elif kind == "squatting":
        forwards += rng.uniform(10, 40)
    elif kind == "sitting":
        forwards += rng.uniform(-12, 25)
    elif kind == "overhead":
        forwards -= rng.uniform(0, 10)
    nod, tilt, look = found["neck"]
    extra = forwards - found["spine"][0]
    found["spine"] = (forwards, sideways, about)
    found["neck"] = (nod - 0.5 * extra, tilt - 0.5 * sideways, look)
