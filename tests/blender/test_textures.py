"""A model's own texture: decoded by Blender, laid on by UV, shown by renderer and add-on, left out when untextured."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.families import Conversion, convert
from semantify_blender.core.families.uv_maps import read_texture, read_uv
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.png import png_bytes
from tests import licensed_files as files
from tests.blender.render_helpers import pixels
from tests.blender.tier import bpy

RED, BLUE = (230, 20, 20), (20, 20, 230)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> MorphableModel:
    """A SMPL body whose upper half is red and whose lower half is blue."""
    folder = tmp_path_factory.mktemp("textured")
    data = files.write_smpl(folder / "SMPL_NEUTRAL.npz", "npz")
    vt, ft = files.write_uv_obj(folder / "smpl_uv.obj", data["v_template"], data["f"])
    assert np.abs(read_uv([folder / "smpl_uv.obj"], data["f"].astype(int)) - vt[ft]).max() < 1e-5
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:32], picture[32:] = RED, BLUE
    (folder / "skin.png").write_bytes(png_bytes(picture))
    wanted = Conversion(uv=(folder / "smpl_uv.obj",), texture=folder / "skin.png")
    convert(folder / "SMPL_NEUTRAL.npz", wanted).save(folder / "a.model.npz")
    return MorphableModel.load(folder / "a.model.npz")


def render(model: MorphableModel, engine: str, textured: bool, path: Path) -> np.ndarray:
    from semantify_blender.core.looks.choice import look_of
    from semantify_blender.rendering.stage.scene import Stage

    with Stage(model, 64, engine, 2, "png", textured) as stage:
        stage.shape(stage.framing.place(model.vertices(np.zeros(1))))
        stage.aim(0.0, look_of("plain", 0, 0, 0, textured))
        return pixels(stage.render(), path)


@pytest.mark.parametrize("engine", ["cycles", "workbench"])
def test_a_picture_shows_the_texture_the_right_way_up(model: MorphableModel, engine: str, tmp_path: Path) -> None:
    picture = render(model, engine, True, tmp_path)
    red = picture[..., 0] - picture[..., 2] > 0.25
    blue = picture[..., 2] - picture[..., 0] > 0.25
    assert red.sum() > 40
    assert blue.sum() > 40
    assert np.argwhere(red)[:, 0].mean() < np.argwhere(blue)[:, 0].mean() - 10
    grey = render(model, engine, False, tmp_path)
    assert np.abs(grey[..., 0] - grey[..., 2]).max() < 0.1


@pytest.mark.usefixtures("addon")
def test_a_character_carries_the_texture_in_the_file(model: MorphableModel, tmp_path: Path) -> None:
    from semantify_blender.addon.character.building import build_mesh

    path = tmp_path / "textured.model.npz"
    model.save(path)
    mesh = build_mesh(model, path.read_bytes())
    (material,) = mesh.materials
    node = next(node for node in material.node_tree.nodes if node.type == "TEX_IMAGE")
    assert node.outputs["Color"].links[0].to_socket.name == "Base Color"
    assert node.image.packed_file is not None
    assert tuple(node.image.size) == (64, 64)
    uv = np.empty(2 * len(mesh.loops), np.float32)
    mesh.uv_layers[0].data.foreach_get("uv", uv)
    assert np.abs(uv.reshape(-1, 2) - model.uv).max() < 1e-6


def test_a_texture_that_blender_cannot_read_is_told(model: MorphableModel) -> None:
    from dataclasses import replace

    from semantify_blender.blender.textures import texture_image

    bpy.ops.wm.read_factory_settings(use_empty=True)
    broken = replace(model, extra={"texture": np.arange(50, dtype=np.uint8)})
    with pytest.raises(SemantifyError, match="extra/texture is not a PNG or JPEG"):
        texture_image(broken)
    assert not bpy.data.images
    assert texture_image(replace(model, uv=None)) is None


def test_the_texture_space_of_flame_is_blue_first(tmp_path: Path) -> None:
    mean = np.zeros((8, 8, 3))
    mean[...] = RED[::-1]
    np.savez(tmp_path / "FLAME_texture.npz", mean=mean, tex_dir=np.zeros((4, 4)))
    (tmp_path / "t.png").write_bytes(read_texture(tmp_path / "FLAME_texture.npz").tobytes())
    bpy.ops.wm.read_factory_settings(use_empty=True)
    image = bpy.data.images.load(str(tmp_path / "t.png"))
    assert np.allclose(np.array(image.pixels[:3]) * 255, RED, atol=1)
