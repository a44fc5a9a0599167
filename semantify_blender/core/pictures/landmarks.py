"""What finders read off a person: the joints of a body, the points of a face, in pixels of a picture.

Numbering and meaning are those of the published networks: BlazePose (Bazarevsky et al. 2020, GHUM's 3D joints) and
Face Mesh (Kartynnik et al. 2019).
"""

from dataclasses import dataclass, replace

import numpy as np

BODY_POINTS = (
    "nose", "eye_inner.L", "eye.L", "eye_outer.L", "eye_inner.R", "eye.R", "eye_outer.R", "ear.L", "ear.R",
    "mouth.L", "mouth.R", "shoulder.L", "shoulder.R", "elbow.L", "elbow.R", "wrist.L", "wrist.R",
    "pinky.L", "pinky.R", "index.L", "index.R", "thumb.L", "thumb.R", "hip.L", "hip.R", "knee.L", "knee.R",
    "ankle.L", "ankle.R", "heel.L", "heel.R", "toe.L", "toe.R",
)  # fmt: skip
"""The 33 points of a body; .L is the person's own left."""
FACE_POINTS = 468


@dataclass(frozen=True, eq=False)
class BodyLandmarks:
    """The joints of one person.

    points: (33, 2) float32 pixels, x right, y down. seen: (33,) float32 0..1, how surely a point is in the picture and
    not hidden; inside: (33,) float32 0..1, how surely it is in the picture, hidden or not. world: (33, 3) float32
    metres from the middle of the hips, x to the picture's right, y down, z away from the camera, of a person of
    unknown size. score: 0..1, how surely there is a person.
    """

    points: np.ndarray
    seen: np.ndarray
    inside: np.ndarray
    world: np.ndarray
    score: float

    def moved(self, left: float, top: float, scale: float) -> "BodyLandmarks":
        """The same in pixels of a part of the picture that begins at (left, top) and has `scale` pixels a pixel."""
        shift = np.array([left, top], np.float32)
        return replace(self, points=((self.points - shift) * np.float32(scale)).astype(np.float32))


@dataclass(frozen=True, eq=False)
class FaceLandmarks:
    """The points of one face.

    points: (468, 3) float32 pixels, x right, y down, z away from the camera in the same unit, 0 about the head's
    middle. score: 0..1, how surely there is a face.
    """

    points: np.ndarray
    score: float

    def moved(self, left: float, top: float, scale: float) -> "FaceLandmarks":
        """The same in pixels of a part of the picture that begins at (left, top) and has `scale` pixels a pixel."""
        shift = np.array([left, top, 0], np.float32)
        return replace(self, points=((self.points - shift) * np.float32(scale)).astype(np.float32))
