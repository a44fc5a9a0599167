"""Poses drawn at random as photographs show people: standing, striding, sitting, arms anywhere; to test and measure."""

import numpy as np

from .posing import limb_rotations

KINDS = ("standing", "striding", "sitting", "overhead", "spread")


def lively_pose(rng: np.random.Generator, kind: str | None = None) -> dict[str, np.ndarray]:
    """Joint -> (3, 3) rotation in the figure's axes, from a model's own A-pose. kind: one of KINDS, else any."""
    kind = kind or KINDS[int(rng.integers(len(KINDS)))]
    angles: dict[str, tuple[float, float]] = {}
    lead = rng.uniform(15, 45) * (1 if rng.random() < 0.5 else -1) if kind == "striding" else 0.0
    seat = rng.uniform(60, 100)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        arm = (rng.normal(-12, 15), rng.normal(0, 20) - 0.6 * sign * lead)
        if kind == "overhead":
            arm = (rng.uniform(80, 130), rng.normal(0, 15))
        elif kind == "spread":
            arm = (rng.uniform(0, 90), rng.uniform(-20, 40))
        elif kind == "sitting":
            arm = (rng.normal(-15, 10), rng.uniform(0, 45))
        angles[f"upperarm.{side}"] = arm
        bent = rng.random() < 0.6
        angles[f"forearm.{side}"] = (rng.uniform(-40, 5), rng.uniform(10, 95)) if bent else (0.0, rng.uniform(0, 15))
        thigh = (rng.normal(1, 4), rng.normal(0, 6) + sign * lead)
        shin = -abs(rng.normal(0, 8)) - (rng.uniform(0, 40) if sign * lead < 0 else 0.0)
        if kind == "sitting":
            thigh, shin = (rng.normal(8, 8), seat + rng.normal(0, 5)), -seat - rng.normal(0, 12)
        elif kind == "spread":
            thigh = (rng.uniform(0, 30), rng.normal(0, 12))
        angles[f"thigh.{side}"] = thigh
        angles[f"shin.{side}"] = (0.0, float(np.clip(shin, -150, 0)))
    found = limb_rotations(angles)
    nod, turn = np.radians(rng.normal(0, (8, 20)))
    found["neck"] = np.array(
        [
            [np.cos(turn), -np.sin(turn), 0],
            [np.sin(turn) * np.cos(nod), np.cos(turn) * np.cos(nod), -np.sin(nod)],
            [np.sin(turn) * np.sin(nod), np.cos(turn) * np.sin(nod), np.cos(nod)],
        ]
    )
    return found
