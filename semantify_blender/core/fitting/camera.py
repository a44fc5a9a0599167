"""A pinhole camera as Blender has it, looking at a figure that fills a square cut."""

import math
from dataclasses import dataclass, replace

import numpy as np

from ..pictures.crop import FILL

DISTANCE = 3.0
"""A camera's usual distance, metres per metre of frame; as `Look.distance` of the renderer."""


@dataclass(frozen=True)
class ViewAngles:
    """Where a picture was taken from, and how sure that is.

    yaw, pitch: degrees; (0, 0) is from the front at the figure's own height, yaw 90 shows the subject's left side,
    pitch is above 0 where the camera looks down. roll: degrees by which the camera is turned clockwise, so that the
    figure leans to the picture's left. …_deviation: one standard deviation, degrees.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    yaw_deviation: float = 6.0
    pitch_deviation: float = 3.0
    roll: float = 0.0
    roll_deviation: float = 0.1


@dataclass(frozen=True)
class Camera:
    """A camera that looks at `target` and shows a square of `frame` metres there.

    yaw, pitch: degrees, of the camera around the target, as `ViewAngles`. distance: of the camera, metres per metre of
    frame. frame: metres. centre: shift of the figure to the (right, up), in frames, without a change of perspective.
    target: (x, y, z) metres, in the vertices' own space. roll: degrees, as `ViewAngles`.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    distance: float = DISTANCE
    frame: float = 2.3
    centre: tuple[float, float] = (0.0, 0.0)
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)
    roll: float = 0.0

    @property
    def axes(self) -> np.ndarray:
        """(3, 3) float64: rows are the picture's right, its up, and the direction from the target to the camera."""
        a, e = math.radians(self.yaw), math.radians(self.pitch)
        sa, ca, se, ce = math.sin(a), math.cos(a), math.sin(e), math.cos(e)
        level = np.array([[ca, sa, 0.0], [-sa * se, ca * se, ce], [sa * ce, -ca * ce, se]])
        if not self.roll:
            return level
        s, c = math.sin(math.radians(self.roll)), math.cos(math.radians(self.roll))
        # a camera turned clockwise has its right further down
        return np.array([c * level[0] - s * level[1], s * level[0] + c * level[1], level[2]])

    @property
    def location(self) -> tuple[float, float, float]:
        """Where the camera is: (x, y, z) metres."""
        x, y, z = (np.array(self.target) + self.distance * self.frame * self.axes[2]).tolist()
        return x, y, z

    def project(self, vertices: np.ndarray, size: int) -> np.ndarray:
        """Where points are seen in a picture of size × size pixels.

        vertices: (..., V, 3) metres. Returns (..., V, 2) float32 pixels: x to the right, y down, (0, 0) is the upper
        left corner of the upper left pixel. Points at or behind the camera land far outside.
        """
        seen = (np.asarray(vertices, np.float32) - np.array(self.target, np.float32)) @ self.axes.T.astype(np.float32)
        # the lens is as long as makes one frame fill the picture at the target
        away = np.float32(self.distance * self.frame)
        scale = np.float32(self.distance * size) / np.maximum(away - seen[..., 2], np.float32(1e-3) * away)
        x, y = self.centre
        return np.stack(
            [seen[..., 0] * scale + np.float32(size * (0.5 + x)), np.float32(size * (0.5 - y)) - seen[..., 1] * scale],
            axis=-1,
        )

    def project_slopes(self, points: np.ndarray, size: int) -> np.ndarray:
        """How points move in the picture as they move in space. points: (..., 3) metres, before the camera.

        Returns (..., 2, 3) float64, pixels a metre.
        """
        axes = self.axes
        seen = (np.asarray(points, np.float64) - np.array(self.target)) @ axes.T
        away = self.distance * self.frame
        left = np.maximum(away - seen[..., 2], 1e-3 * away)
        scale = self.distance * size / left
        x, y = ((seen[..., i] / left)[..., None] * axes[2] for i in (0, 1))
        return scale[..., None, None] * np.stack([axes[0] + x, -axes[1] - y], -2)

    def depth(self, vertices: np.ndarray) -> np.ndarray:
        """Distance from the camera's plane. vertices: (..., V, 3) metres. Returns (..., V) float32 metres."""
        nearer = (np.asarray(vertices, np.float32) - np.array(self.target, np.float32)) @ self.axes[2].astype(
            np.float32
        )
        return np.float32(self.distance * self.frame) - nearer


def view_of_axes(axes: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll, degrees, of a camera by its axes (3, 3), rows as those of `Camera.axes`."""
    x, y, z = axes[2].tolist()
    yaw, pitch = math.degrees(math.atan2(x, -y)), math.degrees(math.asin(max(-1.0, min(1.0, z))))
    level = Camera(yaw, pitch).axes
    return yaw, pitch, math.degrees(math.atan2(-float(axes[0] @ level[1]), float(axes[0] @ level[0])))


def mask_box(mask: np.ndarray) -> tuple[float, float, float, float] | None:
    """(left, top, right, bottom) of a figure in its cut, as shares of the cut's side, to a part of a pixel.

    mask: (S, S) float 0..1. None when nothing of it is above a half.
    """
    size = len(mask)
    rows, columns = mask.max(1), mask.max(0)
    if max(rows.max(), columns.max()) <= 0.5:
        return None
    ends = []
    for profile in (columns, rows):
        inside = np.flatnonzero(profile > 0.5)
        first, last = int(inside[0]), int(inside[-1])
        # what the next pixel outside is covered still belongs to the figure
        before = float(profile[first - 1]) if first else 0.0
        after = float(profile[last + 1]) if last + 1 < size else 0.0
        ends.append(((first + 1 - profile[first] - before) / size, (last + profile[last] + after) / size))
    (left, right), (top, bottom) = ends
    return left, top, right, bottom


def camera_of_cut(
    vertices: np.ndarray,
    view: ViewAngles,
    mask: np.ndarray | None = None,
    distance: float = DISTANCE,
    target: tuple[float, float, float] | None = None,
) -> Camera:
    """The camera that shows a figure as its cut does: at the mask's place, or centred and filling `FILL` of the square.

    vertices: (V, 3) metres. mask: (S, S) float 0..1 of the cut, where it has one. distance: metres per metre of frame.
    target: what the camera looks at, by default the middle of the figure.
    """
    box = mask_box(mask) if mask is not None else None
    left, top, right, bottom = box or (0.5 - FILL / 2, 0.5 - FILL / 2, 0.5 + FILL / 2, 0.5 + FILL / 2)
    low, high = vertices.min(0), vertices.max(0)
    x, y, z = target or ((low + high) / 2).tolist()
    camera = Camera(view.yaw, view.pitch, distance, 1.15 * float((high - low).max()), (0.0, 0.0), (x, y, z), view.roll)
    for _ in range(3):  # how strong the perspective is changes a little with the frame
        points = camera.project(vertices, 1)
        (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
        camera = replace(
            camera, frame=camera.frame * max(x1 - x0, y1 - y0) / max(right - left, bottom - top), centre=(0.0, 0.0)
        )
    points = camera.project(vertices, 1)
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    return replace(camera, centre=((left + right - x0 - x1) / 2, (y0 + y1 - top - bottom) / 2))
