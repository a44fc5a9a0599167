"""The look of a character as a preset, by word, and a preset on a character."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.colour import linear_rgba, srgb
from ...core.descriptors import knows_family, subject_of
from ...core.errors import SemantifyError
from ...core.model.head_on_body import layer_of
from ...core.presets.preset import BODY, LAYERS, Fit, Preset, subject_named
from .. import catalogue
from . import clothing, colours, embedding, layering, layers, models, shape

_SAME = 1e-4
"""Of a slider: presets keep five decimals."""


def subject(mesh: bpy.types.Mesh) -> str:
    """What a character shows, as presets name it."""
    return subject_named(_family(mesh), mesh.semantify.model_name)


def parts(mesh: bpy.types.Mesh) -> dict[str, bpy.types.PropertyGroup]:
    """Layer of presets -> the character's: a head that stands alone is a face or an expression, and no body."""
    found = layers.all_of(mesh.semantify)
    root = found.pop(layers.BODY)
    family = _family(mesh)
    head = knows_family(family) and subject_of(family) == "face"
    return {layer_of(models.require_model(root)) if head else BODY: root, **found}


def within_reach(mesh: bpy.types.Mesh) -> set[str]:
    """The layers that a character has, and those that it may be given."""
    return {*parts(mesh), *(layering.offered(mesh) if mesh.override_library is None else ())}


def taken(mesh: bpy.types.Mesh, name: str, which: tuple[str, ...] = LAYERS, with_colours: bool = True) -> Preset:
    """The look that a character has now. which: the layers that it speaks of. with_colours: and of what it wears.

    Raises SemantifyError when the character has none of these layers, or a mapper is missing.
    """
    chosen = {layer: group for layer, group in parts(mesh).items() if layer in which}
    if not chosen:
        raise SemantifyError(f"{mesh.name!r} has no {' or '.join(which)} of its own: add one first, or save all of it")
    sliders, fits = {}, {}
    for layer, group in chosen.items():
        words = embedding.require_mapper(group).descriptors
        sliders[layer] = dict(zip(words, shape.slider_values(group).tolist(), strict=True))
        added = shape.offset(group)
        if added is not None:
            fits[layer] = Fit(group.model_checksum, tuple(added.tolist()), group.fitted_to)
    return Preset(
        name=name,
        subject=subject(mesh),
        sliders=sliders,
        mapper=next(iter(chosen.values())).mapper_name,
        keep_natural=frozenset(layer for layer, group in chosen.items() if group.keep_natural),
        outfit=clothing.worn(mesh) if with_colours else "",
        colours=_colours(mesh) if with_colours else {},
        fits=fits,
    )


def has(mesh: bpy.types.Mesh, preset: Preset) -> bool:
    """Whether a character's sliders say what a preset says of the layers that it has."""
    here = parts(mesh)
    spoken = [layer for layer in preset.sliders if layer in here or _moves(preset, layer)]
    for layer in spoken:
        group = here.get(layer)
        if group is None:
            return False
        wanted = preset.values(layer, tuple(slider.name for slider in group.sliders))
        if np.abs(shape.slider_values(group) - wanted).max(initial=0.0) > _SAME:
            return False
    return bool(spoken)


def check(mesh: bpy.types.Mesh, preset: Preset) -> None:
    """Raise SemantifyError unless a character can take something of a preset."""
    here = subject(mesh)
    if preset.subject != here:
        raise SemantifyError(
            f"the preset {preset.name!r} is of {preset.subject!r}, and {mesh.name!r} is {here!r}: choose another one"
        )
    if not within_reach(mesh).intersection(preset.sliders):
        raise SemantifyError(
            f"the preset {preset.name!r} speaks of {', '.join(preset.sliders)} only, which {mesh.name!r} does not have"
        )


def put(mesh: bpy.types.Mesh, preset: Preset, with_colours: bool = True) -> list[str]:
    """Give a character a look. Locked sliders stay, and so do layers that the preset does not speak of.

    A face or an expression that moves something, and that the character lacks, is added where a mapper is offered.
    Returns what was left out, a phrase each. Raises SemantifyError, with nothing changed, as `check`, and where a
    mapper is missing.
    """
    check(mesh, preset)
    for group in parts(mesh).values():
        embedding.require_mapper(group)
    notes: list[str] = []
    for layer in preset.sliders:
        group = parts(mesh).get(layer) or _given(mesh, preset, layer)
        if group is not None:
            _put_layer(group, layer, preset, notes)
        elif _moves(preset, layer):
            notes.append(f"the {layer}, which this character does not have")
    if with_colours:
        _dress(mesh, preset, notes)
    return notes


def _given(mesh: bpy.types.Mesh, preset: Preset, layer: str) -> bpy.types.PropertyGroup | None:
    """A layer that the character gets now; None where it cannot have it, or would only rest."""
    names = layering.offered(mesh).get(layer, []) if mesh.override_library is None else []
    if not names or not _moves(preset, layer):
        return None
    return getattr(mesh.semantify, layering.add(mesh, catalogue.resolve(names[0])))


def _moves(preset: Preset, layer: str) -> bool:
    return any(preset.sliders[layer].values()) or layer in preset.fits


def _put_layer(group: bpy.types.PropertyGroup, layer: str, preset: Preset, notes: list[str]) -> None:
    words = embedding.require_mapper(group).descriptors
    fit = preset.fits.get(layer)
    shape.set_offset(group, None)
    if fit is not None and fit.model == group.model_checksum and len(fit.values) == group.component_count:
        shape.set_offset(group, np.array(fit.values, np.float32))
        group.fitted_to = fit.picture or preset.name
    elif fit is not None:
        notes.append(f"what a picture added to the {layer} of another model")
    natural = layer in preset.keep_natural
    if group.keep_natural != natural:
        group.keep_natural = natural
    values = np.array(preset.values(layer, words), np.float32)
    shape.set_values(group, np.where(shape.locks(group), shape.slider_values(group), values))
    unknown = preset.unknown(layer, words)
    if unknown:
        notes.append(f"{', '.join(unknown)} (no such slider)")


def _dress(mesh: bpy.types.Mesh, preset: Preset, notes: list[str]) -> None:
    """Clothes and colours, as far as this character can have them."""
    names = clothing.clothes_of(mesh).names
    if preset.outfit in names and preset.outfit != clothing.worn(mesh):
        try:
            clothing.change(mesh, preset.outfit)
        except SemantifyError as error:
            notes.append(f"the clothes ({error})")
    elif preset.outfit and preset.outfit not in names:
        notes.append(f"the clothes {preset.outfit!r}, which this model does not have")
    if mesh.library is not None or mesh.override_library is not None:
        return
    for name in colours.offered(mesh):
        colour, now = preset.colours.get(name), colours.linear_colour(mesh, name)
        if colour is None or now is None:
            continue
        if max(abs(a - b) for a, b in zip(now, linear_rgba(colour), strict=False)) >= colours.SAME:
            colours.set_colour(mesh, name, colour)


def _colours(mesh: bpy.types.Mesh) -> dict[str, tuple[float, float, float]]:
    """sRGB of each region that is seen."""
    found = {}
    for name in colours.offered(mesh):
        now = colours.linear_colour(mesh, name)
        if now is not None:
            red, green, blue = np.clip(srgb(np.array(now, np.float64)), 0.0, 1.0).tolist()
            found[name] = (red, green, blue)
    return found


def _family(mesh: bpy.types.Mesh) -> str:
    """Of the body's model; empty on a mesh that is shaped by keys of its own."""
    model = None if len(mesh.semantify.keys) else models.model_of(mesh.semantify)
    return "" if model is None else str(model.metadata.get("family", ""))
