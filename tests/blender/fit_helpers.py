"""A small encoder and fitter for the synthetic model, pictures to show them, and what core alone makes of those."""

from pathlib import Path

import numpy as np

from semantify_blender.blender.pictures import read_picture
from semantify_blender.core.fitting.fit import Fit, fit_pictures
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.image_encoder import Convolution, ImageEncoder
from semantify_blender.core.fitting.known import Known
from semantify_blender.core.pictures.crop import cut_figure
from tests.blender.addon_helpers import load, on_the_floor
from tests.blender.tier import bpy

SIZE = 32
D = 16


def save_encoder_and_fitter(folder: Path, name: str = "synthetic") -> None:
    """Random but fixed weights, in folder/encoders and folder/fitters; folder has that mapper and its model."""
    rng = np.random.default_rng(5)
    mapper, model = load(folder, name)
    texts = rng.normal(size=(len(mapper.descriptors), D))
    encoder = ImageEncoder(
        name=encoder_name(name),
        size=SIZE,
        clip_name="small",
        clip_checksum="c" * 64,
        words=mapper.descriptors,
        texts=(texts / np.linalg.norm(texts, axis=1, keepdims=True)).astype(np.float32),
        convolutions=(
            Convolution(rng.normal(0, 0.3, (8, 3, 4, 4)).astype(np.float32), np.zeros(8, np.float32), stride=4),
        ),
        head=rng.normal(0, 0.1, (D, 8 * (SIZE // 4) ** 2)).astype(np.float32),
        head_bias=np.zeros(D, np.float32),
    )
    (folder / "encoders").mkdir(exist_ok=True)
    path = folder / "encoders" / f"{encoder.name}.encoder.npz"
    encoder.save(path)
    encoder = ImageEncoder.load(path)
    k = model.component_count
    outputs = k + k * (k + 1) // 2 + 3
    (folder / "fitters").mkdir(exist_ok=True)
    Fitter(
        model_name=model.name,
        model_checksum=model.checksum,
        encoder_name=encoder.name,
        encoder_checksum=encoder.checksum,
        input_mean=np.zeros(D, np.float32),
        input_deviation=np.full(D, 0.25, np.float32),
        layers=((rng.normal(0, 0.25, (outputs, D)).astype(np.float32), np.zeros(outputs, np.float32)),),
        prior_mean=np.zeros(k, np.float32),
        prior_covariance=np.eye(k, dtype=np.float32),
        embedding_mean=np.zeros(D, np.float32),
        embedding_slope=rng.normal(0, 0.1, (D, k)).astype(np.float32),
        angle_deviations=np.array([20, 10], np.float32),
    ).save(folder / "fitters" / f"{model.name}.fitter.npz")


def encoder_name(mapper: str) -> str:
    """Of the encoder that was saved for a mapper."""
    return "tiny" if mapper == "synthetic" else f"tiny-{mapper}"


def draw_figure(height: int = 120, width: int = 100, waist: float = 0.2, left: int = 0) -> np.ndarray:
    """(H, W, 4) uint8: a striped vase on a transparent ground, `left` pixels off the middle; hollow, as figures are."""
    y, x = np.mgrid[:height, :width]
    across = np.abs(x - width / 2 - left) / width
    inside = across < waist * (1 - np.abs(2 * y / height - 1) ** 2) * (0.7 + 0.3 * np.cos(12 * y / height))
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 0] = 120 + 100 * ((y // 8) % 2)
    pixels[..., 1] = 90
    pixels[..., 2] = 60 + x % 100
    pixels[..., 3] = 255 * inside
    return pixels


def add_image(pixels: np.ndarray, name: str = "picture") -> bpy.types.Image:
    """An image of the file that has these pixels, (H, W, 4) uint8 with the top row first."""
    image = bpy.data.images.new(name, pixels.shape[1], pixels.shape[0], alpha=True)
    image.pixels.foreach_set((pixels[::-1] / np.float32(255)).ravel())
    image.update()
    return image


def write_picture(path: Path, pixels: np.ndarray) -> Path:
    """Save as PNG, or as JPEG without alpha where the name says so."""
    image = add_image(pixels)
    image.file_format = "JPEG" if path.suffix == ".jpg" else "PNG"
    image.save(filepath=str(path))
    bpy.data.images.remove(image)
    return path


def expected_fit(
    folder: Path,
    paths: list[Path],
    height: float | None = None,
    box: tuple[float, float, float, float] | None = None,
    locked: np.ndarray | None = None,
    sliders: np.ndarray | None = None,
    name: str = "synthetic",
) -> Fit:
    """What core makes of picture files, for a mapper of the folder."""
    mapper, model = load(folder, name)
    encoder = ImageEncoder.load(folder / "encoders" / f"{encoder_name(name)}.encoder.npz")
    fitter = Fitter.load(folder / "fitters" / f"{model.name}.fitter.npz")
    cuts = [cut_figure(read_picture(path), SIZE, box) for path in paths]
    return fit_pictures(cuts, encoder, fitter, mapper, model, Known(height), locked, sliders)


def expected_mesh(folder: Path, coefficients: np.ndarray) -> np.ndarray:
    """(V, 3) of a character with these coefficients."""
    return on_the_floor(load(folder)[1], coefficients)


def state_of(obj: bpy.types.Object) -> dict[str, object]:
    """All that a fit may change about a character."""
    state = obj.data.semantify
    return {
        "sliders": [slider.value for slider in state.sliders],
        "offset": [item.value for item in state.offset],
        "amount": state.offset_amount,
        "points": [tuple(point.co) for point in obj.data.shape_keys.key_blocks["Semantify"].points],
        "texts": (state.fitted_to, state.fit_notes, state.fit_preview),
        "pictures": [(picture.name, picture.path) for picture in state.pictures],
    }


def file_contents() -> dict[str, list[str]]:
    """Names of the datablocks that a fit might leave behind."""
    return {
        kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in ("objects", "meshes", "images", "texts")
    }
