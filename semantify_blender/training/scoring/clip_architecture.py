"""The architecture of a CLIP's weights file, read off its tensors' shapes and compared with the one that is named.

Nothing is allocated: models are built without memory, and a file tells its shapes without being read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.convert import convert_state_dict
from open_clip.model import convert_to_custom_text_state_dict
from safetensors import safe_open

from ...core.errors import SemantifyError
from .clip_weights import QUICK, open_tensors

Shapes = dict[str, tuple[int, ...]]
"""Name of a tensor -> its shape."""
_NOT_COMPARED = ("logit_scale", "logit_bias", "text.transformer.embeddings.position_ids")
"""What open_clip brings into the right form, or does without."""
_RESIZED = ("visual.positional_embedding", "positional_embedding", "text.positional_embedding")
"""Tables that open_clip stretches to the model's own number of places."""
_OF_TRANSFORMERS = ("vision_model.", "text_model.")
_WORDS = ("token_embedding.weight", "text.token_embedding.weight")
_NAMED = 3


def shapes_of(path: Path) -> Shapes:
    """The shapes of the tensors in a weights file; empty for a form that open_clip translates (.npz).

    Raises whatever reading the file raises.
    """
    if path.suffix == ".safetensors":
        with safe_open(path, "pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    with open_tensors(path) as (names, tensor):
        found = {name: tensor(name) for name in names}
    return {name: tuple(value.shape) for name, value in found.items() if isinstance(value, torch.Tensor)}


def check_architecture(name: str, shapes: Shapes, label: str) -> str | None:
    """None when tensors of these shapes are those of open_clip's model `name`; a remark when they can be stretched to.

    Raises SemantifyError naming the model that they are of, else the first tensor that differs.
    """
    if not shapes:
        return None
    start = f"{label}: is not a weights file of CLIP model {name!r}"
    if any(tensor.startswith(_OF_TRANSFORMERS) for tensor in shapes):
        raise SemantifyError(
            f"{start}: its tensors are named as the transformers library names them; get open_clip_model.safetensors"
        )
    differing = _differences(name, shapes)
    if not differing:
        return None
    others = _models_of(shapes, name)
    if others:
        raise SemantifyError(f"{start}: it holds {' or '.join(others)}; give --clip {others[0]}:FILE")
    tensor, (there, here) = next(iter(sorted(differing.items(), key=lambda item: item[0] in _RESIZED)))
    if all(one in _RESIZED and None not in pair for one, pair in differing.items()):
        return f"{label}: {tensor} has {_size(there)} numbers, stretched to the {_size(here)} of {name}"
    raise SemantifyError(f"{start}: {tensor} is {_size(there)} there and {_size(here)} in {name}; name its own model")


def _differences(name: str, shapes: Shapes) -> dict[str, tuple[Any, Any]]:
    """Tensor -> (shape in the file, shape in the model), None where there is none, for all that differ."""
    with torch.device("meta"):
        model = open_clip.create_model(name, load_weights=False, device="meta", pretrained_text=False)
        held: Mapping[str, torch.Tensor] = {one: torch.empty(shape) for one, shape in shapes.items()}
        held = convert_state_dict(model, held)
    if "positional_embedding" in held and not hasattr(model, "positional_embedding"):
        held = convert_to_custom_text_state_dict(dict(held))
    found = {one: tuple(value.shape) for one, value in held.items() if one not in _NOT_COMPARED}
    wanted = {one: tuple(value.shape) for one, value in model.state_dict().items() if one not in _NOT_COMPARED}
    names = [*wanted, *(one for one in found if one not in wanted)]
    pairs = {one: (found.get(one), wanted.get(one)) for one in names}
    return {one: pair for one, pair in pairs.items() if pair[0] != pair[1]}


def _models_of(shapes: Shapes, but: str) -> list[str]:
    """Up to three of open_clip's models whose tensors have exactly these shapes."""
    table = next((shapes[one] for one in _WORDS if one in shapes), None)
    found: list[str] = []
    for name in open_clip.list_models():
        text = (open_clip.get_model_config(name) or {}).get("text_cfg", {})
        # a first look that costs nothing: the table of words
        if table != (text.get("vocab_size", 49408), text.get("width", 512)) or name in (but, but + QUICK):
            continue
        if name.endswith(QUICK) and name.removesuffix(QUICK) in found:
            continue
        try:
            same = not _differences(name, shapes)
        except Exception:
            continue  # a model of packages that are not here
        if same:
            found.append(name)
        if len(found) == _NAMED:
            break
    return found


def _size(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return "missing"
    return " × ".join(map(str, shape)) or "one"
