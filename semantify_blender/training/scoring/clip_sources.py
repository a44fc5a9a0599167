"""The forms in which a CLIP comes: a folder, one of open_clip's tags, or a local weights file of an open_clip model."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import open_clip
from torch import nn

from ...core.clip_names import SMALL_NAMES
from ...core.errors import SemantifyError
from .clip_architecture import check_architecture, shapes_of
from .clip_folder import check_folder, check_weights_suffice
from .clip_network import is_cached, offline, why_unreachable
from .clip_preprocess import preparation_of
from .clip_tokenizer import check_packages, needs_package, tokenizer_of
from .clip_weights import QUICK, activation_of, published_state
from .scorer import installed_scorers


@dataclass(frozen=True, eq=False)
class Loaded:
    """What a --clip gives. name: without a file's folder. local: not from one of open_clip's tags."""

    name: str
    model: nn.Module
    preprocess: Any
    tokenizer: Any
    remark: str | None = None
    local: bool = True


def load_folder(folder: Path) -> Loaded:
    """open_clip's `local-dir:` format; our own tower is registered with timm first. The network is never asked."""
    config = check_folder(folder)
    if "timm_model_name" in config["model_cfg"]["vision_cfg"]:
        from . import small_clip  # noqa: F401 - importing registers its tower with timm
    try:
        with offline(), _silent():
            check_weights_suffice(folder)
            tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
            model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}", require_pretrained=True)
        return Loaded(f"local-dir:{folder.name}", model, preprocess, tokenizer)
    except SemantifyError:
        raise
    except ImportError as error:
        raise needs_package(f"local-dir:{folder}", error) from error
    except Exception as error:
        raise SemantifyError(f"{folder}: open_clip cannot load this model ({first_line(error)})") from error


def _known_name(name: str) -> str | None:
    """open_clip's own spelling of a model's name, also for OpenAI's (ViT-B/32, ViT-L/14@336px); None when unknown."""
    known = {model.lower(): model for model in open_clip.list_models()}
    return known.get(re.sub(r"(?<=\d)px\b", "", re.sub(r"[/@]", "-", name.lower())))


def load_named(spec: str) -> Loaded:
    """NAME:TAG or NAME:FILE of open_clip."""
    given, _, weights = spec.partition(":")
    name = _known_name(given)
    if name is None:
        near = [known for known in open_clip.list_models() if known.lower().startswith(given.lower()[:5])]
        own = ", ".join((*SMALL_NAMES.values(), *installed_scorers()))
        folder = f"; for a folder give local-dir:{spec}" if Path(spec).is_dir() else ""
        raise SemantifyError(
            f"unknown CLIP model {given!r}: give {own}, or one of open_clip's names"
            f"{', for example ' + ', '.join(near[:8]) if near else ' such as ViT-B-32'}, followed by :TAG or :FILE"
            f"{folder}"
        )
    check_packages(name, (open_clip.get_model_config(name) or {}).get("text_cfg", {}))
    tags = open_clip.list_pretrained_tags_by_model(name)
    if weights in tags:
        return _load_tag(name, weights)
    path = Path(weights).expanduser()
    if not weights or not path.is_file():
        raise SemantifyError(
            f"CLIP model {name!r} has no weights {weights!r}: give a local weights file or one of these tags after "
            f"the colon: {', '.join(tags)}"
        )
    try:
        return _load_file(name, path)
    except SemantifyError:
        raise
    except ImportError as error:
        raise needs_package(name, error) from error
    except Exception as error:
        raise SemantifyError(f"{path}: is not a weights file of CLIP model {name!r} ({first_line(error)})") from error


def _load_file(name: str, path: Path) -> Loaded:
    """Weights from a local file, with the activation and the preparation of pictures that they were trained with."""
    with _silent():
        state = published_state(path)
        shapes = shapes_of(path) if state is None else {one: tuple(tensor.shape) for one, tensor in state.items()}
        stretched = check_architecture(name, shapes, str(path))
        tokenizer, prepared = tokenizer_of(name, path), preparation_of(name, path)
        if state is not None:
            # open_clip's own reader of this form would fall back to a plain pickle
            quick, remark = True, None
            model, _, preprocess = open_clip.create_model_and_transforms(
                name, force_quick_gelu=True, **prepared.options
            )
            model.load_state_dict(state, strict=True)
        else:
            found = activation_of(name, path)
            quick, remark = found.quick, found.remark
            model, _, preprocess = open_clip.create_model_and_transforms(
                name, pretrained=str(path), force_quick_gelu=quick, require_pretrained=True, **prepared.options
            )
    if quick and not name.endswith(QUICK) and name + QUICK in open_clip.list_models():
        name += QUICK
    remarks = [one for one in (stretched, remark, prepared.remark) if one]
    return Loaded(f"{name}:{path.stem}", model, preprocess, tokenizer, "; ".join(remarks) or None)


def _load_tag(name: str, tag: str) -> Loaded:
    """Weights of one of open_clip's tags: those on this machine, else from the network, if it answers."""
    spec, config = f"{name}:{tag}", open_clip.get_pretrained_cfg(name, tag)
    # open_clip only warns when the weights want QuickGELU and the named architecture does not use it
    quick = {"force_quick_gelu": True} if config.get("quick_gelu") else {}
    try:
        ready = is_cached(config)
        reason = None if ready else why_unreachable(config)
        if reason is None:
            with _silent():
                tokenizer = tokenizer_of(name)
            with offline() if ready else nullcontext(), _silent():
                model, _, preprocess = open_clip.create_model_and_transforms(name, pretrained=tag, **quick)
            return Loaded(spec, model, preprocess, tokenizer, local=False)
    except SemantifyError:
        raise
    except ImportError as error:
        raise needs_package(name, error) from error
    except Exception as error:
        reason = first_line(error)
    raise SemantifyError(
        f"the weights of CLIP {spec!r} cannot be had here ({reason}): get {_weights_file(config)} on a machine with "
        f"network and give it, --clip {name}:FILE, or copy that machine's cache (~/.cache/huggingface)"
    )


def _weights_file(config: dict[str, Any]) -> str:
    """Which file open_clip would fetch, and of which repository."""
    hub = str(config.get("hf_hub") or "").rstrip("/")
    if hub:
        return f"the file open_clip_model.safetensors of {hub}"
    return f"the file {Path(str(config.get('url') or 'of its weights')).name}"


@contextmanager
def _silent() -> Iterator[None]:
    """Within it libraries log nothing: a failure is told once, in a sentence."""
    before = logging.root.manager.disable
    try:
        logging.disable(logging.CRITICAL)
        yield
    finally:
        logging.disable(before)


def first_line(error: Exception) -> str:
    """The first line of an error that says something, at most 160 characters."""
    text = str(error).strip() or type(error).__name__
    return " ".join(islice((line.strip() for line in text.splitlines() if line.strip()), 1))[:160]
