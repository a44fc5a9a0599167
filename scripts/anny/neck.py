"""Where a head ends: an edge loop round the neck's base, so that its border is smooth; and the part that closes it."""

import numpy as np

from semantify_blender.core.model.parts import Part

WIDEST = 0.11
"""Metres from the middle to the side: the loop is the widest one below that, where the neck flares to the shoulders."""
RINGS = np.array([
    # share of the way to the middle, metres down
    (0.0, 0.0), (0.02, -0.0035), (0.06, -0.0055), (0.13, -0.006), (0.35, -0.006), (0.7, -0.006),
])  # fmt: skip
"""A rounded edge and a flat bottom."""


def neck_loop(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Vertex numbers of the loop, in order. vertices: (V, 3) metres of a body. faces: (F, 4)."""
    neighbours: dict[int, set[int]] = {}
    sides: dict[tuple[int, int], set[int]] = {}
    for number, quad in enumerate(faces.tolist()):
        for a, b in zip(quad, quad[1:] + quad[:1], strict=True):
            neighbours.setdefault(a, set()).add(b)
            neighbours.setdefault(b, set()).add(a)
            sides.setdefault((min(a, b), max(a, b)), set()).add(number)
    tall = np.ptp(vertices[:, 2])
    front = (
        (np.abs(vertices[:, 0]) < 1e-4) & (vertices[:, 1] < 0) & (vertices[:, 2] > vertices[:, 2].max() - 0.22 * tall)
    )
    best: list[int] = []
    for start in np.flatnonzero(front).tolist():
        for second in neighbours[start]:
            loop = _loop(start, second, neighbours, sides)
            wide, depth = (np.ptp(vertices[loop][:, i]) for i in (0, 1)) if loop else (0.0, 0.0)
            # round the neck, not round a mouth or a chin: as deep as a neck, and open to both sides
            if depth > 0.08 and wide / 2 < WIDEST and (not best or wide > np.ptp(vertices[best][:, 0])):
                best = loop
    if not best:
        raise ValueError("no edge loop round the neck: this topology is not Anny's")
    return np.array(best)


def _loop(
    start: int, second: int, neighbours: dict[int, set[int]], sides: dict[tuple[int, int], set[int]]
) -> list[int]:
    """Straight on over each crossing of four edges until the start comes again; empty where it does not."""
    loop = [start, second]
    while len(loop) < 200:
        before, here = loop[-2:]
        if len(neighbours[here]) != 4:
            return []
        beside = sides[min(before, here), max(before, here)]
        onward = [n for n in neighbours[here] if n != before and not sides[min(here, n), max(here, n)] & beside]
        if len(onward) != 1:
            return []
        if onward[0] == start:
            return loop
        loop.append(onward[0])
    return []


def beyond(vertices: np.ndarray, faces: np.ndarray, loop: np.ndarray) -> np.ndarray:
    """(F,) bool: the faces above a loop round the neck, and pieces apart that lie inside the head (eyes, tongue)."""
    links: dict[int, set[int]] = {}
    ring = {(min(a, b), max(a, b)) for a, b in zip(loop.tolist(), np.roll(loop, -1).tolist(), strict=True)}
    owners: dict[tuple[int, int], list[int]] = {}
    for number, quad in enumerate(faces.tolist()):
        for a, b in zip(quad, quad[1:] + quad[:1], strict=True):
            owners.setdefault((min(a, b), max(a, b)), []).append(number)
    for edge, pair in owners.items():
        if len(pair) == 2 and edge not in ring:
            links.setdefault(pair[0], set()).add(pair[1])
            links.setdefault(pair[1], set()).add(pair[0])
    left, found = set(range(len(faces))), np.zeros(len(faces), bool)
    lowest = vertices[loop, 2].min()
    while left:
        piece, open_faces = set(), [left.pop()]
        while open_faces:
            face = open_faces.pop()
            piece.add(face)
            more = links.get(face, set()) & left
            left -= more
            open_faces += more
        rows = np.array(sorted(piece))
        found[rows] = vertices[faces[rows], 2].min() >= lowest - 1e-6
    return found


def bust_base(template: np.ndarray, basis: np.ndarray, loop: np.ndarray) -> Part:
    """The bottom of a bust. template: (V, 3), basis: (K, V, 3) of the head. loop: its border's vertices, in order."""
    count = len(loop)

    def rings(rim: np.ndarray, down: float) -> np.ndarray:
        middle = rim.mean(-2, keepdims=True)
        steps = [rim + share * (middle - rim) + [0, 0, down * z] for share, z in RINGS]
        bottom = middle + np.array([0, 0, down * RINGS[-1, 1]])
        return np.concatenate([*steps, bottom], -2).astype(np.float32)

    here = np.arange(count)
    after = np.roll(here, -1)
    quads = [
        np.stack([i * count + here, (i + 1) * count + here, (i + 1) * count + after, i * count + after], 1)
        for i in range(len(RINGS) - 1)
    ]
    last = (len(RINGS) - 1) * count
    fan = np.stack([last + here, np.full(count, last + count), last + after], 1)
    shape = rings(template[loop], 1.0)
    faces = [*np.concatenate(quads).tolist(), *fan.tolist()]
    a, b, c = shape[faces[0][:3]]
    if np.cross(b - a, c - a) @ (shape[faces[0]].mean(0) - shape.mean(0)) < 0:
        faces = [face[::-1] for face in faces]
    return Part(
        template=shape,
        basis=rings(basis[:, loop], 0.0),
        corner_vertices=np.concatenate([np.array(face) for face in faces]).astype(np.int32),
        face_offsets=np.concatenate([[0], np.cumsum([len(face) for face in faces])]).astype(np.int32),
        region="skin",
    )
