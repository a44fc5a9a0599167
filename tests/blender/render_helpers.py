"""Shared by the render tests: small specifications, pictures as arrays, and child processes of the command line."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np

from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.view import View
from semantify_blender.processes.python import clean_environment
from tests.blender.tier import bpy

ROOT = Path(__file__).resolve().parents[2]


def small_spec(model: MorphableModel, **changes: object) -> DatasetSpec:
    """A specification of 5 samples in shards of 2, 32 pixels, one sample per pixel."""
    values = {
        "model": model.name,
        "model_checksum": model.checksum,
        "samples": 5,
        "seed": 7,
        "blender_version": bpy.app.version_string,
        "size": 32,
        "engine_samples": 1,
        "image_format": "png",
        "shard_size": 2,
        "views": (View("front", 0.0), View("side", 90.0)),
    }
    return DatasetSpec(**(values | changes))


def pixels(data: bytes, folder: Path) -> np.ndarray:
    """(height, width, 3) sRGB values in 0..1 of an encoded picture, top row first."""
    path = folder / "picture"
    path.write_bytes(data)
    image = bpy.data.images.load(str(path), check_existing=False)
    width, height = image.size
    values = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)
    bpy.data.images.remove(image)
    return values.reshape(height, width, -1)[::-1, :, :3]


def silhouette(picture: np.ndarray) -> np.ndarray:
    """(height, width) bool: where a picture differs from its upper left corner, the background."""
    return np.abs(picture - picture[0, 0]).max(-1) > 0.04


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def members(path: Path) -> dict[str, bytes]:
    """Every member of a tar."""
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def coefficients_of(data: bytes) -> np.ndarray:
    """The array of an .npy member."""
    return np.load(io.BytesIO(data))


def command(*arguments: object) -> list[str]:
    """The rendering command line in a child process of this Python."""
    return [sys.executable, "-m", "semantify_blender.rendering", *map(str, arguments)]


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess:
    """Run the rendering command line to its end."""
    options.setdefault("env", clean_environment())
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **options
    )
