"""The presets that a page offers: shipped ones and the user's own, of the model's subject and layer."""

from collections.abc import Sequence
from typing import Any

from ..descriptors import knows_family, subject_of
from ..mapper import Mapper
from ..model.clothes import Clothes
from ..model.head_on_body import layer_of
from ..model.morphable_model import MorphableModel
from ..presets.preset import BODY, Preset, subject_named
from .colours import shown
from .words import short


def layer(model: MorphableModel) -> str:
    """The layer of presets that a model alone is: a head that stands alone is a face or an expression."""
    family = str(model.metadata.get("family", ""))
    return layer_of(model) if knows_family(family) and subject_of(family) == "face" else BODY


def subject(model: MorphableModel) -> str:
    """What a model shows, as presets name it."""
    return subject_named(str(model.metadata.get("family", "")), model.name)


def offered(
    presets: Sequence[Preset], mapper: Mapper, model: MorphableModel, colours: Sequence[str]
) -> list[dict[str, Any]]:
    """Those that move this model, its own mapper's first. colours: regions that a page shows."""
    mine, here = layer(model), subject(model)
    outfits = Clothes.of(model.metadata).names
    found = []
    for preset in sorted(presets, key=lambda preset: (preset.mapper != model.name, preset.name.casefold())):
        values = preset.values(mine, mapper.descriptors)
        if preset.subject == here and any(values):
            found.append(
                {
                    "name": preset.name,
                    "sliders": [short(min(mapper.reach, max(-mapper.reach, value))) for value in values],
                    "outfit": preset.outfit if preset.outfit in outfits else None,
                    "colours": shown(preset.colours, colours),
                }
            )
    return found
