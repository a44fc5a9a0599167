"""A mapper's sliders trained again with other seeds, so that what is said of them is not said of one training."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ...core.clip_names import SMALL, SMALL_NAMES
from ...core.errors import SemantifyError
from ...core.mapper import Mapper
from .. import steps
from ..mapper.recipe import Recipe
from ..scoring.clip import load_clip
from ..scoring.scores import BARE_WORD
from .workplace import Workplace


def retrained(place: Workplace, mapper: Mapper, dataset: Path, seeds: Sequence[int]) -> list[Mapper]:
    """The same words by the same recipe with each seed; trained once, then read.

    dataset: rendered shapes of the mapper's model. place: keeps what is trained, and says which CLIP scores; "small" is
    the small one that the mapper names. Raises SemantifyError when dataset, CLIP and mapper do not belong together.
    """
    source = steps.open_source(dataset, _model_path(place, mapper))
    mapper.check_model(source.model)
    asked, stated = place.sources, str(mapper.provenance.get("clip", ""))
    own = asked.clip == SMALL and stated in SMALL_NAMES.values()
    clip = load_clip(stated if own else asked.clip, asked.device, batch=asked.batch)
    if mapper.provenance.get("clip_checksum", clip.checksum) != clip.checksum:
        raise SemantifyError(
            f"the mapper was trained with CLIP {stated!r} but --clip gives {clip.name!r}; give the same one"
        )
    if clip.remark:
        place.teller.note(clip.remark)
    samples = place.scored(source, clip, mapper.descriptors, tuple(mapper.provenance.get("templates", (BARE_WORD,))))
    recipe = recipe_in(mapper)
    found = []
    for seed in seeds:
        place.teller.step(f"Training {', '.join(mapper.descriptors)} with seed {seed}")
        found.append(place.train(samples, mapper.descriptors, replace(recipe, seed=seed)))
    return found


def recipe_in(mapper: Mapper) -> Recipe:
    """The recipe that a mapper states; what this version does not know of it is left out.

    Raises SemantifyError for one that no training can use.
    """
    stated: dict[str, Any] = mapper.provenance.get("recipe", {})
    values = {field.name: _frozen(stated[field.name]) for field in fields(Recipe) if field.name in stated}
    try:
        return Recipe(**values)
    except (TypeError, ValueError) as error:
        raise SemantifyError(f"the mapper states no recipe to train by ({error}): train it again") from error


def _frozen(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _model_path(place: Workplace, mapper: Mapper) -> str | Path:
    return place.sources.models.get(mapper.model_checksum, mapper.model_name)
