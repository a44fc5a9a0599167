"""A CLIP in a folder of open_clip's `local-dir:` format, checked whole before anything of it is built.

Nothing here and nothing that it allows asks the network: a local folder is all there is.
"""

import math
from pathlib import Path
from typing import Any

import open_clip
import torch

from ...core.errors import FileFormatError, SemantifyError
from ...core.files.json_text import read_json
from ...core.files.schema import Maybe, conform

CONFIG, CARD = "open_clip_config.json", "card.json"
WEIGHTS = ("*.safetensors", "*.bin", "*.pth")
"""Where open_clip looks for the weights of a folder."""
_WAY_OUT = "get this model again"
_SCHEMA = {
    "model_cfg": {"embed_dim": int, "vision_cfg": {str: object}, "text_cfg": {str: object}},
    "preprocess_cfg?": {"mean?": object, "std?": object, "size?": object, "interpolation?": str, "resize_mode?": str},
}
_LARGEST = {
    "embed_dim": 65_536,
    "image_size": 4096,
    "patch_size": 4096,
    "layers": 1000,
    "width": 65_536,
    "heads": 4096,
    "head_width": 65_536,
    "context_length": 65_536,
    "vocab_size": 10_000_000,
    "size": 4096,
}
"""Whole numbers of a config, each from 1 to this, alone or in a list (sides of a picture, stages of a ResNet)."""


def check_folder(folder: Path) -> dict[str, Any]:
    """The config of a CLIP's folder.

    Raises FileFormatError naming the field of a config that no model can have; SemantifyError for a folder without
    config or weights, or whose config asks for more numbers than its weights file has bytes.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise SemantifyError(f"{folder}: no {CONFIG} here; give a folder in open_clip's local-dir format")
    config = read_json(path, _WAY_OUT)
    conform(path, config, _SCHEMA, way_out=_WAY_OUT)
    _check_sizes(path, config, "")
    normalisation = config.get("preprocess_cfg", {})
    for name in ("mean", "std"):
        if name in normalisation:
            _check_channels(path, f"preprocess_cfg.{name}", normalisation[name], positive=name == "std")
    tower = config["model_cfg"]["vision_cfg"].get("timm_model_name")
    if tower is not None and not (isinstance(tower, str) and tower.replace("-", "_").replace(".", "_").isidentifier()):
        # "hf-hub:…" would be fetched
        raise FileFormatError(path, "model_cfg.vision_cfg.timm_model_name", f"is no name of a tower; {_WAY_OUT}")
    if not any(file.is_file() for pattern in WEIGHTS for file in folder.glob(pattern)):
        raise SemantifyError(
            f"{folder}: has no weights ({', '.join(WEIGHTS)}): put open_clip_model.safetensors beside {CONFIG}"
        )
    return config


def check_weights_suffice(folder: Path) -> None:
    """Build the model without memory, and raise SemantifyError when it has more numbers than its largest file bytes.

    So a config of huge sizes is refused before anything is allocated for it.
    """
    with torch.device("meta"):
        model = open_clip.create_model(f"local-dir:{folder}", load_weights=False, device="meta", pretrained_text=False)
    numbers = sum(tensor.numel() for tensor in model.state_dict().values())
    size = max(file.stat().st_size for pattern in WEIGHTS for file in folder.glob(pattern))
    if numbers > size:
        raise SemantifyError(
            f"{folder / CONFIG}: asks for a model of {numbers:,} numbers, but the weights file has {size:,} bytes; "
            f"{_WAY_OUT}"
        )


def read_vocabulary(folder: Path) -> tuple[str, ...] | None:
    """The only words that a CLIP knows, told in its card.json; None when there is no card or it names none.

    Raises FileFormatError when the card is not what a card should be.
    """
    path = folder / CARD
    if not path.is_file():
        return None
    card = read_json(path, _WAY_OUT)
    conform(path, card, {"vocabulary?": Maybe([str])}, way_out=_WAY_OUT)
    words = card.get("vocabulary")
    if words is not None and not all(word.strip() for word in words):
        raise FileFormatError(path, "vocabulary", f"holds an empty word; {_WAY_OUT}")
    return tuple(words) if words else None


def _check_sizes(path: Path, value: Any, field: str) -> None:
    """Walk a config; every number that says how large something is must say something possible."""
    if isinstance(value, dict):
        for name, inner in value.items():
            below = f"{field}.{name}" if field else str(name)
            if name in _LARGEST and inner is not None:
                _check_size(path, below, inner, _LARGEST[name])
            _check_sizes(path, inner, below)
    elif isinstance(value, list):
        for inner in value:
            _check_sizes(path, inner, field)


def _check_size(path: Path, field: str, value: Any, largest: int) -> None:
    sizes = value if isinstance(value, list) else [value]
    whole = all(isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= largest for size in sizes)
    if not whole or not 1 <= len(sizes) <= 4:
        raise FileFormatError(path, field[:100], f"expected a whole number from 1 to {largest}; {_WAY_OUT}")


def _check_channels(path: Path, field: str, value: Any, positive: bool) -> None:
    numbers = value if isinstance(value, list) else [value]
    good = [
        isinstance(number, int | float)
        and not isinstance(number, bool)
        and math.isfinite(number)
        and abs(number) < 1e6
        and (number > 1e-6 or not positive)
        for number in numbers
    ]
    if not all(good) or len(numbers) not in (1, 3):
        kind = "three positive numbers" if positive else "three numbers"
        raise FileFormatError(path, field, f"expected {kind}, one for each colour; {_WAY_OUT}")
