"""Keep Pose: how the person in a picture is held stays with the character, and goes with the fit."""

import json
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.model.posing import Rig
from tests.blender.fit_helpers import draw_figure, write_picture
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
PERSON = Path(__file__).parents[2] / "core" / "finders" / "person.png"


def character() -> bpy.types.Object:
    assert bpy.ops.semantify.add_character(mapper="anny-body-neutral") == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def test_a_pose_is_kept_where_that_is_asked_and_forgotten_with_the_fit():
    obj = character()
    assert bpy.ops.semantify.fit_image(filepath=str(PERSON)) == {"FINISHED"}
    assert obj.data.semantify.fit_pose == ""
    assert bpy.ops.semantify.fit_image(filepath=str(PERSON), keep_pose=True) == {"FINISHED"}
    (pose,) = json.loads(obj.data.semantify.fit_pose)
    rig = Rig.of(load_model("anny-body-neutral"))
    assert rig is not None
    assert set(pose) <= set(rig.chains)
    turns = np.array(list(pose.values()))
    assert turns.shape == (len(pose), 3)
    # the one in the picture holds her arms away from the body, as the model does at rest, and stands
    assert 1 < np.abs(turns).max() < 90
    before = [key.value for key in obj.data.shape_keys.key_blocks]
    assert bpy.ops.semantify.clear_fit() == {"FINISHED"}
    assert obj.data.semantify.fit_pose == ""
    assert len(before) == len(obj.data.shape_keys.key_blocks)


def test_without_joints_that_is_said(tmp_path: Path):
    obj = character()
    path = write_picture(tmp_path / "vase.png", draw_figure())
    assert bpy.ops.semantify.fit_image(filepath=str(path), keep_pose=True) == {"FINISHED"}
    assert obj.data.semantify.fit_pose == ""
    assert "no pose to keep" in obj.data.semantify.fit_notes
