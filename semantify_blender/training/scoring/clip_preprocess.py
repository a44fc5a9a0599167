"""How the pictures of a CLIP are prepared where its weights come from a file, which does not say it.

open_clip then takes OpenAI's numbers; SigLIP, CLIPA, MobileCLIP and PE were trained with others, which its tags know.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import open_clip

from .clip_weights import QUICK, tag_config

_FIELDS = ("mean", "std", "interpolation", "resize_mode")


@dataclass(frozen=True)
class Preparation:
    """options: of `open_clip.create_model_and_transforms`. remark: what the user should know of it, or None."""

    options: dict[str, Any]
    remark: str | None = None


def preparation_of(name: str, path: Path) -> Preparation:
    """How pictures were prepared for the weights in a file, for a model that open_clip knows by `name`.

    What the file's name says comes first, then what the model's own tags have in common.
    """
    plain = name.removesuffix(QUICK)
    named = tag_config(plain, path)
    if named is not None:
        return Preparation(_options(named))
    tags = open_clip.list_pretrained_tags_by_model(name)
    configs = {tag: open_clip.get_pretrained_cfg(name, tag) or {} for tag in tags}
    if not configs:
        return Preparation({})
    ways = Counter(_way(config) for config in configs.values())
    usual, _ = ways.most_common(1)[0]
    options = next(_options(config) for config in configs.values() if _way(config) == usual)
    others = [tag for tag, config in configs.items() if _way(config) != usual]
    if not others:
        return Preparation(options)
    return Preparation(
        options,
        f"{path.name}: pictures are prepared as for most weights of {name}; if these are {' or '.join(others)}, put "
        "that into the file's name",
    )


def _way(config: dict[str, Any]) -> str:
    return repr([config.get(field) for field in _FIELDS])


def _options(config: dict[str, Any]) -> dict[str, Any]:
    return {f"image_{field}": config[field] for field in _FIELDS if config.get(field)}
