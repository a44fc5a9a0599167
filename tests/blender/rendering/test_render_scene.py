"""What single pictures show, judged by numbers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.looks.choice import look_of
from semantify_blender.core.looks.look import PLAIN
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.palette import PALETTE
from semantify_blender.rendering.stage.quiet import quiet
from semantify_blender.rendering.stage.scene import Stage
from tests.blender.render_helpers import pixels, silhouette
from tests.blender.tier import bpy
from tests.synthetic import synthetic_model


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return synthetic_model()


@pytest.fixture(scope="module")
def stage(model: MorphableModel) -> Iterator[Stage]:
    with Stage(model, 64, "cycles", 2, "png") as made:
        yield made


@pytest.fixture
def take(stage: Stage, model: MorphableModel, tmp_path: Path):
    """Render coefficients under a look from an azimuth and give the picture as an array."""

    def shoot(coefficients=(0.0,), azimuth: float = 0.0, look=PLAIN, seed: int = 0) -> np.ndarray:
        stage.shape(stage.framing.place(model.vertices(np.array(coefficients))))
        stage.aim(azimuth, look)
        return pixels(stage.render(seed), tmp_path)

    return shoot


def rows(mask: np.ndarray) -> tuple[int, int]:
    """First and last row a silhouette reaches."""
    where = np.flatnonzero(mask.any(1))
    return int(where[0]), int(where[-1])


def test_mesh_is_the_model(stage: Stage, model: MorphableModel) -> None:
    mesh = stage.mesh
    assert (len(mesh.vertices), len(mesh.polygons), len(mesh.loops)) == (194, 208, 800)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    np.testing.assert_array_equal(corners, model.corner_vertices)
    assert all(polygon.use_smooth for polygon in mesh.polygons)


def test_taller_is_higher_on_a_constant_floor(take) -> None:
    short, tall = rows(silhouette(take([-3.0]))), rows(silhouette(take([3.0])))
    assert short[1] == tall[1], "the feet must stay on the floor"
    # 0.3 m of 2.2 m in 64 rows, twice
    assert short[0] - tall[0] == pytest.approx(0.15 * 2 * 1.76 * 64 / 2.2, abs=2)


def test_fatter_is_wider(take) -> None:
    area = [silhouette(take([0, x, x, x])).sum() for x in (-2.0, 0.0, 2.0)]
    assert area[0] < 0.95 * area[1] < 0.9 * area[2]


def test_regions_have_their_colours(take) -> None:
    picture = take()
    first, last = rows(silhouette(picture))
    hair, skin, shorts = (picture[row, 32] for row in (first + 2, first + 10, (first + last) // 2 + 2))
    assert hair.sum() < 0.6 * skin.sum()
    assert skin[0] > skin[1] > skin[2]
    assert shorts[2] > shorts[0]


def test_random_palette_reaches_the_picture(take) -> None:
    red = take(look=replace(PLAIN, palette=PALETTE | {"skin": (0.9, 0.1, 0.1)}))
    mask = silhouette(red)
    reddish = (red[..., 0] > 2 * red[..., 1]) & mask
    assert reddish.sum() > 0.4 * mask.sum()
    assert not ((take()[..., 0] > 2 * take()[..., 1]) & mask).any()


def test_background_is_the_look_s(take) -> None:
    even = take(look=replace(PLAIN, background=((0.2, 0.4, 0.6),) * 2))
    np.testing.assert_allclose(even[0, 0], (0.2, 0.4, 0.6), atol=0.01)
    graded = take(look=replace(PLAIN, background=((0.2, 0.2, 0.2), (0.8, 0.8, 0.8)), gradient=90.0))
    assert graded[60, 2, 0] < 0.35 < 0.7 < graded[3, 2, 0]
    sideways = take(look=replace(PLAIN, background=((0.2, 0.2, 0.2), (0.8, 0.8, 0.8)), gradient=0.0))
    assert sideways[2, 2, 0] < 0.35 < 0.7 < sideways[2, 61, 0]


def test_light_comes_from_the_key(take) -> None:
    def halves(azimuth: float) -> tuple[float, float]:
        look = replace(PLAIN, key_azimuth=azimuth, fill_strength=0.0, palette=dict.fromkeys(PALETTE, (0.6, 0.6, 0.6)))
        picture = take(look=look)
        middle = slice(20, 50)
        mask = silhouette(picture)[middle]
        left, right = picture[middle, :32][mask[:, :32]], picture[middle, 32:][mask[:, 32:]]
        return float(left.mean()), float(right.mean())

    left, right = halves(-60)
    assert left > 1.3 * right
    left, right = halves(60)
    assert right > 1.3 * left


def test_plain_light_neither_burns_out_nor_drowns(take) -> None:
    picture = take()
    values = picture[silhouette(picture)]
    assert (values > 0.99).all(-1).mean() < 0.01
    assert 0.2 < values.mean() < 0.75
    assert values.std() > 0.05, "flat light hides the shape"


def test_side_view_differs_from_front(stage: Stage, model: MorphableModel, tmp_path: Path) -> None:
    # push the figure's chest forward, to -Y: seen in profile only
    vertices = stage.framing.place(model.vertices(np.zeros(1)))
    vertices[vertices[:, 1] < -0.1, 1] -= 0.3
    stage.shape(vertices)
    widths = []
    for azimuth in (0.0, 90.0):
        stage.aim(azimuth, PLAIN)
        mask = silhouette(pixels(stage.render(), tmp_path))
        columns = np.flatnonzero(mask.any(0))
        widths.append((32 - columns[0], columns[-1] - 31))
    assert widths[1][0] > widths[0][0] + 5, "at azimuth 90 the camera stands at +X and sees -Y on the left"
    assert abs(widths[0][0] - widths[0][1]) <= 2


def test_camera_changes_of_a_look(take) -> None:
    area = silhouette(take()).sum()
    assert silhouette(take(look=replace(PLAIN, zoom=1.25))).sum() == pytest.approx(area / 1.25**2, rel=0.06)
    shifted = silhouette(take(look=replace(PLAIN, shift=(0.125, 0.0))))
    assert np.flatnonzero(shifted.any(0)).mean() == pytest.approx(31.5 + 8, abs=1)
    lifted = silhouette(take(look=replace(PLAIN, shift=(0.0, 0.0625))))
    assert rows(lifted)[1] == pytest.approx(rows(silhouette(take()))[1] - 4, abs=1)


def test_same_picture_same_bytes_in_any_order(stage: Stage, model: MorphableModel) -> None:
    def picture(i: int, view: int) -> bytes:
        stage.shape(stage.framing.place(model.vertices(np.full(4, 0.3 * i))))
        stage.aim(90.0 * view, look_of("random", 1, i, view))
        return stage.render(seed=i * 2 + view)

    keys = [(i, view) for i in range(4) for view in range(2)]
    forwards = {key: picture(*key) for key in keys}
    assert {key: picture(*key) for key in reversed(keys)} == forwards
    assert len(set(forwards.values())) == len(keys)


def test_untextured_is_grey(model: MorphableModel, tmp_path: Path) -> None:
    with quiet(), Stage(model, 32, "cycles", 1, "png", textured=False) as bare:
        bare.shape(bare.framing.place(model.vertices(np.zeros(1))))
        bare.aim(0.0, look_of("plain", 0, 0, 0, textured=False))
        picture = pixels(bare.render(), tmp_path)
    inside = picture[silhouette(picture)]
    assert np.ptp(inside, axis=-1).max() < 0.05


def test_pictures_carry_no_times_or_names(model: MorphableModel) -> None:
    for image_format, start in (("png", b"\x89PNG"), ("jpg", b"\xff\xd8")):
        with quiet(), Stage(model, 16, "cycles", 1, image_format) as bare:
            data = bare.render()
        assert data.startswith(start)
        assert not any(word in data for word in (b"Date", b"time", b"Time", b"Scene", b"ViewLayer", b"Blender"))


def test_framing_of_other_models(model: MorphableModel) -> None:
    head = replace(model, template=model.template * 0.15, metadata={})
    framing = head.framing
    assert not framing.floor
    assert framing.height == pytest.approx(1.3 * np.ptp(head.template, axis=0).max())
    told = replace(model, metadata={"framing": {"height": 3.0, "floor": False}}).framing
    assert (told.height, told.floor) == (3.0, False)
    with pytest.raises(SemantifyError, match=r"framing\.height"):
        _ = replace(model, metadata={"framing": {"height": -1}}).framing


def test_render_failure_is_one_sentence(model: MorphableModel, tmp_path: Path) -> None:
    with quiet(), Stage(model, 16, "cycles", 1, "png", folder=tmp_path) as bare:
        bare.scene.render.filepath = str(tmp_path / "no" / "such" / "folder" / "\0" / "x.png")
        bare._file = tmp_path / "never-written.png"
        with pytest.raises(SemantifyError, match="could not render into"):
            bare.render()


def test_colours_are_not_tone_mapped(stage: Stage) -> None:
    assert bpy.context.scene.view_settings.view_transform == "Standard"


def test_quads_are_split_anew_for_every_shape(model: MorphableModel) -> None:
    # a dart-shaped quad must be split along the diagonal that stays inside it
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]], np.float32)
    one_quad = replace(
        model,
        template=square,
        basis=np.zeros((1, 4, 3), np.float32),
        corner_vertices=np.arange(4, dtype=np.int32),
        face_offsets=np.array([0, 4], np.int32),
        uv=None,
        regions={},
        metadata={},
    )

    def diagonal() -> set[int]:
        figure = bpy.context.evaluated_depsgraph_get().objects["figure"]
        first, second = (set(triangle.vertices) for triangle in figure.data.loop_triangles)
        return first & second

    darts = {}
    for corner in (0, 1):
        dart = square.copy()
        dart[corner] = [0.6, 0, 0.6] if corner == 0 else [0.4, 0, 0.6]
        darts[corner] = dart
    with quiet(), Stage(one_quad, 8, "cycles", 1, "png") as bare:
        for corner in (0, 1, 0):
            bare.shape(darts[corner])
            bare.render()
            assert diagonal() == ({0, 2} if corner == 0 else {1, 3})
