"""An avatar as users bring it through `semantify keys` and `semantify run`, and back onto its own mesh."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.cli.main import main
from semantify_blender.core.mapper import Mapper

bpy = pytest.importorskip("bpy", reason="TIER MISSING bpy in-process: pip install bpy")
pytest.importorskip("torch", reason="TIER MISSING training: pip install semantify_blender[train]")

WORDS = ["happy", "angry"]


@pytest.mark.parametrize(("kind", "options"), [("vrm", ["--include", "Fcl_MTH*", "Fcl_EYE*"])])
def test_a_file_of_another_program(
    kind: str, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import addon_utils  # which comes with bpy

    import semantify_blender
    from tests.blender import avatar_files
    from tests.blender.addon_helpers import evaluated
    from tests.training.helpers import tiny_clip_folder

    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=str(getattr(avatar_files, f"write_{kind}")(tmp_path / "avatar.glb")))
    blend, model, out = tmp_path / "avatar.blend", tmp_path / "avatar.model.npz", tmp_path / "out"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    assert main(["keys", str(blend), "--out", str(model), *options]) == 0
    clip = ["--clip", f"local-dir:{tiny_clip_folder(tmp_path / 'tiny')}", "--descriptors", *WORDS]
    small = ["--samples", "12", "--size", "32", "--engine-samples", "1", "--views", "front", "--epochs", "2"]
    pictures = ["--steps", "3", "--picture-width", "120", "--picture-samples", "1"]
    assert main(["run", "--model", str(model), "--out", str(out), *clip, *small, *pictures]) == 0, (
        capsys.readouterr().err
    )
    mapper = out / "avatar.mapper.npz"
    assert Mapper.load(mapper).descriptors == tuple(WORDS)

    semantify_blender.register()
    try:
        bpy.ops.wm.open_mainfile(filepath=str(blend))
        obj = next(obj for obj in bpy.data.objects if obj.type == "MESH" and obj.data.shape_keys)
        obj.data.shape_keys.animation_data_clear()
        bpy.context.view_layer.objects.active = obj
        values = {key.name: key.value for key in obj.data.shape_keys.key_blocks}
        before = evaluated(obj)
        assert bpy.ops.semantify.attach_mapper(filepath=str(mapper)) == {"FINISHED"}
        rest = evaluated(obj)
        obj.data.semantify.sliders[0].value = 1.0
        assert np.abs(evaluated(obj) - rest).max() > 0
        obj.data.semantify.sliders[0].keyframe_insert("value", frame=1)
        assert bpy.ops.semantify.bake(frame_start=1, frame_end=3) == {"FINISHED"}
        assert bpy.ops.semantify.detach() == {"FINISHED"}
        assert {key.name: key.value for key in obj.data.shape_keys.key_blocks} == pytest.approx(values)
        assert np.abs(evaluated(obj) - before).max() < 1e-6
    finally:
        semantify_blender.unregister()
        bpy.ops.wm.read_factory_settings(use_empty=True)


def test_no_words_for_a_mesh_are_told_before_anything_is_rendered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.blender.keyed_mesh import keyed_head

    bpy.ops.wm.read_factory_settings(use_empty=True)
    keyed_head()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "head.blend"))
    model = tmp_path / "head.model.npz"
    assert main(["keys", str(tmp_path / "head.blend"), "--out", str(model)]) == 0
    assert main(["run", "--model", str(model), "--out", str(tmp_path / "out"), "--samples", "4"]) == 2
    assert "no vocabulary for 'shape-keys': give words, or one of the vocabularies" in capsys.readouterr().err
    assert not (tmp_path / "out" / "dataset").exists()
