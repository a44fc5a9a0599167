"""The sliders of a character's layers: its body, and below it the face and the expression that it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...core.layer_names import EXPRESSION, FACE
from .. import catalogue
from ..character import layers
from ..selection import active_character, is_character
from .layouts import sentence

if TYPE_CHECKING:
    from bpy.types import Menu as Mixed
else:
    Mixed = object

ICONS = {layers.BODY: "OUTLINER_OB_ARMATURE", FACE: "USER", EXPRESSION: "MONKEY"}


def draw_layers(context: bpy.types.Context, layout: bpy.types.UILayout, obj: bpy.types.Object, usable: bool) -> None:
    """All layers of a character: folding panels where it has more than a body; then what it may be given.

    usable: whether its sliders rule its shape now.
    """
    found = layers.all_of(obj.data.semantify)
    for name, layer in found.items():
        inside = layout if len(found) == 1 else _header(layout, name, usable)
        if inside is not None:
            _draw_layer(context, inside, layer, usable)
    if obj.data.library is None and obj.data.override_library is None:
        _draw_offers(layout, obj, found, usable)


def identifier(name: str) -> str:
    """Of a layer, as operators take it."""
    return layers.title_of(name).upper()


def _header(layout: bpy.types.UILayout, name: str, usable: bool) -> bpy.types.UILayout | None:
    """A layer's folding panel; Blender keeps whether it is folded. Returns where its sliders go; None: folded."""
    header, inside = layout.panel(f"SEMANTIFY_{identifier(name)}")
    header.label(text=layers.title_of(name), icon=ICONS[name])
    if name:
        right = header.row()
        right.enabled = usable
        right.operator("semantify.remove_layer", text="", icon="X", emboss=False).layer = identifier(name)
    return inside


def _draw_layer(
    context: bpy.types.Context, layout: bpy.types.UILayout, layer: bpy.types.PropertyGroup, usable: bool
) -> None:
    """Sliders and what is done with all of them; or what is missing, and the button that puts it right."""
    if _draw_missing(context, layout, layer):
        return
    column = layout.column()
    column.enabled = usable
    if layer.fitted_to:  # on an override a fit of the library stays as zeros when it is dropped
        _draw_fit(column, layer)
    _draw_sliders(column, layer)
    which = identifier(layers.name_of(layer))
    row = column.row(align=True)
    row.operator("semantify.reset_all", icon="LOOP_BACK").layer = which
    row.operator("semantify.randomize", icon="FILE_REFRESH").layer = which
    row = column.row(align=True)
    row.prop(layer, "strength", slider=True)
    row.prop(layer, "seed")
    row = column.row()
    row.prop(layer, "keep_natural")
    if not layers.name_of(layer):
        row.operator("semantify.variants", icon="IMGDISPLAY")


def _draw_missing(context: bpy.types.Context, layout: bpy.types.UILayout, layer: bpy.types.PropertyGroup) -> bool:
    """Whether a layer's mapper or model is missing, which is said with the way out."""
    from ..character import embedding, head_rows, models

    name = layers.name_of(layer)
    problem, missing = embedding.problem(layer), models.problem(layer)
    if problem:
        sentence(layout, context, problem, icon="ERROR")
        layout.operator("semantify.change_mapper", icon="FILEBROWSER").layer = identifier(name)
    if missing:
        sentence(layout, context, missing, icon="ERROR")
        layout.operator("semantify.locate_model", icon="FILEBROWSER")
    elif name and models.problem(layer.id_data.semantify) is None:
        unfit = head_rows.problem(layer)
        if unfit:
            sentence(layout, context, unfit, icon="ERROR")
        missing = missing or unfit
    return bool(problem or missing)


def _draw_fit(layout: bpy.types.UILayout, layer: bpy.types.PropertyGroup) -> None:
    """What the picture added to the sliders' shape: how much of it, and the way to drop it."""
    layout.label(text=f"Fitted to {layer.fitted_to}", icon="IMAGE_DATA")
    row = layout.row(align=True)
    row.prop(layer, "offset_amount", text="Amount of Fit", slider=True)
    row.operator("semantify.clear_fit", text="", icon="X").layer = identifier(layers.name_of(layer))


def _draw_sliders(layout: bpy.types.UILayout, layer: bpy.types.PropertyGroup) -> None:
    which = identifier(layers.name_of(layer))
    column = layout.column(align=True)
    for i, slider in enumerate(layer.sliders):
        row = column.row(align=True)
        value = row.row(align=True)
        value.active = not slider.lock
        value.prop(slider, "value", text=slider.name[:1].upper() + slider.name[1:], slider=True)
        shown = row.operator("semantify.show_word", text="", icon="HIDE_OFF")
        shown.index, shown.layer = i, which
        reset = row.operator("semantify.reset_slider", text="", icon="LOOP_BACK")
        reset.index, reset.layer = i, which
        row.prop(slider, "lock", text="", icon="LOCKED" if slider.lock else "UNLOCKED")


def _draw_offers(
    layout: bpy.types.UILayout, obj: bpy.types.Object, found: dict[str, bpy.types.PropertyGroup], usable: bool
) -> None:
    """One row: Add Face, Add Expression, as far as there are mappers for this body and it has none yet."""
    offers = {name: names for name, names in offered_to(obj).items() if name not in found}
    if not offers:
        return
    row = layout.row(align=True)
    row.enabled = usable
    for name, names in sorted(offers.items(), reverse=True):
        text = f"Add {layers.title_of(name)}"
        if len(names) == 1:
            row.operator("semantify.add_layer", text=text, icon=ICONS[name]).mapper = names[0]
        else:
            row.menu(f"SEMANTIFY_MT_{name}", text=text, icon=ICONS[name])


def offered_to(obj: bpy.types.Object) -> dict[str, list[str]]:
    """Layer -> names of the mappers that a character may be given it from."""
    from ..character import layering

    return layering.offered(obj.data)


class LayerMenu(Mixed):
    """Mappers that a layer may be added from."""

    layer = ""

    def draw(self, context: bpy.types.Context) -> None:
        obj = active_character(context)
        for name in offered_to(obj).get(self.layer, ()) if is_character(obj) else ():
            self.layout.operator("semantify.add_layer", text=catalogue.title(name)).mapper = name


class SEMANTIFY_MT_face(LayerMenu, bpy.types.Menu):
    """Mappers of faces for the active character."""

    bl_label = "Add Face"
    layer = FACE


class SEMANTIFY_MT_expression(LayerMenu, bpy.types.Menu):
    """Mappers of expressions for the active character."""

    bl_label = "Add Expression"
    layer = EXPRESSION


class SEMANTIFY_MT_layers(bpy.types.Menu):
    """What the active character may be given beside its body, and what it has."""

    bl_label = "Face and Expression"

    def draw(self, context: bpy.types.Context) -> None:
        obj = active_character(context)
        if not is_character(obj):
            return
        found = layers.all_of(obj.data.semantify)
        for name in layers.HEADS:
            title = layers.title_of(name)
            if name in found:
                text = f"Remove {title}"
                self.layout.operator("semantify.remove_layer", text=text).layer = identifier(name)
                continue
            for mapper in offered_to(obj).get(name, ()):
                text = f"Add {title}: {catalogue.title(mapper)}"
                self.layout.operator("semantify.add_layer", text=text).mapper = mapper
