"""Legs, ears, horns and tail: tubes of rings that start at a hole in the trunk and end in a cap."""

from typing import NamedTuple

import numpy as np

from scripts.quadruped.cage import Cage
from scripts.quadruped.pieces import hooves, toes


class Section(NamedTuple):
    """One ring of a tube: centre and two half axes (3,), `first` towards the socket's front, `second` outward."""

    centre: np.ndarray
    first: np.ndarray
    second: np.ndarray
    region: str


def tube(
    cage: Cage, loop: np.ndarray, uv: np.ndarray, sections: list[Section], mirror: float, front: float = 1.0,
    inner: str | None = None,
) -> list[np.ndarray]:  # fmt: skip
    """Weld a tube to a hole.

    loop: (n,) vertex numbers of the hole. uv: (n, 2) forward and outward of each, −1..1. mirror: −1 for the right side.
    front: how far the forward half bulges; 1 is an ellipse, an ear's hollow side bends back. inner: that half's region.
    Returns the rings' vertex numbers.
    """
    angle = np.arctan2(uv[:, 1], uv[:, 0])
    along, across = np.cos(angle), np.sin(angle)
    along = np.where(along > 0, front * along, along)
    rings = [loop]
    for section in sections:
        points = section.centre + np.multiply.outer(along, section.first) + np.multiply.outer(across, section.second)
        points[:, 0] *= mirror
        ring = cage.add(points)
        after = np.roll(uv[:, 0], -1)
        names = [
            inner if inner and near + far > 0 else section.region for near, far in zip(uv[:, 0], after, strict=True)
        ]
        cage.bridge(rings[-1], ring, names)
        rings.append(ring)
    tip = sections[-1].centre * [mirror, 1, 1]
    cage.cap(rings[-1], tip, sections[-1].region)
    return rings


def _leg(
    cage: Cage, loop: np.ndarray, uv: np.ndarray, joints: list[tuple[float, float, float]],
    radii: list[tuple[float, float]], tilts: list[float], mirror: float, p: dict[str, float],
) -> None:  # fmt: skip
    """joints: (forward, x, height) of rings; radii: (along the body, across); tilts: degrees, outer side up."""
    sections = []
    for (s, x, z), (along, across), tilt in zip(joints, radii, tilts, strict=True):
        a = np.radians(tilt)
        sections.append(Section(np.array([x, -s, z]), np.array([0.0, -along, 0.0]),
                                across * np.array([np.cos(a), 0.0, np.sin(a)]), "fur"))  # fmt: skip
    # the foot: coronet, belly of the hoof or paw, sole
    s, x, _ = joints[-1]
    length, width, height = p["foot_length"], p["foot_width"], p["foot_height"]
    lean = length - radii[-1][0]
    # in a hoof, so that it alone is seen
    inside = 1 - 0.22 * p["hoof"]
    for level, grow, ahead in ((1.0, 0.80, 0.45), (0.55, 0.95, 0.8), (0.12, 1.04, 1.0), (0.0, 0.93, 1.0)):
        grow *= inside
        sections.append(
            Section(
                np.array([x, -(s + lean * ahead * inside), level * inside * height]),
                np.array([0.0, -length * grow, 0.0]),
                np.array([width * grow, 0.0, 0.0]),
                "fur",
            )
        )
    rings = tube(cage, loop, uv, sections, mirror)
    foot, half = np.array([x, -(s + lean), 0.0]), np.array([width, length, height])
    toes(cage, foot, half, p, mirror)
    hooves(cage, foot, half, p, mirror)
    cage.soften(rings[0], 0.6)
    cage.soften(rings[1], 0.5)
    cage.soften(rings[2], 0.25)


def _fetlock_swell(p: dict[str, float]) -> float:
    """The fetlock stands out on thin legs, on a hippo's pillars it does not show."""
    return float(1 + 0.18 * np.clip((0.75 - p["cannon"] / p["arm"]) / 0.35, 0.0, 1.0))


def front_leg(
    cage: Cage, loop: np.ndarray, base: np.ndarray, uv: np.ndarray, p: dict[str, float], mirror: float
) -> None:
    """Shoulder to hoof: straight down, elbow at the chest's lower edge."""
    elbow = p["withers"] - p["chest_depth"] + 0.02
    carpus, fetlock = p["carpus_height"], p["fetlock_height"]
    x = p["stance"] * p["shoulder_width"] + 0.02
    foot_x = max(x * 0.92, 1.05 * p["foot_width"])
    s = float(-base[:, 1].mean())
    arm, cannon = p["arm"], p["cannon"]
    knee = 0.5 * cannon + 0.22 * arm + 0.006
    swell = _fetlock_swell(p)

    def at(fraction: float) -> float:
        return x + (foot_x - x) * fraction

    upper, lower = elbow - carpus, carpus - fetlock
    joints = [
        (s - 0.005, x + 0.012, elbow + min(0.055, 0.35 * upper)), (s - 0.01, x + 0.004, elbow - 0.15 * upper),
        (s - 0.008, at(0.3), carpus + 0.50 * upper), (s - 0.004, at(0.5), carpus + 0.22 * upper),
        (s, at(0.6), carpus), (s - 0.004, at(0.65), carpus - 0.26 * lower), (s - 0.008, at(0.85), carpus - 0.6 * lower),
        (s - 0.008, at(1), fetlock + 0.05 * lower), (s, at(1), (fetlock + p["foot_height"]) / 2 + 0.004),
    ]  # fmt: skip
    radii = [
        (1.15 * arm, 0.72 * arm), (0.95 * arm, 0.62 * arm), (0.45 * arm + 0.5 * knee, 0.42 * arm + 0.4 * knee),
        (1.0 * knee, 0.9 * knee), (1.04 * knee, 0.95 * knee), (0.5 * (knee + cannon), 0.5 * (knee + cannon)),
        (cannon, 0.9 * cannon), (swell * cannon, (swell - 0.08) * cannon), (1.02 * cannon, 1.0 * cannon),
    ]  # fmt: skip
    _leg(cage, loop, uv, joints, radii, [28, 10, 0, 0, 0, 0, 0, 0, 0], mirror, p)


def hind_leg(
    cage: Cage, loop: np.ndarray, base: np.ndarray, uv: np.ndarray, p: dict[str, float], mirror: float
) -> None:
    """Thigh to hoof: stifle forward, hock backward."""
    groin = p["croup"] - p["flank_depth"]
    hock, fetlock = p["hock_height"], 1.05 * p["fetlock_height"]
    x = p["stance"] * p["rump_width"] + 0.02
    foot_x = max(x * 0.95, 1.05 * p["foot_width"])
    middle = float(-base[:, 1].mean())
    bend, thigh, cannon = p["hind_bend"], p["thigh"], 1.12 * p["cannon"]
    swell = _fetlock_swell(p)
    gaskin, joint = 0.50 * thigh, 0.16 * thigh + 0.75 * cannon
    back = middle - 1.35 * bend
    foot = back + 0.012

    def at(fraction: float) -> float:
        return x + (foot_x - x) * fraction

    drop, lower = groin - hock, hock - fetlock
    joints = [
        (middle - 0.015, x + 0.02, groin + min(0.035, 0.2 * drop)),
        (middle + 0.12 * bend, x + 0.01, groin - 0.15 * drop),
        (middle - 0.25 * bend, at(0.2), hock + 0.50 * drop), (middle - 1.05 * bend, at(0.5), hock + 0.16 * drop),
        (back, at(0.6), hock), (back + 0.006, at(0.65), hock - 0.24 * lower),
        (foot - 0.006, at(0.85), hock - 0.58 * lower), (foot, at(1), fetlock + 0.05 * lower),
        (foot + 0.008, at(1), (fetlock + p["foot_height"]) / 2 + 0.004),
    ]  # fmt: skip
    radii = [
        (1.0 * thigh, 0.52 * thigh), (0.80 * thigh, 0.45 * thigh), (1.0 * gaskin, 0.75 * gaskin),
        (0.5 * (gaskin + joint), 0.5 * gaskin + 0.35 * joint), (1.1 * joint, 0.85 * joint),
        (0.5 * (joint + cannon), 0.45 * (joint + cannon)), (cannon, 0.85 * cannon),
        (swell * cannon, (swell - 0.1) * cannon), (1.0 * cannon, 0.95 * cannon),
    ]  # fmt: skip
    _leg(cage, loop, uv, joints, radii, [25, 8, 0, 0, 0, 0, 0, 0, 0], mirror, p)


def ear(cage: Cage, loop: np.ndarray, base: np.ndarray, uv: np.ndarray, p: dict[str, float], mirror: float) -> None:
    """A pinna: a leaf rolled up to a cup, whose hollow faces forward and outward; splay and droop turn its length."""
    root = base.mean(0)
    length, width, point = p["ear_length"], p["ear_width"], p["ear_point"]
    facing = np.radians(p["ear_facing"])
    steps = np.array([0.12, 0.32, 0.55, 0.76, 0.91, 1.0])
    blunt = np.array([0.80, 1.0, 1.0, 0.90, 0.66, 0.34])
    sharp = np.array([0.95, 1.0, 0.78, 0.48, 0.22, 0.06])
    sections, centre, before = [], root - 0.006, 0.0
    for step, share in zip(steps, blunt + point * (sharp - blunt), strict=True):
        splay = np.radians(p["ear_splay"] + p["ear_droop"] * min(1.0, 1.6 * step))
        along = np.array([np.sin(splay), 0.0, np.cos(splay)])
        outward = np.array([np.cos(splay), 0.0, -np.sin(splay)])
        face = np.cos(facing) * np.array([0.0, -1.0, 0.0]) + np.sin(facing) * outward
        across = np.cross(face, along)
        centre = centre + (step - before) * length * along
        before = step
        thick = p["ear_cup"] * width * (0.25 + 0.75 * share)
        sections.append(Section(centre, thick * face, width * share * across, "fur"))
    rings = tube(cage, loop, uv, sections, mirror, front=-0.45, inner="inner ear")
    cage.soften(rings[0], 0.3)


def horn(cage: Cage, loop: np.ndarray, base: np.ndarray, uv: np.ndarray, p: dict[str, float], mirror: float) -> None:
    """Out, then up and forward; without length a flat patch of the skull."""
    root = base.mean(0)
    length = p["horn_length"]
    size = min(1.0, length / 0.12)
    radius = 0.002 + 0.026 * size
    root -= np.array([0.022, 0.0, 0.034]) * (1 - size)
    sections, centre, before = [], root.copy(), 0.0
    for step, share in ((0.0, 1.0), (0.2, 0.95), (0.45, 0.78), (0.7, 0.55), (0.9, 0.3), (1.0, 0.1)):
        lift = np.radians(5 + 70 * step)
        along = np.array([np.cos(lift), -0.45 * step, np.sin(lift)])
        centre = centre + (step - before) * length * along + np.array([0.0, 0.0, 0.0008])
        before = step
        across = np.array([-along[2], 0.0, along[0]])
        size_here = radius * share
        forward = np.array([0.0, -size_here, 0.0])
        sections.append(Section(centre, forward, size_here * across, "horns" if step else "fur"))
    tube(cage, loop, uv, sections, mirror)


def tail(cage: Cage, loop: np.ndarray, uv: np.ndarray, p: dict[str, float]) -> None:
    """From the tail head backwards; the last rings are the tuft."""
    drop = p["croup"] - p["tail_head_drop"]
    centre = np.array([0.0, 0.475, drop - 0.022])
    start = p["tail_hair"]
    steps = np.concatenate([start * np.array([0.15, 0.36, 0.58, 0.80, 1.0]),
                            start + (1 - start) * np.array([0.12, 0.32, 0.56, 0.80, 0.94, 1.0])])  # fmt: skip
    tuft = np.array([0.0, 0.0, 0.0, 0.05, 0.15, 0.45, 0.85, 1.0, 0.85, 0.5, 0.15])
    sections, before = [], 0.0
    for step, hair in zip(steps, tuft, strict=True):
        angle = np.radians(p["tail_angle"] + p["tail_curl"] * step)
        along = np.array([0.0, np.cos(angle), np.sin(angle)])
        upward = np.array([0.0, -np.sin(angle), np.cos(angle)])
        centre = centre + (step - before) * p["tail_length"] * along
        before = step
        end = 0.55 if step == 1.0 else 1.0
        radius = end * (p["tail_root"] + (p["tail_tip"] - p["tail_root"]) * step**0.8) + hair * p["tuft"]
        # the socket's forward edge becomes the tail's upper side
        sections.append(Section(centre, radius * upward, radius * np.array([1.0, 0.0, 0.0]),
                                "mane" if step > start else "fur"))  # fmt: skip
    rings = tube(cage, loop, uv, sections, 1.0)
    cage.soften(rings[0], 0.5)
    cage.soften(rings[1], 0.3)
