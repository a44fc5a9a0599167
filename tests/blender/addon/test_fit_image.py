"""Fit to Image: from files, from images of the file, for a new character; exact, undoable, harmless when it fails."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import add, evaluated, load, set_slider, slider_values
from tests.blender.fit_helpers import (
    add_image,
    draw_figure,
    expected_fit,
    expected_mesh,
    file_contents,
    save_encoder_and_fitter,
    state_of,
    write_picture,
)
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon", "tools")


@pytest.fixture
def tools(synthetic_data: Path) -> None:
    if not (synthetic_data / "fitters").exists():
        save_encoder_and_fitter(synthetic_data)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "subject.png", draw_figure())


def error_of_fit(obj: bpy.types.Object, folder: Path, coefficients: np.ndarray) -> float:
    """Metres between the character and the shape that core found."""
    return float(np.abs(evaluated(obj) - expected_mesh(folder, coefficients)).max())


def fit(*paths: Path, **options: object) -> set[str]:
    """What the file browser does."""
    files = [{"name": path.name} for path in paths]
    return bpy.ops.semantify.fit_image(directory=str(paths[0].parent), files=files, **options)


def test_the_active_character_gets_the_shape_that_core_finds(synthetic_data: Path, picture: Path):
    obj = add()
    assert bpy.ops.semantify.fit_image(filepath=str(picture)) == {"FINISHED"}
    found = expected_fit(synthetic_data, [picture])
    assert np.abs(found.coefficients).max() > 0.1
    assert slider_values(obj) == pytest.approx(found.sliders.round(2).tolist(), abs=1e-5)
    assert error_of_fit(obj, synthetic_data, found.coefficients) < 1e-4
    state = obj.data.semantify
    assert state.fitted_to == "subject.png"
    # sliders have the two decimals that the panel shows; the offset takes what they lose
    mapper, _ = load(synthetic_data)
    plain = mapper.coefficients(mapper.scores_from_sliders(found.sliders.round(2)))
    assert [item.value for item in state.offset] == pytest.approx((found.coefficients - plain).tolist(), abs=1e-5)
    # sliders go on from there
    before = evaluated(obj)
    set_slider(obj, 0, slider_values(obj)[0] - 0.2)
    moved = np.abs(evaluated(obj) - before).max()
    assert 1e-4 < moved < 0.2


def test_the_file_browsers_choice_is_fitted_as_if_the_user_had_called_the_operator(picture: Path, tmp_path: Path):
    obj = add()
    assert bpy.ops.semantify.choose_picture(filepath=str(picture), height_known=True, height=1.9) == {"FINISHED"}
    assert obj.data.semantify.fitted_to == "subject.png"
    assert obj.data.semantify.fit_height == pytest.approx(1.9)
    before = evaluated(obj)
    with pytest.raises(RuntimeError, match=r"nothing\.png"):
        bpy.ops.semantify.choose_picture(filepath=str(tmp_path / "nothing.png"))
    assert np.array_equal(evaluated(obj), before)


def test_another_picture_gives_another_shape_and_sliders_set_before_do_not_matter(synthetic_data: Path, tmp_path: Path):
    obj = add()
    for waist in (0.1, 0.4):
        path = write_picture(tmp_path / f"{waist}.png", draw_figure(waist=waist))
        bpy.ops.semantify.randomize(seed=2)
        fit(path)
        assert error_of_fit(obj, synthetic_data, expected_fit(synthetic_data, [path]).coefficients) < 1e-4
    first = expected_fit(synthetic_data, [tmp_path / "0.1.png"]).coefficients
    assert error_of_fit(obj, synthetic_data, first) > 1e-3


def test_several_pictures_are_fused(synthetic_data: Path, tmp_path: Path):
    paths = [write_picture(tmp_path / f"{i}.png", draw_figure(waist=0.15 + 0.1 * i)) for i in range(3)]
    obj = add()
    assert fit(*paths) == {"FINISHED"}
    assert error_of_fit(obj, synthetic_data, expected_fit(synthetic_data, paths).coefficients) < 1e-4
    assert obj.data.semantify.fitted_to == "0.png and 2 more"
    assert [Path(shot.path).name for shot in obj.data.semantify.pictures] == ["0.png", "1.png", "2.png"]


def test_without_a_character_a_new_one_is_fitted(synthetic_data: Path, picture: Path):
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.window_manager.semantify.mapper = "synthetic"
    assert fit(picture) == {"FINISHED"}
    obj = bpy.context.view_layer.objects.active
    assert obj.data.semantify.mapper_name == "synthetic"
    assert error_of_fit(obj, synthetic_data, expected_fit(synthetic_data, [picture]).coefficients) < 1e-4
    assert bpy.data.objects["Cube"].data.vertices[0].co.length == pytest.approx(3**0.5)


def test_an_image_of_the_file_and_its_crop_box(synthetic_data: Path, tmp_path: Path):
    pixels = np.concatenate([draw_figure(waist=0.1), draw_figure(waist=0.35)], 1)
    path = write_picture(tmp_path / "two.png", pixels)
    obj, image = add(), add_image(pixels, "two")
    image.semantify.crop = box = (100.0, 0.0, 200.0, 120.0)
    assert bpy.ops.semantify.fit_image(image="two") == {"FINISHED"}
    assert error_of_fit(obj, synthetic_data, expected_fit(synthetic_data, [path], box=box).coefficients) < 1e-4
    assert bpy.ops.semantify.fit_image(image="two", use_crop=False) == {"FINISHED"}
    assert error_of_fit(obj, synthetic_data, expected_fit(synthetic_data, [path]).coefficients) < 1e-4
    # the box counts as well when the same file is chosen in the file browser
    bpy.data.images.load(str(path)).semantify.crop = box
    assert fit(path) == {"FINISHED"}
    assert error_of_fit(obj, synthetic_data, expected_fit(synthetic_data, [path], box=box).coefficients) < 1e-4


def with_orientation(path: Path, orientation: int) -> None:
    """Put an EXIF segment that says how the camera was held into a JPEG file."""
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00" + bytes([orientation, 0, 0, 0])
    tiff = b"II*\x00\x08\x00\x00\x00\x01\x00" + entry + bytes(4)
    segment = b"Exif\x00\x00" + tiff
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:])


def test_a_box_drawn_on_a_picture_that_blender_shows_sideways(synthetic_data: Path, tmp_path: Path):
    pixels = np.concatenate([draw_figure(waist=0.1), draw_figure(waist=0.35)], 1)
    pixels[pixels[..., 3] == 0] = 200
    # stored lying down; orientation 6 asks for a quarter turn clockwise
    path = write_picture(tmp_path / "phone.jpg", np.rot90(pixels))
    with_orientation(path, 6)
    obj, image = add(), bpy.data.images.load(str(path))
    assert tuple(image.size) == (120, 200)
    image.semantify.crop = (0.0, 0.0, 120.0, 100.0)
    assert bpy.ops.semantify.fit_image(image=image.name) == {"FINISHED"}
    upright = expected_fit(synthetic_data, [path], box=(100.0, 0.0, 200.0, 120.0))
    assert error_of_fit(obj, synthetic_data, upright.coefficients) < 1e-4


def test_undo_brings_back_sliders_offset_and_mesh(synthetic_data: Path, picture: Path):
    bpy.context.preferences.edit.use_global_undo = True
    obj = add()
    set_slider(obj, 1, 0.4)
    name, before, mesh = obj.name, state_of(obj), evaluated(obj)
    bpy.ops.ed.undo_push(message="before")
    fit(picture)
    bpy.ops.ed.undo_push(message="Fit to Image")
    after = state_of(bpy.data.objects[name])
    assert after != before
    bpy.ops.ed.undo()
    assert state_of(bpy.data.objects[name]) == before
    assert np.abs(evaluated(bpy.data.objects[name]) - mesh).max() < 1e-6
    bpy.ops.ed.redo()
    assert state_of(bpy.data.objects[name]) == after
    coefficients = expected_fit(synthetic_data, [picture]).coefficients
    assert error_of_fit(bpy.data.objects[name], synthetic_data, coefficients) < 1e-4


HOSTILE = {
    "missing.png": None,
    "empty.png": b"",
    "text.png": b"this is no picture at all, though it is called one\n" * 40,
    "cut.png": "cut",
    "bomb.png": "bomb",
}


def hostile_file(folder: Path, name: str, picture: Path) -> Path:
    path, content = folder / name, HOSTILE[name]
    whole = picture.read_bytes()
    if content == "cut":
        content = whole[: len(whole) // 2]
    elif content == "bomb":
        # 20,000 pixels a side in the header
        content = whole[:16] + (20000).to_bytes(4, "big") * 2 + whole[24:]
    if content is not None:
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_file_is_one_sentence_and_changes_nothing(name: str, tmp_path: Path, picture: Path):
    obj = add()
    bpy.ops.semantify.randomize(seed=1)
    fit(picture)
    path = hostile_file(tmp_path, name, picture)
    before, contents, mesh = state_of(obj), file_contents(), evaluated(obj)
    for call in (lambda: fit(path), lambda: fit(picture, path)):
        with pytest.raises(RuntimeError) as caught:
            call()
        sentence = str(caught.value).removeprefix("Error: ").strip()
        assert name in sentence
        assert "\n" not in sentence
    assert state_of(obj) == before
    assert file_contents() == contents
    assert np.abs(evaluated(obj) - mesh).max() == 0.0


def test_a_bad_file_makes_no_new_character(tmp_path: Path, picture: Path):
    bpy.context.window_manager.semantify.mapper = "synthetic"
    contents = file_contents()
    with pytest.raises(RuntimeError, match=r"text\.png"):
        fit(hostile_file(tmp_path, "text.png", picture))
    with pytest.raises(RuntimeError, match=r"(?i)no picture was given"):
        bpy.ops.semantify.fit_image()
    with pytest.raises(RuntimeError, match=r"(?i)there is no image 'gone'"):
        bpy.ops.semantify.fit_image(image="gone")
    assert file_contents() == contents


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_a_known_height_is_the_shapes_height_in_any_unit(scale: float, synthetic_data: Path, picture: Path):
    from semantify_blender.addon.character import shape

    bpy.context.scene.unit_settings.scale_length = scale
    obj = add()
    assert fit(picture, height_known=True, height=1.8 / scale) == {"FINISHED"}
    wanted = expected_fit(synthetic_data, [picture], height=1.8)
    assert error_of_fit(obj, synthetic_data, wanted.coefficients) < 1e-4
    assert shape.height(obj.data) == pytest.approx(1.8, abs=0.03)


def test_locked_sliders_stay(synthetic_data: Path, picture: Path):
    obj = add()
    set_slider(obj, 1, 0.65)
    obj.data.semantify.sliders[1].lock = True
    assert fit(picture) == {"FINISHED"}
    assert slider_values(obj)[1] == pytest.approx(0.65)
    locked = np.array([False, True, False])
    wanted = expected_fit(synthetic_data, [picture], locked=locked, sliders=np.array([0, 0.65, 0], np.float32))
    assert error_of_fit(obj, synthetic_data, wanted.coefficients) < 1e-4


def test_without_a_fitter_the_papers_way_is_taken(
    synthetic_data: Path, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.state import memory
    from semantify_blender.blender.pictures import read_picture
    from semantify_blender.core.fitting.fit import fit_pictures
    from semantify_blender.core.fitting.image_encoder import ImageEncoder
    from semantify_blender.core.pictures.crop import cut_figure

    data = tmp_path / "data"
    for kind in ("models", "mappers", "encoders"):
        (data / kind).mkdir(parents=True)
        for path in (synthetic_data / kind).iterdir():
            (data / kind / path.name).write_bytes(path.read_bytes())
    monkeypatch.setenv("SEMANTIFY_DATA", str(data))
    memory.look_again()
    obj = add()
    assert fit(picture) == {"FINISHED"}
    encoder = ImageEncoder.load(data / "encoders" / "tiny.encoder.npz")
    mapper, model = load(data)
    wanted = fit_pictures([cut_figure(read_picture(picture), encoder.size)], encoder, None, mapper, model)
    assert error_of_fit(obj, synthetic_data, wanted.coefficients) < 1e-4


def test_a_mapper_of_a_full_clip_says_which_one_it_needs(
    synthetic_data: Path, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
):
    mapper, model = load(synthetic_data)
    # another model, for which no fitter was made
    other = replace(model, name="other", template=model.template * np.float32(1.01))
    other.save(tmp_path / "models" / "other.model.npz")
    other = MorphableModel.load(tmp_path / "models" / "other.model.npz")
    full = replace(
        mapper,
        model_name="other",
        model_checksum=other.checksum,
        provenance={"clip": "ViT-B-32:openai", "clip_checksum": "1" * 64},
    )
    (tmp_path / "mappers").mkdir()
    full.save(tmp_path / "mappers" / "full.mapper.npz")
    obj = add(str(tmp_path / "mappers" / "full.mapper.npz"))
    before = state_of(obj)
    with pytest.raises(RuntimeError, match=r"trained with CLIP 'ViT-B-32:openai'.*preferences"):
        fit(picture)
    from semantify_blender.addon.pictures import environment, full_clip

    monkeypatch.setattr(full_clip, "name", lambda: "ViT-B-32:openai")
    monkeypatch.setattr(environment, "find_python", lambda: None)
    with pytest.raises(RuntimeError, match="needs a Python with torch and open_clip"):
        fit(picture)
    assert state_of(obj) == before


def test_it_rests_in_edit_mode_and_on_baked_characters(picture: Path):
    obj = add()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.semantify.fit_image.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.semantify.fit_image.poll()
    assert not bpy.ops.semantify.refine_fit.poll()
    fit(picture)
    assert bpy.ops.semantify.refine_fit.poll()
    bpy.ops.semantify.bake(frame_start=1, frame_end=2)
    assert obj.data.semantify.baked
    assert not bpy.ops.semantify.fit_image.poll()


def test_a_dropped_picture_is_offered_in_the_viewport_only():
    handler = bpy.types.SEMANTIFY_FH_image
    extensions = handler.bl_file_extensions.split(";")
    assert {".png", ".jpg", ".jpeg", ".tif", ".webp"} <= set(extensions)
    assert handler.bl_import_operator == "semantify.fit_image"

    def offered(space: str, obj: bpy.types.Object | None = None, mode: str = "OBJECT") -> bool:
        return handler.poll_drop(SimpleNamespace(space_data=SimpleNamespace(type=space), mode=mode, object=obj))

    assert offered("VIEW_3D")
    assert not offered("IMAGE_EDITOR")
    assert not offered("VIEW_3D", mode="EDIT_MESH")
    obj = add()
    assert offered("VIEW_3D", obj)
    obj.data.semantify.baked = True
    assert not offered("VIEW_3D", obj)


def test_the_crop_that_was_used_can_be_seen(picture: Path):
    from semantify_blender.addon.state import memory

    obj = add()
    fit(picture)
    name = obj.data.semantify.fit_preview
    preview = memory.previews[name]
    assert tuple(preview.image_size) == (256, 256)
    pixels = np.array(preview.image_pixels_float[:]).reshape(256, 256, 4)
    assert pixels[..., 3].min() == 1.0
    assert pixels[128, 128, :3] != pytest.approx(pixels[128, 8, :3], abs=0.05)
    assert (pixels[..., :3].min(2) > 0.95).sum() > 100, "the outline is drawn over it"


def test_corners_of_a_dragged_box_in_any_order():
    from semantify_blender.addon.pictures.crop_box import pixel_box

    image = bpy.data.images.new("wide", 200, 100)
    for a, b in (((0.25, 0.9), (0.75, 0.1)), ((0.75, 0.1), (0.25, 0.9)), ((0.25, 0.1), (0.75, 0.9))):
        assert pixel_box(image, a, b) == pytest.approx((50, 10, 150, 90))
    assert pixel_box(image, (-1, 2), (2, -1)) == (0, 0, 200, 100)
