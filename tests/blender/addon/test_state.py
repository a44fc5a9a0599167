"""What the add-on remembers: in one object, emptied and freed when it is switched off."""

import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

from tests.blender.addon_helpers import add, set_slider
from tests.blender.fit_helpers import draw_figure, save_encoder_and_fitter, write_picture
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


class Child:
    """Stands in for a job and for a full CLIP's process: both are ended."""

    def __init__(self, fails: bool = False) -> None:
        self.ended, self.fails = 0, fails

    def cancel(self) -> None:
        self.ended += 1
        if self.fails:
            raise OSError("it does not go")

    close = cancel


def use(synthetic_data: Path, tmp_path: Path) -> bpy.types.Object:
    """Everything after which the add-on remembers something, but for other programs."""
    if not (synthetic_data / "fitters").exists():
        save_encoder_and_fitter(synthetic_data)
    mapper, model = synthetic_data / "mappers" / "synthetic.mapper.npz", synthetic_data / "models"
    assert bpy.ops.semantify.open_mapper(filepath=str(mapper)) == {"FINISHED"}
    bpy.context.window_manager.semantify.mapper = "synthetic"
    assert bpy.ops.semantify.locate_model(filepath=str(model / "synthetic.model.npz")) == {"FINISHED"}
    from semantify_blender.addon import catalogue
    from semantify_blender.addon.character import following, shape
    from semantify_blender.addon.ui import swatches

    assert catalogue.problem("synthetic") is None
    obj = add()
    set_slider(obj, 0, 0.5)
    assert shape.height(obj.data) > 0
    swatches.swatch((0.5, 0.4, 0.3))
    picture = write_picture(tmp_path / "subject.png", draw_figure())
    assert bpy.ops.semantify.fit_image(filepath=str(picture)) == {"FINISHED"}
    bpy.ops.object.duplicate()
    lost = bpy.context.object.data
    lost.semantify.mapper_checksum = "0" * 64
    lost.semantify.mapper_path = ""
    lost.semantify.mapper_name = "gone"
    following.follow(lost)
    return obj


def test_switching_off_forgets_and_frees_everything(
    synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import bpy.utils.previews

    import semantify_blender
    from semantify_blender.addon.state import Memory, memory

    use(synthetic_data, tmp_path)
    job, worker = memory.job, memory.worker = Child(), Child()
    unused = {
        "skeletons",
        "in_handler",
        "heat_handler",
        "trained",
        "unfinished",
        "described",
        "not_described",
        "early",
        "heads",
        "head_spans",
        "offered",
        "edited",
        "stand_ins",
        "failures",
        "refusal",
        "presets",
        "preset_troubles",
        "preset_pictures",
        "preset",
        "crop_drawn",
        "crop_handler",
        "worker_key",
        "environment_makers",
        "sound_pythons",
        "carrying",
        "meant",
        "known_texts",
        "filling_in",
    }
    assert {name for name, value in vars(memory).items() if not value} == unused
    handler = bpy.types.SpaceImageEditor.draw_handler_add(lambda: None, (), "WINDOW", "POST_PIXEL")
    memory.crop_handler = handler
    heat = bpy.types.SpaceView3D.draw_handler_add(lambda: None, (), "WINDOW", "POST_VIEW")
    memory.heat_handler = heat
    collections, freed = [memory.previews, memory.swatches], []
    remove = bpy.utils.previews.remove
    monkeypatch.setattr(bpy.utils.previews, "remove", lambda found: (freed.append(found), remove(found)))
    semantify_blender.unregister()
    try:
        assert vars(memory) == vars(Memory())
        assert (job.ended, worker.ended) == (1, 1)
        assert len(freed) == 2
        assert all(one is other for one, other in zip(freed, collections, strict=True))
        with pytest.raises(ValueError, match="handler"):
            bpy.types.SpaceImageEditor.draw_handler_remove(handler, "WINDOW")
        with pytest.raises(ValueError, match="handler"):
            bpy.types.SpaceView3D.draw_handler_remove(heat, "WINDOW")
    finally:
        semantify_blender.register()


def test_what_cannot_be_freed_does_not_keep_the_rest(caplog: pytest.LogCaptureFixture):
    import semantify_blender
    from semantify_blender.addon.state import Memory, memory

    job, worker = memory.job, memory.worker = Child(fails=True), Child()
    memory.last_folder = Path()
    semantify_blender.unregister()
    try:
        assert (job.ended, worker.ended) == (1, 1)
        assert vars(memory) == vars(Memory())
        assert [record.getMessage() for record in caplog.records] == [
            "Semantify: could not unregister what it remembers (OSError: it does not go)"
        ]
    finally:
        semantify_blender.register()


def test_another_file_leaves_what_serves_every_file(synthetic_data: Path, tmp_path: Path):
    from semantify_blender.addon.state import memory

    mesh = use(synthetic_data, tmp_path).data
    memory.failures[mesh.session_uid] = "it went wrong"
    opened, located, decoded = dict(memory.opened), list(memory.located_models), dict(memory.decoded)
    grounded = dict(memory.grounded)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    gone = (memory.added, memory.spans, memory.failures, memory.undecodable, memory.mapper_problems)
    assert not any(gone)
    assert memory.mappers is None
    assert (memory.opened, memory.located_models) == (opened, located)
    assert memory.decoded.keys() == decoded.keys()
    assert memory.grounded.keys() == grounded.keys()
    assert opened
    assert located
    assert decoded
    assert grounded


def test_no_module_changes_what_it_holds(synthetic_data: Path, tmp_path: Path):
    import semantify_blender.addon as addon
    from semantify_blender.addon import state

    for module in pkgutil.walk_packages(addon.__path__, f"{addon.__name__}."):
        importlib.import_module(module.name)
    before = held(addon.__name__)
    assert (f"{addon.__name__}.character.plain_materials", "FINISHES") in before
    use(synthetic_data, tmp_path)
    assert state.memory.added
    assert held(addon.__name__) == before


def held(package: str) -> dict[tuple[str, str], str]:
    """(module, name) -> value of all in a package's modules that is data, but for what the add-on may remember."""
    return {
        (module, name): repr(value)
        for module in sorted(sys.modules)
        if module == package or module.startswith(f"{package}.")
        for name, value in vars(sys.modules[module]).items()
        if value is None or isinstance(value, dict | list | set | tuple | str | int | float)
        if not name.startswith("__")
    }
