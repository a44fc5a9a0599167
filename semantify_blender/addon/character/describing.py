"""Setting a character's sliders by a line of English: what `core.describe` makes of it, on all of its layers."""

from __future__ import annotations

import bpy

from ...blender.shape_keys.names import listed
from ...core.describe.describing import Description, describe_layers, summary_of
from ...core.errors import SemantifyError
from ..state import memory
from . import embedding, layers, shape


def describe(mesh: bpy.types.Mesh, text: str) -> None:
    """Move the sliders that a text speaks of, but for locked ones, and remember for the panel what was understood.

    Raises SemantifyError, with nothing changed, where nothing was.
    """
    if not text.strip():
        raise SemantifyError('there is no text: write what the character is like, as "tall, not fat"')
    found = layers.all_of(mesh.semantify)
    mappers = {name: embedding.require_mapper(layer) for name, layer in found.items()}
    said = describe_layers(mappers, text, {name: list(shape.slider_values(layer)) for name, layer in found.items()})
    locked = _locked(found, said)
    for name, layer in found.items():
        values = shape.slider_values(layer)
        changed = values.copy()
        for i, value in said[name].sliders.items():
            changed[i] = values[i] if layer.sliders[i].lock else value
        if (changed != values).any():
            shape.set_values(layer, changed)
    one = next(iter(said.values()))
    notes = [f"not known: {', '.join(one.unknown)}"] if one.unknown else []
    notes += [f"no slider shows: {', '.join(one.without)}"] if one.without else []
    notes += [f"locked: {', '.join(locked)}"] if locked else []
    memory.described[mesh.session_uid] = summary_of(said.values()), " · ".join(notes)


def _locked(found: dict[str, bpy.types.PropertyGroup], said: dict[str, Description]) -> list[str]:
    """Words of the locked sliders that were spoken of. Raises SemantifyError where there is nothing else."""
    one = next(iter(said.values()))
    asked = [layer.sliders[i] for name, layer in found.items() for i in said[name].sliders]
    locked = [slider.name for slider in asked if slider.lock]
    if asked and len(locked) == len(asked):
        raise SemantifyError(f"{listed(locked)}: locked, and the text speaks of nothing else; unlock it first")
    if asked or any(description.found for description in said.values()):
        return locked
    if one.without:
        also = f"; not known: {listed(list(one.unknown))}" if one.unknown else ""
        raise SemantifyError(f"no slider of this character shows {listed(list(one.without))}{also}")
    if one.unknown:
        raise SemantifyError(
            f"no word is known of {listed(list(one.unknown))}: say it with others, as those of the sliders"
        )
    raise SemantifyError('the text says nothing about a shape: write what the character is like, as "tall, not fat"')
