"""The panel Details: the numbers behind the sliders."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import bpy

from ..selection import active_character
from .layers import ICONS, identifier
from .layouts import CharacterSubPanel, line_length, table

if TYPE_CHECKING:
    from ...core.mapper import Mapper


class SEMANTIFY_PT_details(CharacterSubPanel, bpy.types.Panel):
    """Scores, coefficients, and where the mapper comes from."""

    bl_label = "Details"

    def draw(self, context: bpy.types.Context) -> None:
        from ..character import layers

        mesh = active_character(context).data
        found = layers.all_of(mesh.semantify)
        for name, layer in found.items():
            inside = self.layout
            if len(found) > 1:
                header, inside = self.layout.panel(f"SEMANTIFY_{identifier(name)}_details", default_closed=bool(name))
                header.label(text=layers.title_of(name), icon=ICONS[name])
            if inside is not None:
                _draw_layer(context, inside, layer)
        if not len(mesh.semantify.keys):  # those have Detach
            self.layout.operator("semantify.remove", icon="UNLINKED")


def _draw_layer(context: bpy.types.Context, layout: bpy.types.UILayout, layer: bpy.types.PropertyGroup) -> None:
    from ..character import embedding, key_values, layers, shape

    mesh, mapper = layer.id_data, embedding.require_mapper(layer)
    layout.label(text="CLIP scores (low, now, high)")
    scores = shape.scores(mapper, layer)
    rows = [
        (word, f"{low:.1f}", f"{now:.1f}", f"{high:.1f}")
        for word, low, now, high in zip(mapper.descriptors, mapper.low, scores, mapper.high, strict=True)
    ]
    table(layout, rows, 0.46)
    if len(mesh.semantify.keys):
        layout.label(text="Shape keys")
        texts = [f"{key.value:.2f}" if key else "gone" for key in key_values.keys_of(mesh)]
        table(layout, list(zip(key_values.names(mesh.semantify), texts, strict=True)), 0.75)
    else:
        layout.label(text="Coefficients (standard deviations)")
        asked = shape.coefficients(mapper, layer).tolist()
        values = [f"{i + 1}:  {value:+.2f}" for i, value in enumerate(asked)]
        table(layout, [tuple(values[i : i + 3]) for i in range(0, len(values), 3)], 1 / 3)
    layout.label(text=f"Mapper: {layer.mapper_name}")
    wide = line_length(context) * 5 // 8
    facts = [(i == 0 and name, line) for name, text in about(mapper) for i, line in enumerate(wrap(text, wide))]
    table(layout, [(name or "", line) for name, line in facts], 0.4)
    change = layout.operator("semantify.change_mapper", icon="FILEBROWSER")
    change.layer = identifier(layers.name_of(layer))


def about(mapper: Mapper) -> list[tuple[str, str]]:
    """Where a mapper comes from and how good it was measured to be, in cells that a narrow sidebar shows whole."""
    facts, figures = mapper.provenance, mapper.figures
    rows = [("Model", mapper.model_name), ("CLIP", facts.get("clip")), ("Trained", facts.get("date"))]
    rows.append(("Samples", facts.get("samples")))
    rows += [("Coverage", _figure(figures.get("coverage"), ".2f")), ("Overlap", _figure(figures.get("overlap"), ".2f"))]
    fit = figures.get("fit")
    if isinstance(fit, dict):
        rows.append(("Mean error", _figure(fit.get("vertex_mm"), ".1f", " mm")))
    return [(name, str(value)) for name, value in rows if value is not None and not isinstance(value, dict | list)]


def _figure(value: object, form: str, unit: str = "") -> str | None:
    return f"{value:{form}}{unit}" if isinstance(value, float | int) else None
