"""Setting a character's sliders by a line of English: what `core.describe` makes of it, on all of its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...blender.shape_keys.names import listed
from ...core.describe.by_clip import Known, describe_by_clip, known_to, words_of
from ...core.describe.describing import Description, describe_layers, summary_of
from ...core.errors import SemantifyError
from ...core.mapper import Mapper
from ..state import Meant, memory
from . import embedding, layers, shape

if TYPE_CHECKING:
    from ...processes.clip_worker import Worker

MOST_KEPT = 8
"""Sets of words whose embeddings are remembered."""


def describe(
    mesh: bpy.types.Mesh, text: str, meant: Meant, clip: Worker | None = None, last: Meant | None = None
) -> None:
    """Move the sliders that a text speaks of, but for locked ones, and remember for the panel what was understood.

    meant: is told what was moved, and what unknown words may mean. clip: a full one that says what the text is like, in
    place of the lexicon. last: a description that this one stands in for, which is taken back where its sliders are
    still as it left them.
    Raises SemantifyError, with nothing changed, where nothing was understood.
    """
    if not text.strip():
        raise SemantifyError('there is no text: write what the character is like, as "tall, not fat"')
    uid, found = mesh.session_uid, layers.all_of(mesh.semantify)
    mappers = {name: embedding.require_mapper(layer) for name, layer in found.items()}
    present = _values(found)
    now = last.before[uid] if last is not None and last.after.get(uid) == present else present
    if clip is None:
        said = describe_layers(mappers, text, now)
    else:
        said = describe_by_clip(mappers, text, clip, _known(mappers, clip))
    one = next(iter(said.values()))
    meant.words.update(one.suggested)
    locked = _locked(found, said, clip)
    for name, layer in found.items():
        changed = np.array(now[name], np.float32)
        for i, value in said[name].sliders.items():
            changed[i] = value
        for i, slider in enumerate(layer.sliders):
            if slider.lock:  # perhaps since the description that is taken back
                changed[i] = present[name][i]
        if (changed != shape.slider_values(layer)).any():
            shape.set_values(layer, changed)
    meant.before[uid], meant.after[uid] = now, _values(found)
    unknown = [word for word in one.unknown if word not in one.suggested]
    notes = [f"not known: {', '.join(unknown)}"] if unknown else []
    notes += [f"no slider shows: {', '.join(one.without)}"] if one.without else []
    notes += [f"locked: {', '.join(locked)}"] if locked else []
    notes += [f"by CLIP, which finds {one.share:.0%} of the text in these words"] if one.share is not None else []
    memory.described[uid] = summary_of(said.values()), " · ".join(notes)


def _values(found: dict[str, bpy.types.PropertyGroup]) -> dict[str, list[float]]:
    return {name: shape.slider_values(layer).tolist() for name, layer in found.items()}


def _known(mappers: dict[str, Mapper], clip: Worker) -> Known:
    """The words of these mappers with their embeddings: made once for each CLIP."""
    clip.start()
    words = words_of(mappers)
    key = (clip.checksum, words)
    if key not in memory.known_texts:
        while len(memory.known_texts) >= MOST_KEPT:
            del memory.known_texts[next(iter(memory.known_texts))]
        memory.known_texts[key] = known_to(clip, words)
    return memory.known_texts[key]


def _locked(found: dict[str, bpy.types.PropertyGroup], said: dict[str, Description], clip: Worker | None) -> list[str]:
    """Words of the locked sliders that were spoken of. Raises SemantifyError where there is nothing else."""
    one = next(iter(said.values()))
    asked = [layer.sliders[i] for name, layer in found.items() for i in said[name].sliders]
    locked = [slider.name for slider in asked if slider.lock]
    if asked and len(locked) == len(asked):
        raise SemantifyError(f"{listed(locked)}: locked, and the text speaks of nothing else; unlock it first")
    if asked or any(description.found for description in said.values()):
        return locked
    if clip is not None:
        raise SemantifyError("the CLIP finds none of the words that sliders show in this text: say it with others")
    if one.without:
        also = f"; not known: {listed(list(one.unknown))}" if one.unknown else ""
        raise SemantifyError(f"no slider of this character shows {listed(list(one.without))}{also}")
    if one.unknown:
        raise SemantifyError(
            f"no word is known of {listed(list(one.unknown))}: say it with others, as those of the sliders"
        )
    raise SemantifyError('the text says nothing about a shape: write what the character is like, as "tall, not fat"')
