"""A tiny open_clip model on disk and datasets of drawn pictures, so that the training line runs without Blender."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.view import View

VIEWS = (View("front", 0.0), View("side", 90.0))


def tiny_clip_folder(folder: Path, vocabulary: tuple[str, ...] | None = None, seed: int = 0) -> Path:
    """A randomly initialised CLIP of a few layers in open_clip's local-dir format."""
    folder.mkdir(parents=True)
    model_cfg = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
    }
    preprocess = {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.25, 0.3]}
    config = {"model_cfg": model_cfg, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = open_clip.CLIP(**json.loads(json.dumps(model_cfg)))
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "open_clip_model.safetensors")
    if vocabulary:
        (folder / "card.json").write_text(json.dumps({"name": "tiny", "vocabulary": list(vocabulary)}))
    return folder


def picture(rng: np.random.Generator, size: int = 48) -> bytes:
    """A PNG of smooth random colours."""
    small = rng.integers(0, 255, (6, 6, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).resize((size, size), Image.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()


def drawn_dataset(folder: Path, model: MorphableModel, samples: int = 24, seed: int = 0) -> Dataset:
    """A whole dataset whose pictures are random colours."""
    rng = np.random.default_rng(seed)

    def pictures(_: np.ndarray) -> dict[str, bytes]:
        return {view.name: picture(rng) for view in VIEWS}

    return _dataset(folder, model, rng, pictures, samples=samples, seed=seed, size=48, shard_size=10)


def coloured_dataset(
    folder: Path, model: MorphableModel, samples: int = 60, seed: int = 0, textured: bool = True
) -> Dataset:
    """A whole dataset whose pictures are patches of grey, each as bright as a mix of the coefficients says.

    So scores follow the shape, as they do in real renders.
    """
    rng = np.random.default_rng(seed)
    mixes = np.random.default_rng(1).standard_normal((len(VIEWS), model.component_count, 16))

    def pictures(xi: np.ndarray) -> dict[str, bytes]:
        return {view.name: patches(xi @ mix) for view, mix in zip(VIEWS, mixes, strict=True)}

    asked = {"samples": samples, "seed": seed, "textured": textured}
    return _dataset(folder, model, rng, pictures, **asked, size=32, shard_size=50)


def _dataset(
    folder: Path,
    model: MorphableModel,
    rng: np.random.Generator,
    pictures: Callable[..., dict[str, bytes]],
    **asked: Any,
) -> Dataset:
    """Coefficients drawn uniformly; pictures: the coefficients (K,) of a sample -> view's name -> file."""
    spec = DatasetSpec(
        model=model.name,
        model_checksum=model.checksum,
        blender_version="none",
        views=VIEWS,
        image_format="png",
        **asked,
    )
    folder.mkdir(parents=True)
    spec.save(folder)
    for shard in range(spec.shard_count):
        rows = []
        for i in spec.shard_range(shard):
            xi = rng.uniform(-2, 2, model.component_count).astype(np.float32)
            rows.append((i, xi, pictures(xi)))
        spec.write_shard(folder, shard, rows)
    return Dataset.open(folder)


def patches(values: np.ndarray) -> bytes:
    """A PNG of 4 × 4 patches of grey. values: (16,) around 0."""
    grey = np.clip(128 + 24 * values.reshape(4, 4), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(np.kron(grey, np.ones((8, 8), np.uint8))).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def figure(coefficients: np.ndarray, view: View, rng: np.random.Generator, size: int = 96) -> bytes:
    """A PNG with alpha of a drawn figure whose parts are as large as the coefficients say, its clothes of any colour.

    coefficients: (K,), K at least 4: its height, its width, its head and its legs.
    """
    large = 4 * size  # drawn large and reduced, so that its edges are soft
    tall, wide, head, legs = (1 + 0.14 * np.clip(coefficients[:4], -2, 2)).tolist()
    wide *= 0.75 if view.azimuth else 1.0
    middle, floor = large / 2 + rng.uniform(-0.04, 0.04) * large, 0.94 * large
    top, hip = floor - 0.64 * large * tall, floor - 0.28 * large * tall * legs
    half, radius = 0.11 * large * wide, 0.07 * large * head
    skin, shirt, trousers = (tuple(rng.integers(30, 225, 3).tolist()) for _ in range(3))
    drawn = Image.new("RGBA", (large, large))
    pen = ImageDraw.Draw(drawn)
    for side in (-0.5, 0.5):
        centre = middle + side * half
        pen.rectangle([centre - 0.4 * half, hip, centre + 0.4 * half, floor], fill=(*trousers, 255))
    pen.ellipse([middle - half, top + radius, middle + half, hip + 0.05 * large], fill=(*shirt, 255))
    pen.ellipse([middle - radius, top - radius, middle + radius, top + radius], fill=(*skin, 255))
    buffer = io.BytesIO()
    drawn.resize((size, size), Image.Resampling.BOX).save(buffer, "PNG")
    return buffer.getvalue()


def wild_dataset(
    folder: Path, model: MorphableModel, samples: int = 24, seed: int = 0, look: str = "wild", size: int = 96
) -> Dataset:
    """A whole dataset of drawn figures without a backdrop, as look "wild" or "unseen" would render them."""
    spec = DatasetSpec(
        model=model.name,
        model_checksum=model.checksum,
        samples=samples,
        seed=seed,
        blender_version="none",
        views=VIEWS,
        size=size,
        image_format="png",
        look=look,
        shard_size=50,
    )
    folder.mkdir(parents=True)
    spec.save(folder)
    for shard in range(spec.shard_count):
        rows = []
        for i in spec.shard_range(shard):
            rng = np.random.default_rng([seed, i])
            xi = rng.uniform(-2, 2, model.component_count).astype(np.float32)
            rows.append((i, xi, {view.name: figure(xi, view, rng, size) for view in VIEWS}))
        spec.write_shard(folder, shard, rows)
    return Dataset.open(folder)
