"""Pictures of a shape as a fitted camera sees it."""

import math
from dataclasses import replace

import bpy
import numpy as np
from mathutils import Quaternion

from ...blender.pictures import picture_of
from ...core.colour import Colour
from ...core.fitting.camera import Camera
from ...core.looks.look import PLAIN, Look
from ...core.model.following import Following
from ...core.model.morphable_model import MorphableModel
from .scene import SENSOR, Stage


class Photographer:
    """A stage whose camera is placed by numbers; takes over Blender's current scene.

    Called with vertices (V, 3) metres, a camera in their space, and a palette (None: the usual colours) it gives
    (size, size, 3) uint8 sRGB, with `transparent` (size, size, 4), the figure alone. look: may be another one for each
    picture.
    """

    def __init__(
        self, model: MorphableModel, size: int, samples: int = 8, look: Look = PLAIN, transparent: bool = False
    ) -> None:
        """size: pixels. samples: per pixel."""
        self.size, self.look, self._channels = size, look, 4 if transparent else 3
        self._stage = Stage(model, size, engine_samples=samples, image_format="png", transparent=transparent)
        self._model = model
        self._followings: dict[str | None, Following] = {}
        self.wear()

    def wear(self, outfit: str | None = None) -> None:
        """Put clothes on; None is what the model wears by itself. Raises SemantifyError for an outfit it has not."""
        dressed = self._stage.wear(outfit)
        if outfit not in self._followings:
            self._followings[outfit] = Following.of(self._model, dressed)
        self._following = self._followings[outfit]

    def __call__(self, vertices: np.ndarray, camera: Camera, palette: dict[str, Colour] | None = None) -> np.ndarray:
        """Render one picture. Raises SemantifyError when Blender cannot."""
        look = self.look if palette is None else replace(self.look, palette=palette)
        self._stage.shape(self._following.vertices(vertices))
        self._stage.aim(camera.yaw, replace(look, yaw=0.0, pitch=camera.pitch, distance=camera.distance))
        thing, away = self._stage.camera, camera.distance * camera.frame
        thing.location = camera.location
        if camera.roll:
            half = math.radians(camera.roll) / 2
            # about its own axis; a camera looks along its −Z, so clockwise is backwards
            roll = Quaternion((math.cos(half), 0.0, 0.0, -math.sin(half)))
            thing.rotation_quaternion = thing.rotation_quaternion @ roll
        thing.data.lens = SENSOR * camera.distance
        thing.data.clip_start, thing.data.clip_end = 0.05 * away, 4 * away
        thing.data.shift_x, thing.data.shift_y = -camera.centre[0], -camera.centre[1]
        return decoded(self._stage.render())[..., : self._channels]

    def close(self) -> None:
        """Remove its temporary folder."""
        self._stage.close()

    def __enter__(self) -> "Photographer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def decoded(data: bytes) -> np.ndarray:
    """(H, W, 4) uint8 of an encoded picture, top row first."""
    image = bpy.data.images.new("semantify picture", 1, 1)
    try:
        image.pack(data=data, data_len=len(data))
        image.source = "FILE"
        return picture_of(image).pixels
    finally:
        bpy.data.images.remove(image)
