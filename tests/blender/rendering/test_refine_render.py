"""Cameras and silhouettes of the fit are those of Blender."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import Camera
from semantify_blender.core.fitting.silhouette import disagreement, silhouette
from semantify_blender.core.library import load_model
from semantify_blender.core.looks.look import Look
from semantify_blender.rendering.stage.photographer import Photographer
from semantify_blender.rendering.stage.quiet import quiet
from semantify_blender.rendering.stage.scene import Stage
from tests.blender.tier import bpy
from tests.synthetic import undressed

SIZE = 192


def alpha(data: bytes, folder: Path) -> np.ndarray:
    """(S, S) coverage of an encoded RGBA picture, top row first."""
    path = folder / "picture.png"
    path.write_bytes(data)
    image = bpy.data.images.load(str(path), check_existing=False)
    values = np.empty(SIZE * SIZE * image.channels, np.float32)
    image.pixels.foreach_get(values)
    bpy.data.images.remove(image)
    return values.reshape(SIZE, SIZE, -1)[::-1, :, 3]


def see_through(stage: Stage) -> None:
    """Have a stage write what of each pixel its figure covers."""
    stage.scene.render.film_transparent = True
    stage.scene.render.image_settings.color_mode = "RGBA"
    stage.scene.cycles.pixel_filter_type = "BOX"


@pytest.mark.parametrize(("name", "frame"), [("anny-body-neutral", 2.3), ("anny-face-shape", 0.42)])
def test_a_silhouette_is_what_blender_renders(name: str, frame: float, tmp_path: Path) -> None:
    model = undressed(load_model(name))
    rng = np.random.default_rng(3)
    with quiet(), Photographer(model, SIZE, 32) as photographer:
        see_through(photographer._stage)
        for camera in (
            Camera(0, 0, 2.2, frame, (0.02, -0.03)),
            Camera(35, 9, 3.0, 1.1 * frame, (0, 0.05), (0.01, -0.02, -0.05 * frame)),
            Camera(-100, -6, 4.0, frame),
            Camera(20, 5, 3.0, 1.1 * frame, (0.01, 0.02), roll=25.0),
        ):
            vertices = model.vertices(rng.uniform(-1.5, 1.5, model.component_count).astype(np.float32))
            photographer(vertices, camera)
            rendered = alpha(photographer._stage.render(), tmp_path)
            own = silhouette(model, camera.project(vertices, SIZE), SIZE)
            either, both = (own > 0.5) | (rendered > 0.5), (own > 0.5) & (rendered > 0.5)
            assert both.sum() / either.sum() > 0.98
            assert disagreement(own, rendered) < 0.03


def test_a_look_of_the_renderer_is_a_camera_of_the_fit(tmp_path: Path) -> None:
    model = undressed(load_model("anny-body-neutral"))
    framing = model.framing
    vertices = framing.place(model.template.copy())
    look = Look(yaw=20, pitch=6, zoom=1.05, shift=(0.04, -0.02), distance=2.5)
    with quiet(), Stage(model, SIZE, engine_samples=8, image_format="png") as stage:
        see_through(stage)
        stage.shape(vertices)
        stage.aim(15, look)
        rendered = alpha(stage.render(), tmp_path)
    frame = framing.height * look.zoom
    camera = Camera(15 + look.yaw, look.pitch, look.distance / look.zoom, frame, look.shift, framing.centre)
    assert disagreement(silhouette(model, camera.project(vertices, SIZE), SIZE), rendered) < 0.03
