"""The tokenizer of a model whose texts need a package of their own: SigLIP and others keep theirs beside their weights.

It comes from the folder of a weights file, from this machine's cache, or from the network if that answers.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import open_clip
from open_clip.tokenizer import HFTokenizer

from ...core.errors import SemantifyError
from .clip_network import offline, why_unreachable

FILES = ("tokenizer.json", "tokenizer_config.json")
"""What lies beside a weights file when its tokenizer does; the first one is enough."""
_LENGTH = 77


def tokenizer_of(name: str, weights: Path | None = None) -> Any:
    """The tokenizer of one of open_clip's models. weights: a local file, in whose folder it may lie.

    Raises SemantifyError naming the package that is missing, or the files to get.
    """
    text = (open_clip.get_model_config(name) or {}).get("text_cfg", {})
    check_packages(name, text)
    source = text.get("hf_tokenizer_name")
    if not source:
        return open_clip.get_tokenizer(name)
    if weights is not None and (weights.parent / FILES[0]).is_file():
        with offline():
            return _read(str(weights.parent), text)
    reason = _unless_cached(source, text)
    if not isinstance(reason, str):
        return reason
    where = f"beside {weights.name}" if weights is not None else "beside its weights file"
    raise SemantifyError(
        f"the tokenizer of CLIP model {name!r} cannot be had here ({reason}): get {' and '.join(FILES)} of {source} on "
        f"a machine with network and put them {where}"
    )


def check_packages(name: str, text: dict[str, Any]) -> None:
    """Before anything is fetched. Raises SemantifyError when the model's texts need a package that is not here."""
    if ("hf_tokenizer_name" in text or "hf_model_name" in text) and importlib.util.find_spec("transformers") is None:
        raise needs_package(name, ModuleNotFoundError(name="transformers"))


def needs_package(name: str, error: ImportError) -> SemantifyError:
    """The sentence for a package that a model needs, with the extra that has it."""
    missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else str(error).split("\n")[0][:160]
    return SemantifyError(
        f"CLIP model {name!r} needs another Python package ({missing}): "
        f"{sys.executable} -m pip install transformers sentencepiece, which is the extra semantify_blender[siglip]"
    )


def _unless_cached(source: str, text: dict[str, Any]) -> Any:
    """The tokenizer from this machine's cache, else from the network; a few words why not when neither has it."""
    try:
        with offline():
            return _read(source, text)
    except (OSError, ValueError):
        pass
    reason = why_unreachable({"hf_hub": source})
    if reason is not None:
        return reason
    try:
        return _read(source, text)
    except (OSError, ValueError) as error:
        return str(error).strip().split("\n")[0][:160] or type(error).__name__


def _read(source: str, text: dict[str, Any]) -> HFTokenizer:
    """open_clip's wrapper with the model's own settings; code that a folder may bring is not run."""
    return HFTokenizer(
        source,
        context_length=text.get("context_length", _LENGTH),
        tokenizer_mode=text.get("tokenizer_mode"),
        trust_remote_code=False,
        **text.get("tokenizer_kwargs", {}),
    )
