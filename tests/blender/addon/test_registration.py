"""Enabling and disabling: clean, light, and without the training world."""

import sys

import pytest

from scripts.repository import REPOSITORY
from tests.blender.addon_helpers import add, files_opened, run_in_fresh_blender, set_slider
from tests.blender.tier import bpy

FRESH = """
import os, sys
sys.path.insert(0, {repository!r})
import bpy
bpy.ops.wm.read_factory_settings(use_empty=True)
before = set(sys.modules)
import semantify_blender
semantify_blender.register()
bpy.context.scene.frame_set(2)
print("NEW", *sorted(set(sys.modules) - before))
sys.stdout.flush()
os._exit(0)
"""


def handler_count() -> int:
    """Functions on all of Blender's lists of handlers."""
    lists = (getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers))
    return sum(len(functions) for functions in lists if isinstance(functions, list))


def test_register_unregister_register():
    import semantify_blender

    bpy.ops.wm.read_factory_settings(use_empty=True)
    before = handler_count(), len(bpy.types.VIEW3D_MT_add._dyn_ui_initialize())
    for _ in range(2):
        semantify_blender.register()
        assert hasattr(bpy.types, "SEMANTIFY_OT_add_character")
        assert hasattr(bpy.types.Mesh, "semantify")
        assert handler_count() == before[0] + len(semantify_blender.addon.handlers.HANDLERS)
        semantify_blender.unregister()
        assert not [name for name in dir(bpy.types) if name.startswith("SEMANTIFY_")]
        assert not hasattr(bpy.types.Mesh, "semantify")
        assert not hasattr(bpy.types.WindowManager, "semantify")
        assert (handler_count(), len(bpy.types.VIEW3D_MT_add._dyn_ui_initialize())) == before


def test_unregistering_goes_on_past_what_fails_and_names_it(caplog: pytest.LogCaptureFixture):
    import semantify_blender
    from semantify_blender.addon.operators.bake import SEMANTIFY_OT_bake
    from semantify_blender.addon.properties import SEMANTIFY_PG_slider

    bpy.ops.wm.read_factory_settings(use_empty=True)
    before = handler_count(), len(bpy.types.VIEW3D_MT_add._dyn_ui_initialize())
    semantify_blender.register()
    # another add-on, or a script, has taken these away; the second one is unregistered nearly last
    bpy.utils.unregister_class(SEMANTIFY_OT_bake)
    bpy.utils.unregister_class(SEMANTIFY_PG_slider)
    del bpy.types.Image.semantify
    semantify_blender.unregister()
    assert not [name for name in dir(bpy.types) if name.startswith("SEMANTIFY_")]
    assert not hasattr(bpy.types.Mesh, "semantify")
    assert (handler_count(), len(bpy.types.VIEW3D_MT_add._dyn_ui_initialize())) == before
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 3
    for sentence, name in zip(told, ("Image.semantify", "SEMANTIFY_OT_bake", "SEMANTIFY_PG_slider"), strict=True):
        assert sentence.startswith(f"Semantify: could not unregister {name} (")
    # and it can be switched on again
    semantify_blender.register()
    semantify_blender.unregister()
    assert len(caplog.records) == 3


def test_enabling_imports_neither_numpy_nor_the_training_world():
    output = run_in_fresh_blender(FRESH.format(repository=str(REPOSITORY)))
    new = next(line for line in output.splitlines() if line.startswith("NEW")).split()[1:]
    assert "semantify_blender.addon.ui.shape_panel" in new
    roots = {name.split(".")[0] for name in new}
    assert not roots & {"numpy", "torch", "open_clip", "PIL", "sklearn", "matplotlib", "scipy"}
    # in some Blenders NumPy is loaded anyway: what needs it, or takes long to load, waits until it is used
    ours = {name.removeprefix("semantify_blender.") for name in new if name.startswith("semantify_blender.")}
    assert {name for name in ours if not name.startswith("addon")} == {
        "core", "core.clip_names", "core.layer_names", "core.titles",
    }  # fmt: skip
    assert not ours & {"addon.character.shape", "addon.character.embedding", "addon.pictures.fitting"}


@pytest.mark.usefixtures("addon")
def test_a_slider_change_imports_nothing():
    obj = add()
    set_slider(obj, 0, 0.1)
    before, keys = set(sys.modules), len(obj.data.shape_keys.key_blocks)
    datablocks = sum(len(getattr(bpy.data, name)) for name in ("objects", "meshes", "texts", "materials"))
    for i in range(20):
        set_slider(obj, i % 3, i / 20)
    assert set(sys.modules) == before
    assert len(obj.data.shape_keys.key_blocks) == keys
    assert sum(len(getattr(bpy.data, name)) for name in ("objects", "meshes", "texts", "materials")) == datablocks


@pytest.mark.usefixtures("addon")
def test_a_slider_change_touches_no_disk():
    obj = add()
    set_slider(obj, 0, 0.1)
    with files_opened() as opened:
        for i in range(20):
            set_slider(obj, i % 3, i / 20)
    assert opened == []
