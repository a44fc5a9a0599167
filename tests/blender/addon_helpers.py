"""What the add-on's tests share: adding a character, and what its mesh must be by mapper and model alone."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.tier import bpy


def add(mapper: str = "synthetic") -> bpy.types.Object:
    """A new character; it is the active object."""
    assert bpy.ops.semantify.add_character(mapper=mapper) == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def set_slider(obj: bpy.types.Object, index: int, value: float) -> None:
    """What a drag does."""
    obj.data.semantify.sliders[index].value = value


def slider_values(obj: bpy.types.Object) -> list[float]:
    return [slider.value for slider in obj.data.semantify.sliders]


def evaluated(obj: bpy.types.Object) -> np.ndarray:
    """(V, 3) object-space vertices after shape keys and modifiers."""
    bpy.context.view_layer.update()
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    flat = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def texts(suffix: str = ".mapper") -> list[bpy.types.Text]:
    """The Texts of the file that hold mappers, or models (".model")."""
    return [text for text in bpy.data.texts if suffix in text.name]


def forget_decoded() -> None:
    """Decoded mappers and models are kept by content for the whole session; a fresh Blender has none."""
    from semantify_blender.addon.state import memory

    for kept in (memory.decoded, memory.models, memory.grounded, memory.spans, memory.added, memory.undecodable):
        kept.clear()


def load(folder: Path, name: str = "synthetic") -> tuple[Mapper, MorphableModel]:
    """Mapper and model from a data folder, by the core alone."""
    mapper = Mapper.load(folder / "mappers" / f"{name}.mapper.npz")
    return mapper, MorphableModel.load(folder / "models" / f"{mapper.model_name}.model.npz")


def on_the_floor(model: MorphableModel, coefficients: np.ndarray) -> np.ndarray:
    """Model vertices moved up so that the soles' mean height moves with no coefficient and the template stands on 0."""
    z = model.template[:, 2]
    soles = z <= z.min() + 0.02 * np.ptp(z)
    vertices = model.vertices(coefficients).astype(np.float64)
    moved = vertices[soles, 2].mean() - z[soles].astype(np.float64).mean()
    vertices[:, 2] -= z.min() + moved
    return vertices


def expected(folder: Path, sliders: list[float], name: str = "synthetic") -> np.ndarray:
    """(V, 3) that the character must have for these slider values."""
    mapper, model = load(folder, name)
    return on_the_floor(model, mapper.coefficients(mapper.scores_from_sliders(np.array(sliders))))


def error_of(obj: bpy.types.Object, folder: Path) -> float:
    """Largest distance in metres between the character and what its sliders ask for."""
    return float(np.abs(evaluated(obj) - expected(folder, slider_values(obj))).max())


@contextlib.contextmanager
def files_opened() -> Iterator[list[str]]:
    """The files that are opened inside."""
    opened: list[str] = []
    watching = [True]
    # a hook stays for ever
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if watching and event == "open" else None)
    yield opened
    watching.clear()


def prepare_to_render(scene: bpy.types.Scene, side: int) -> None:
    """The cheapest picture with alpha of what stands at the origin: side × side pixels, one sample."""
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.device = 1, False, "CPU"
    scene.render.resolution_x = scene.render.resolution_y = side
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler = (0, -4, 0.9), (np.pi / 2, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera


def alpha_of(picture: Path) -> np.ndarray:
    """(H, W) float32 of a picture with alpha."""
    image = bpy.data.images.load(str(picture))
    return np.array(image.pixels[:], np.float32).reshape(image.size[1], image.size[0], 4)[..., 3]


def run_in_fresh_blender(script: str) -> str:
    """Output of a script in a Blender process of its own: the real program where we are inside one, else the wheel."""
    if bpy.app.binary_path:
        command = [bpy.app.binary_path, "-b", "--factory-startup", "--python-exit-code", "1", "--python-expr", script]
    else:
        command = [sys.executable, "-c", script]
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
