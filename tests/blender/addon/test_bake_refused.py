"""Bakes that would say something else than the sliders: of hidden characters, and into another file's animation."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon.test_animation import frames_of, keyed
from tests.blender.addon_helpers import add
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def overridden(folder: Path) -> bpy.types.Object:
    """The object "Lead" of this file as an override in a new one, which links it from where it is saved."""
    path = str(folder / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, here):
        here.objects = ["Lead"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    obj = here.objects[0].override_create(remap_local_usages=True)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.semantify.override_mesh()
    return obj


def curve_count(action: bpy.types.Action) -> int:
    """Of all slots: since Blender 5.0 an action has no list of its curves any more."""
    if not hasattr(action, "slots"):
        return len(action.fcurves)
    strips = [strip for layer in action.layers for strip in layer.strips]
    return sum(len(bag.fcurves) for strip in strips for bag in strip.channelbags)


def hide_in_viewports(obj: bpy.types.Object) -> None:
    obj.hide_viewport = True


def exclude(obj: bpy.types.Object) -> None:
    away = bpy.data.collections.new("Away")
    bpy.context.scene.collection.children.link(away)
    for collection in obj.users_collection:
        collection.objects.unlink(obj)
    away.objects.link(obj)
    bpy.context.view_layer.layer_collection.children["Away"].exclude = True


@pytest.mark.parametrize("hide", [hide_in_viewports, exclude])
def test_a_moving_character_that_blender_does_not_evaluate_is_refused(hide):
    """The panel finds it through its rig; Blender evaluates no animation of what no viewport can show."""
    obj = keyed()
    rig = bpy.data.objects.new("Rig", None)
    bpy.context.scene.collection.objects.link(rig)
    obj.parent = rig
    bpy.context.view_layer.objects.active = rig
    hide(obj)
    with pytest.raises(RuntimeError, match="is hidden, and Blender moves nothing that is: show it, then bake"):
        bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    assert not obj.data.semantify.baked
    assert len(obj.data.shape_keys.key_blocks) == 2


def test_a_still_one_may_be_hidden():
    obj = add()
    obj.data.semantify.sliders[0].value = 0.5
    obj.hide_viewport = True
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=2) == {"FINISHED"}


@pytest.mark.parametrize("kind", ["COMPONENTS", "FRAMES"])
def test_a_mesh_without_vertices_has_nothing_to_key(kind: str):
    obj = keyed()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.delete(type="VERT")
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=3, kind=kind) == {"FINISHED"}
    assert [key.name for key in obj.data.shape_keys.key_blocks] == ["Basis", "Semantify"]


@pytest.mark.parametrize("own_key", [False, True])
def test_an_override_whose_animation_is_the_librarys_is_baked_into_an_action_of_its_own(own_key: bool, tmp_path: Path):
    obj = keyed()
    obj.name = "Lead"
    if own_key:
        mine = obj.shape_key_add(name="Mine", from_mix=False)
        mine.points[0].co.x += 0.1
        for frame, value in ((1, 0.0), (11, 1.0)):
            mine.value = value
            mine.keyframe_insert("value", frame=frame)
    before = frames_of(obj)
    obj = overridden(tmp_path)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=11) == {"FINISHED"}
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert np.abs(frames_of(bpy.data.objects["Lead"]) - before).max() < 1e-5
    library = bpy.data.libraries["library.blend"]
    # what is still linked is as it was, the curves of slider and key: in an action each, since Blender 4.4 in one
    linked = [action for action in bpy.data.actions if action.library == library]
    assert sum(map(curve_count, linked)) == 1 + own_key


def test_key_all_sliders_says_when_nothing_can_be_keyed(tmp_path: Path):
    obj = keyed()
    obj.name = "Lead"
    obj = overridden(tmp_path)
    with pytest.raises(RuntimeError, match=r"is another file's and takes no keyframes here"):
        bpy.ops.semantify.key_sliders()
