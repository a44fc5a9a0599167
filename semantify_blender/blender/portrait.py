"""A small picture of one mesh with its own materials, taken in a scene beside the user's, of which nothing is left."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

SAMPLES = 10
"""Of a pixel: enough for the denoiser."""
_NAME = "Semantify portrait"
_AWAY = 3.0
"""Distance of the camera in heights of the window: as a portrait lens sees."""
_QUIET = (
    *("render_init", "render_pre", "render_post", "render_write", "render_complete", "render_cancel", "render_stats"),
    *("frame_change_pre", "frame_change_post", "depsgraph_update_pre", "depsgraph_update_post"),
)


def portrait(
    mesh: bpy.types.Mesh, size: int, turn: float, centre: tuple[float, float, float], height: float
) -> bytes | None:
    """A PNG of size × size pixels, with alpha, of a mesh as its shape keys have it, without modifiers and poses.

    turn: degrees by which it is seen from its left. centre, height: of the square window in front of it, metres.
    None where no picture can be taken: Cycles is switched off, or Blender renders already.
    Handlers of renders and frames are not called: it is no render of the user's.
    """
    if "cycles" not in bpy.context.preferences.addons:
        return None
    here = bpy.context.scene
    shown_before = "Render Result" in bpy.data.images
    with _beside() as (scene, made), _quiet(), tempfile.TemporaryDirectory(prefix="semantify-") as folder:
        scene.frame_set(here.frame_current, subframe=here.frame_subframe)
        made.append(figure := bpy.data.objects.new(_NAME, mesh))
        scene.collection.objects.link(figure)
        _light(scene, made, turn)
        _aim(scene, made, turn, Vector(centre), height)
        _settings(scene, size)
        path = Path(folder) / "portrait.png"
        scene.render.filepath = str(path)
        with contextlib.suppress(RuntimeError):
            bpy.ops.render.render(write_still=True, scene=scene.name)
        result = path.read_bytes() if path.is_file() else None
    image = bpy.data.images.get("Render Result")
    if image is not None and not shown_before and image.users < 2:
        bpy.data.images.remove(image)
    return result


@contextlib.contextmanager
def _beside() -> Iterator[tuple[bpy.types.Scene, list[bpy.types.Object]]]:
    """An empty scene, and a list for the objects that are made for it: all is removed in the end."""
    scene = bpy.data.scenes.new(_NAME)
    scene.world = world = bpy.data.worlds.new(_NAME)
    made: list[bpy.types.Object] = []
    try:
        yield scene, made
    finally:
        for obj in made:
            data, kind = obj.data, obj.type
            bpy.data.objects.remove(obj)
            if kind == "LIGHT":
                bpy.data.lights.remove(data)
            elif kind == "CAMERA":
                bpy.data.cameras.remove(data)
        bpy.data.scenes.remove(scene)
        bpy.data.worlds.remove(world)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No handler of anybody's is called meanwhile."""
    lists = [getattr(bpy.app.handlers, name) for name in _QUIET]
    kept = [list(functions) for functions in lists]
    for functions in lists:
        functions.clear()
    try:
        yield
    finally:
        for functions, before in zip(lists, kept, strict=True):
            functions[:] = before


def _light(scene: bpy.types.Scene, made: list[bpy.types.Object], turn: float) -> None:
    """A window to the left of the camera, less light from the right and behind, and some from everywhere."""
    for azimuth, elevation, strength, angle in (
        (-38.0, 42.0, 0.72, 12.0),
        (60.0, 12.0, 0.16, 20.0),
        (160.0, 40.0, 0.35, 8.0),
    ):
        lamp = bpy.data.lights.new(_NAME, "SUN")
        lamp.energy, lamp.angle = math.pi * strength, math.radians(angle)
        made.append(obj := bpy.data.objects.new(_NAME, lamp))
        obj.rotation_mode = "QUATERNION"
        obj.rotation_quaternion = _towards(turn + azimuth, elevation).to_track_quat("Z", "Y")
        scene.collection.objects.link(obj)
    if not scene.world.node_tree:
        scene.world.use_nodes = True
    background = next(node for node in scene.world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.28


def _aim(scene: bpy.types.Scene, made: list[bpy.types.Object], turn: float, centre: Vector, height: float) -> None:
    camera = bpy.data.cameras.new(_NAME)
    camera.sensor_width = camera.sensor_height = 36.0
    camera.lens = 36.0 * _AWAY
    backwards = _towards(turn, 4.0)
    camera.clip_start, camera.clip_end = 0.1 * _AWAY * height, 4.0 * _AWAY * height
    made.append(obj := bpy.data.objects.new(_NAME, camera))
    obj.location = centre + backwards * (_AWAY * height)
    obj.rotation_mode = "QUATERNION"
    obj.rotation_quaternion = backwards.to_track_quat("Z", "Y")
    scene.collection.objects.link(obj)
    scene.camera = obj


def _towards(azimuth: float, elevation: float) -> Vector:
    """Unit vector; (0, 0) is −Y, where a front view is taken from."""
    a, e = math.radians(azimuth), math.radians(elevation)
    return Vector((math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)))


def _settings(scene: bpy.types.Scene, size: int) -> None:
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x = render.resolution_y = size
    render.resolution_percentage = 100
    render.film_transparent = True
    render.use_compositing = render.use_sequencer = render.use_file_extension = False
    render.dither_intensity = 0.0
    for name in render.bl_rna.properties.keys():  # noqa: SIM118 - a bpy collection, not a dict
        if name.startswith("use_stamp"):
            setattr(render, name, False)
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "IMAGE"  # 5.0 asks for the kind of media before the format
    render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGBA"
    render.image_settings.color_depth, render.image_settings.compression = "8", 100
    scene.view_settings.view_transform, scene.view_settings.look = "Standard", "None"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed = "CPU", SAMPLES, 0
    cycles.use_adaptive_sampling = False
    with contextlib.suppress(TypeError):  # a Blender without that denoiser
        cycles.denoiser, cycles.use_denoising = "OPENIMAGEDENOISE", True
    cycles.max_bounces = 1


def shown_points(mesh: bpy.types.Mesh) -> np.ndarray:
    """(V, 3) float32 of a mesh as its shape keys have it, without modifiers."""
    keys = mesh.shape_keys
    if keys is None:
        points = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.vertices.foreach_get("co", points.ravel())
        return points
    # relative keys: what each adds to what it is relative to
    found = _points(keys.reference_key).copy()
    for key in keys.key_blocks:
        if key != keys.reference_key and key.value and not key.mute:
            found += np.float32(key.value) * (_points(key) - _points(key.relative_key))
    return found


def _points(key: bpy.types.ShapeKey) -> np.ndarray:
    points = np.empty((len(key.points), 3), np.float32)
    key.points.foreach_get("co", points.ravel())
    return points
