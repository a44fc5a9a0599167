"""Baked animation through FBX and back: Blender's default settings lose it, Export FBX does not."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon.test_animation import frames_of, keyed
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
FRAMES = (1, 4, 8, 11)


@pytest.fixture
def live() -> np.ndarray:
    """(frames, V, 3) of a baked character, in whose file FBX is switched on."""
    import addon_utils  # which is there once bpy is

    addon_utils.enable("io_scene_fbx")
    obj = keyed()
    bpy.context.scene.frame_end = 11
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    bpy.context.scene.frame_set(1)
    return frames_of(obj, FRAMES)


def read_back(path: Path) -> np.ndarray:
    """(frames, V, 3) of the mesh that an FBX file holds, as Blender shows it."""
    import addon_utils

    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("io_scene_fbx")
    bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0)
    (obj,) = [obj for obj in bpy.context.scene.objects if obj.type == "MESH"]
    return frames_of(obj, FRAMES)


def spread(shapes: np.ndarray) -> float:
    """Largest distance in metres that a vertex moves."""
    return float(np.abs(shapes - shapes[:1]).max())


def test_export_fbx_keeps_the_animation(live: np.ndarray, tmp_path: Path):
    path = tmp_path / "baked.fbx"
    assert bpy.ops.semantify.export_fbx(filepath=str(path)) == {"FINISHED"}
    shapes = read_back(path)
    size = np.ptp(live[0], axis=0).max() / np.ptp(shapes[0], axis=0).max()  # in centimetres, by FBX's custom
    assert spread(shapes) * size == pytest.approx(spread(live), rel=0.02)
    assert spread(live) > 0.01


def test_blenders_default_settings_lose_it_which_is_why(live: np.ndarray, tmp_path: Path):
    path = tmp_path / "default.fbx"
    bpy.ops.export_scene.fbx(filepath=str(path))
    assert spread(read_back(path)) < 1e-6


def test_without_a_file_name_it_is_a_sentence(live: np.ndarray):
    with pytest.raises(RuntimeError, match="No file name was given"):
        bpy.ops.semantify.export_fbx()
