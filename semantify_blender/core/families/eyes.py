"""Eyeballs of heads and bodies, found by their shape: no list of vertices is needed."""

import numpy as np

IRIS, PUPIL = 29.0, 11.0
"""Half angle, degrees, that iris (11.7 mm) and pupil (4.5 mm) take on an eyeball of 24 mm."""


def eye_regions(template: np.ndarray, faces: np.ndarray) -> dict[str, np.ndarray]:
    """Regions "eyes", "iris" and "pupil" of a mesh whose eyeballs are two equal pieces of their own, else none.

    template: (V, 3) Z up, facing −Y. faces: (F, 3). Returns name -> (F,) bool; later ones lie on earlier ones.
    """
    label = pieces(faces, len(template))
    found, sizes = np.unique(label[np.unique(faces)], return_counts=True)
    balls = found[sizes < sizes.max()]
    counts = sizes[sizes < sizes.max()]
    if len(balls) != 2 or counts[0] != counts[1]:
        return {}
    regions = {name: np.zeros(len(faces), bool) for name in ("eyes", "iris", "pupil")}
    for ball in balls:
        inside = label[faces[:, 0]] == ball
        vertices = template[label == ball]
        towards = template[faces[inside]].mean(1) - (vertices.min(0) + vertices.max(0)) / 2
        angle = np.degrees(np.arccos(np.clip(-towards[:, 1] / np.linalg.norm(towards, axis=1), -1, 1)))
        regions["eyes"][inside] = True
        regions["iris"][inside] = angle < IRIS
        regions["pupil"][inside] = angle < PUPIL
    return regions


def pieces(faces: np.ndarray, count: int) -> np.ndarray:
    """Which connected piece each vertex is in. faces: (F, 3). Returns (count,) int, the piece's lowest vertex."""
    label = np.arange(count)
    while True:
        before = label.copy()
        least = label[faces].min(1)
        for corner in range(3):
            np.minimum.at(label, faces[:, corner], least)
        label = label[label]
        if (label == before).all():
            return label
