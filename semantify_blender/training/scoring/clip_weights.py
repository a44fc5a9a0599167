"""Weights of a CLIP in a file: which form they have, which activation they were trained with, whether they are sound.

OpenAI's were trained with QuickGELU. open_clip builds "ViT-B-32" with GELU and says nothing of it for a local file.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors import safe_open
from torch import nn

from ...core.errors import SemantifyError

QUICK = "-quickgelu"
"""Ending of open_clip's names of models that have QuickGELU."""
_OPENAIS_OWN = ("input_resolution", "context_length", "vocab_size")
"""Entries that the state dict of OpenAI's published files has beside the weights."""
_COMPUTED = "attn_mask"
"""A buffer that an archive holds and a state dict does not: it follows from the sizes."""
_TABLE = "token_embedding.weight"
_MATRICES = ("text_projection", "transformer.resblocks.0.mlp.c_fc.weight", "transformer.resblocks.0.mlp.c_proj.weight")


@dataclass(frozen=True)
class Activation:
    """quick: compute with QuickGELU. remark: what the user should know of it, or None."""

    quick: bool
    remark: str | None = None


def is_torchscript(path: Path) -> bool:
    """Whether a file is a TorchScript archive: it has `constants.pkl` in its one top folder, as torch writes it."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return bool(names) and f"{names[0].split('/')[0]}/constants.pkl" in names


def activation_of(name: str, path: Path) -> Activation:
    """Which activation the weights in a file want, for a model that open_clip knows by `name`.

    What the file's name (or its folder in a download cache) says comes first, then its tensors: OpenAI's are known by
    entries of their own, and by matrices rounded to half precision beside a table of words that is not.
    Raises whatever reading the file raises.
    """
    config = open_clip.get_model_config(name) or {}
    has = bool(config.get("quick_gelu"))
    plain = name.removesuffix(QUICK)
    wants = _wanted_by_name(plain, path)
    if wants is None and openai_form(path):
        wants = True
    if has:
        doubt = f"{path.name}: weights of this name were trained with GELU, but {name} has QuickGELU: give {plain}:FILE"
        return Activation(True, doubt if wants is False else None)
    if plain + QUICK not in open_clip.list_models():
        return Activation(False)
    if wants:
        return Activation(True, f"{path.name}: these weights were trained with QuickGELU, so {plain}{QUICK} is used")
    if wants is None:
        return Activation(
            False,
            f"{path.name}: taken as trained with GELU, as open_clip builds {name}; if these are OpenAI's weights, or "
            f"others trained with QuickGELU, give {plain}{QUICK}:FILE",
        )
    return Activation(False)


def openai_form(path: Path) -> bool:
    """Whether the tensors in a file have the form in which OpenAI published them."""
    with open_tensors(path) as (names, tensor):
        if set(_OPENAIS_OWN) <= set(names):
            return True
        if not {_TABLE, *_MATRICES} <= set(names):
            return False
        return all(_is_half(tensor(matrix)) for matrix in _MATRICES) and not _is_half(tensor(_TABLE))


def published_state(path: Path) -> dict[str, torch.Tensor] | None:
    """The weights, in single precision, of a file in a form that only OpenAI's have; None for any other.

    That is a TorchScript archive, or a state dict that kept the archive's own entries. Nothing is unpickled freely.
    """
    if is_torchscript(path):
        state = torch.jit.load(str(path), map_location="cpu").state_dict()
        return {name: tensor.float() for name, tensor in state.items() if name not in (*_OPENAIS_OWN, _COMPUTED)}
    with open_tensors(path) as (names, tensor):
        if not set(_OPENAIS_OWN) <= set(names):
            return None
        return {name: tensor(name).float() for name in names if name not in _OPENAIS_OWN}


@contextmanager
def open_tensors(path: Path) -> Iterator[tuple[list[str], Callable[[str], torch.Tensor]]]:
    """The names in a weights file, and a way to read one tensor of it; nothing in the file is executed."""
    if path.suffix == ".safetensors":
        with safe_open(path, "pt") as file:
            yield list(file.keys()), file.get_tensor
        return
    if path.suffix in (".npz", ".npy"):  # of another library, which open_clip translates
        yield [], lambda name: torch.empty(0)
        return
    state = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path) or None)
    state = state.get("state_dict", state) if isinstance(state, dict) else {}
    state = {str(name).removeprefix("module."): value for name, value in state.items()}
    yield [name for name, value in state.items() if isinstance(value, torch.Tensor | int)], state.__getitem__


def tag_config(name: str, path: Path) -> dict[str, Any] | None:
    """What open_clip knows of its own weights, where one's name is in a file's name or its folder in a cache.

    name: of a model, without `QUICK`. Returns the config of its tag; None where none is named.
    """
    places = [path.stem, *(part for part in path.parts[:-1] if part.startswith("models--"))]
    text = _plain(" ".join(places))
    known = [(model, tag) for model in (name, name + QUICK) for tag in open_clip.list_pretrained_tags_by_model(model)]
    named = [(model, tag) for model, tag in known if _plain(tag) in text]
    if not named:
        return None
    longest = max(named, key=lambda one: len(one[1]))[1]
    configs = [dict(open_clip.get_pretrained_cfg(model, tag) or {}) for model, tag in named if tag == longest]
    return {**configs[0], "quick_gelu": any(config.get("quick_gelu") for config in configs)}


def check_sound(model: nn.Module, label: str) -> None:
    """Raise SemantifyError naming the first tensor that is not finite, or that is a matrix of nothing but zeros."""
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point() or not tensor.numel():
            continue
        if not bool(torch.isfinite(tensor).all()):
            raise SemantifyError(f"CLIP {label!r}: its weights {name!r} are not all finite; get this model again")
        if tensor.ndim > 1 and not bool(tensor.any()):
            raise SemantifyError(f"CLIP {label!r}: its weights {name!r} are all zero; get this model again")


def check_useful(
    pictures: Callable[[list[Image.Image]], np.ndarray], texts: Callable[[list[str]], np.ndarray], label: str
) -> None:
    """Try a model out. Raises SemantifyError unless it tells two pictures apart, and two words, by finite embeddings.

    pictures, texts: to embeddings of unit length.
    """
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    shown = [Image.fromarray(np.zeros_like(noise)), Image.fromarray(noise)]
    for kind, found in (("picture", pictures(shown)), ("word", texts(["tall", "a dog"]))):
        length = np.linalg.norm(np.asarray(found, np.float32), axis=-1)
        if not np.isfinite(length).all() or (length < 0.5).any():
            raise SemantifyError(f"CLIP {label!r}: embeds a {kind} as nothing finite; get this model again")
        if np.array_equal(found[0], found[1]):
            raise SemantifyError(f"CLIP {label!r}: embeds every {kind} alike; get this model again")


def _wanted_by_name(name: str, path: Path) -> bool | None:
    """What the names of open_clip's own weights say, where one is in a file's name; None where none is."""
    config = tag_config(name, path)
    return None if config is None else bool(config.get("quick_gelu"))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _is_half(tensor: torch.Tensor) -> bool:
    """Whether every number of a tensor is one that half precision holds."""
    return tensor.dtype == torch.float16 or bool((tensor == tensor.half().to(tensor.dtype)).all())
