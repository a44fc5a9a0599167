"""Hairline and brows as curves drawn over Anny's neutral head, in the way of a face chart."""

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.spatial import cKDTree

HAIRLINE = np.array([
    # degrees round the head from the front, metres above the pupils
    (0, 0.0750), (10, 0.0755), (20, 0.0785), (30, 0.0800), (40, 0.0745), (50, 0.0600), (58, 0.0430), (64, 0.0290),
    (68, 0.0165), (70.5, 0.0030), (72.5, -0.0120), (75, -0.0240), (78, -0.0285), (84, -0.0290), (92, -0.0290),
    (104, -0.0260), (112, -0.0300), (122, -0.0480), (134, -0.0640), (150, -0.0720), (165, -0.0750), (180, -0.0760),
])  # fmt: skip
"""Forehead, a slight recess at the temples, sideburn, behind the ear, nape. The ear itself is left out apart."""
AXIS_Y, ROUND, INSIDE = 0.074, 0.080, 0.045
"""The vertical axis that the hairline goes round, metres behind the pupils; how far from it a head's sides are, and
how near to it there is no skin of the head's outside below the crown."""

BROW = np.array([
    # metres from the middle, metres above the pupils, half the width in metres
    (0.0125, 0.0146, 0.0014), (0.0150, 0.0152, 0.0027), (0.0190, 0.0160, 0.0031), (0.0260, 0.0176, 0.0030),
    (0.0330, 0.0190, 0.0027), (0.0400, 0.0195, 0.0022), (0.0460, 0.0183, 0.0015), (0.0505, 0.0165, 0.0008),
    (0.0530, 0.0152, 0.0003),
])  # fmt: skip
"""From the inner end over the arch to the tail, which thins out."""


def hairline_distance(points: np.ndarray, pupils: np.ndarray) -> np.ndarray:
    """(N,) metres from the hairline, positive in the hair. points: (N, 3). pupils: (3,) the point between them."""
    away = np.degrees(np.arctan2(np.abs(points[:, 0]), -(points[:, 1] - pupils[1] - AXIS_Y)))
    up = points[:, 2] - pupils[2]
    line = PchipInterpolator(*HAIRLINE.T)
    turn = np.linspace(0, 180, 4001)
    metres = np.radians(1.0) * ROUND
    tree = cKDTree(np.stack([metres * turn, line(turn)], 1))
    distance = tree.query(np.stack([metres * away, up], 1), distance_upper_bound=0.02)[0]
    found = np.where(np.isfinite(distance), distance, 0.02) * np.sign(up - line(away))
    # the inside of the mouth lies round the same axis, far within the skull
    within = np.hypot(points[:, 0], points[:, 1] - pupils[1] - AXIS_Y) - INSIDE
    return np.where(up < 0, np.minimum(found, within), found)


def brow_distance(points: np.ndarray, pupils: np.ndarray) -> np.ndarray:
    """(N,) metres from the edge of a brow, positive inside. Only points of the face's front may be given."""
    steps = np.linspace(0, 1, len(BROW))
    stroke = np.stack([PchipInterpolator(steps, column)(np.linspace(0, 1, 400)) for column in BROW.T], 1)
    place = np.stack([np.abs(points[:, 0]), points[:, 2] - pupils[2]], 1)
    # the ten nearest points of the middle line: the stroke is as wide as the widest disc that reaches there
    away, which = cKDTree(stroke[:, :2]).query(place, k=40)
    return (stroke[which, 2] - away).max(1)
