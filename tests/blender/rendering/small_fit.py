"""A small model, a random encoder and a random fitter, with which `fit` runs in a moment: only the way is tested."""

import json
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.cli.rendering import main
from semantify_blender.core.fitting.fitter import ANGLES, Fitter
from semantify_blender.core.fitting.image_encoder import Convolution, ImageEncoder
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.png import save_png

SIZE, DIMENSION = 32, 12


def random_encoder(words: tuple[str, ...], seed: int = 0) -> ImageEncoder:
    """Two convolutions and a head."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        fan = np.prod(shape[1:]) if len(shape) > 1 else 100.0
        return (rng.standard_normal(shape) / np.sqrt(fan)).astype(np.float16).astype(np.float32)

    layers = (Convolution(normal(8, 3, 4, 4), normal(8), 4), Convolution(normal(8, 8, 3, 3), normal(8), 2, 1))
    texts = rng.standard_normal((len(words), DIMENSION)).astype(np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    return ImageEncoder(
        "body", SIZE, "small", "c" * 64, words, texts, layers, normal(DIMENSION, 128), normal(DIMENSION)
    )


def random_fitter(model: MorphableModel, encoder: ImageEncoder, seed: int = 1) -> Fitter:
    """One layer, so that every picture gives another shape."""
    rng = np.random.default_rng(seed)
    k = model.component_count
    outputs = k + k * (k + 1) // 2 + ANGLES
    weight = (0.3 * rng.standard_normal((outputs, DIMENSION))).astype(np.float16).astype(np.float32)
    slope = 0.01 * rng.standard_normal((DIMENSION, k)).astype(np.float32)
    return Fitter(
        model_name=model.name,
        model_checksum=model.checksum,
        encoder_name=encoder.name,
        encoder_checksum=encoder.checksum,
        input_mean=np.zeros(DIMENSION, np.float32),
        input_deviation=np.full(DIMENSION, 0.3, np.float32),
        layers=((weight, np.zeros(outputs, np.float32)),),
        prior_mean=np.zeros(k, np.float32),
        prior_covariance=np.eye(k, dtype=np.float32),
        embedding_mean=np.full(DIMENSION, 0.1, np.float32),
        embedding_slope=slope,
        angle_deviations=np.array([6.0, 3.0], np.float32),
    )


def draw(path: Path, left: int = 70, colour: tuple[int, int, int] = (90, 60, 50)) -> Path:
    """A pictogram of a person around x = `left` before a plain backdrop, 200 × 160 pixels, y from 22 to 146."""
    y, x = np.mgrid[:160, :200] + 0.5
    head = np.hypot(x - left, y - 36) < 14
    trunk = (np.abs(x - left) < 22) & (y > 52) & (y < 100)
    legs = (np.abs(np.abs(x - left) - 11) < 7) & (y >= 100) & (y < 146)
    inside = head | trunk | legs | ((np.abs(x - left) < 6) & (y > 45) & (y < 60))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_png(path, np.where(inside[..., None], colour, (205, 208, 210)).astype(np.uint8))
    return path


def run_fit(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["fit", "--mapper", "synthetic", *map(str, arguments)])
    captured = capfd.readouterr()
    return status, captured.out, captured.err


def events_of(said: str) -> list[dict]:
    """The JSON lines; in this process Blender's own lines may come out later than they were written."""
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def fits_of(folder: Path) -> dict:
    found = json.loads((folder / "fits.json").read_text(encoding="utf-8"))
    assert found["schema"] == "semantify.fits/1"
    return found
