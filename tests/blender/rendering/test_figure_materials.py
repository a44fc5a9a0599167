"""What a figure wears and what is painted on it, in dataset pictures."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.meshes import mesh_of
from semantify_blender.core.dataset_spec import POSED, DatasetSpec
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.looks.look import Look
from semantify_blender.core.model.clothes import Clothes
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.palette import PALETTE
from semantify_blender.rendering.dataset import rendered
from semantify_blender.rendering.shape_sources import coefficients_source, shapes_source
from semantify_blender.rendering.stage.engines import require
from semantify_blender.rendering.stage.materials import FigureMaterials
from semantify_blender.rendering.stage.scene import Stage
from semantify_blender.rendering.stage.shade import Shade
from semantify_blender.rendering.wardrobe import Wardrobe
from tests.blender.render_helpers import pixels, small_spec
from tests.synthetic import dressed_model, synthetic_model

LOUD = {"skin": (1.0, 1.0, 1.0), "hair": (0.0, 0.0, 1.0), "top": (1.0, 0.0, 0.0), "shorts": (0.0, 1.0, 0.0)}
FLAT = Look(palette=PALETTE | LOUD, key_strength=0.0, fill_strength=0.0, ambient=1.0, background=((0.5, 0.5, 0.5),) * 2)


def worn() -> MorphableModel:
    return replace(dressed_model(), regions={})  # the body's own would show the garments' colours too


@pytest.fixture
def dressed() -> MorphableModel:
    return worn()


def hues(picture: np.ndarray) -> dict[str, int]:
    """How many pixels are nearly red, green or blue."""
    light = (picture * 255).astype(int)
    names = {"red": 0, "green": 1, "blue": 2}
    return {name: int((light[..., i] > 1.7 * np.delete(light, i, -1).max(-1) + 20).sum()) for name, i in names.items()}


def shown(stage: Stage, look: Look, folder: Path) -> np.ndarray:
    stage.shape(stage.framing.place(stage.dressed.model.template))
    stage.aim(0.0, look)
    return pixels(stage.render(), folder)


def check_clothes_and_hair(engine: str, folder: Path) -> None:
    with Stage(worn(), 64, engine, 4, "png") as stage:
        day = hues(shown(stage, FLAT, folder))
        stage.wear("bare")
        bare = hues(shown(stage, FLAT, folder))
    assert min(day.values()) > 20, day
    assert bare["red"] == bare["green"] == 0
    assert bare["blue"] > 20


def test_clothes_and_painted_hair_show(tmp_path: Path) -> None:
    check_clothes_and_hair("cycles", tmp_path)


def test_clothes_and_painted_hair_show_in_workbench(tmp_path: Path) -> None:
    """In a process of its own: the graphics driver's LLVM and that of torch, which later tests load, crash together."""
    try:
        require("workbench")
    except SemantifyError as error:
        pytest.skip(str(error))
    module = "tests.blender.rendering.test_figure_materials"
    code = f"import bpy; from {module} import *; check_clothes_and_hair('workbench', Path({str(tmp_path)!r}))"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_paint_does_not_lie_on_clothes(dressed: MorphableModel) -> None:
    everywhere = replace(dressed, paint={"hair": np.full((16, 16), 255, np.uint8)})
    with Stage(everywhere, 8, engine_samples=1) as stage:
        regions = np.empty(len(stage.mesh.polygons), np.float32)
        stage.mesh.attributes["semantify region"].data.foreach_get("value", regions)
        names = np.array(stage.materials.regions)[(regions * 32).astype(int)]
    of_parts = stage.dressed.face_parts >= 0
    assert set(names[~of_parts]) == {"hair"}
    assert set(names[of_parts]) == {"top", "shorts", "mouth"}


def test_an_outfit_is_a_samples_own_in_posed_looks_and_the_models_own_elsewhere(dressed: MorphableModel) -> None:
    assert "wild" in POSED
    with Stage(dressed, 8, engine_samples=1, image_format="png", transparent=True) as stage:
        worn = {}
        shape = np.zeros(dressed.component_count, np.float32)
        for order in (range(8), reversed(range(8))):
            wardrobe = Wardrobe(stage, small_spec(dressed, look="wild", image_format="png"))
            for sample in order:
                assert wardrobe.dress(sample, shape).rig is not None
                count = stage.dressed.model.vertex_count
                assert worn.setdefault(sample, count) == count, "whatever was worn before"
        assert len(set(worn.values())) == 2
        plain = Wardrobe(stage, small_spec(dressed, look="random"))
        plain.dress(0, shape)
        assert stage.dressed.model.vertex_count == dressed.dressed().model.vertex_count


@pytest.mark.parametrize("look", ["plain", "unseen"])
def test_an_outfit_that_was_asked_for_is_worn_by_all(dressed: MorphableModel, look: str) -> None:
    for outfit in Clothes.of(dressed.metadata).names:
        spec = DatasetSpec.of(dressed, samples=4, look=look, outfit=outfit)
        with Stage(dressed, 8, engine_samples=1, image_format="png", transparent=True) as stage:
            wardrobe = Wardrobe(stage, spec)
            for sample in range(4):
                wardrobe.dress(sample, np.zeros(dressed.component_count, np.float32))
                assert stage.dressed.model.vertex_count == dressed.dressed(outfit).model.vertex_count
    with pytest.raises(SemantifyError, match="has no outfit 'tutu'; choose from"):
        DatasetSpec.of(dressed, samples=4, outfit="tutu")


def test_given_shapes_are_worn_over(dressed: MorphableModel) -> None:
    spec = small_spec(dressed, samples=1)
    shapes = dressed.vertices(np.array([[0.5, -0.5]]))
    seen: list[np.ndarray] = []

    class Watched(Stage):
        def shape(self, vertices: np.ndarray) -> None:
            seen.append(vertices)

        def render(self, seed: int = 0) -> bytes:
            return b"picture"

    with Watched(dressed, 8, engine_samples=1) as stage:
        for source in (shapes_source(dressed, shapes), lambda i: np.array([0.5, -0.5, 0, 0], np.float32)):
            list(rendered(stage, spec, source, 0))
    given, drawn = seen
    assert given.shape == drawn.shape
    np.testing.assert_allclose(given, drawn, atol=0.05)


def test_many_regions_take_further_materials() -> None:
    model = synthetic_model()
    count = 70
    regions = {f"region {i}": np.arange(model.face_count) % count == i for i in range(count)}
    many = replace(model, regions=regions)
    materials = FigureMaterials(many, Shade())
    assert len(materials.materials) == 3
    mesh = mesh_of(many, "many")
    materials.put_on(mesh, many.dressed())
    palette = dict(PALETTE)
    materials.apply(Look(palette=palette | {"region 69": (1.0, 0.0, 0.0), "region 3": (0.0, 1.0, 0.0)}))
    slots = np.empty(many.face_count, np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    numbers = np.empty(many.face_count, np.float32)
    mesh.attributes["semantify region"].data.foreach_get("value", numbers)
    for region, colour in (("region 69", (1.0, 0.0, 0.0)), ("region 3", (0.0, 1.0, 0.0))):
        face = np.flatnonzero(many.regions[region])[0]
        material = mesh.materials[int(slots[face])]
        ramp = next(node for node in material.node_tree.nodes if node.type == "VALTORGB").color_ramp
        np.testing.assert_allclose(ramp.evaluate(float(numbers[face]))[:3], colour, atol=1e-5)


def test_colours_reach_a_source_of_coefficients(dressed: MorphableModel) -> None:
    spec = small_spec(dressed, samples=2, size=16)
    with Stage(dressed, 16, engine_samples=1) as stage:
        taken = list(rendered(stage, spec, coefficients_source(spec, dressed), 0))
    assert [sample for sample, _, _ in taken] == [0, 1]
    assert all(data.startswith(b"\xff\xd8") for _, _, images in taken for data in images.values())
