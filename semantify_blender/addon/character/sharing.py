"""A character as a page: its mappers and models, with what it looks like now as what the page opens with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy

from ...core.page.page import Page, write_page
from ...core.page.tab import Opening, Subject
from ...core.presets.preset import Preset
from . import embedding, layers, looks, models, shape


def share(mesh: bpy.types.Mesh, out: Path, title: str, with_geometry: bool, presets: Sequence[Preset]) -> Page:
    """Write a page with a tab for each layer of a character: body, face and expression. presets: that it offers.

    Raises SemantifyError where a mapper or model of the character is missing; OutputError.
    """
    found = [_subject(mesh, group, not name) for name, group in layers.all_of(mesh.semantify).items()]
    return write_page(found, out, title, with_geometry, presets)


def _subject(mesh: bpy.types.Mesh, group: bpy.types.PropertyGroup, first: bool) -> Subject:
    """One layer. first: that of the character itself, which wears its clothes and colours."""
    mapper = embedding.require_mapper(group)
    worn = looks.taken(mesh, group.mapper_name)
    added = shape.offset(group)
    opening = Opening(
        sliders=dict(zip(mapper.descriptors, shape.slider_values(group).tolist(), strict=True)),
        outfit=worn.outfit if first else "",
        colours=worn.colours,
        offset=() if added is None else tuple(added.tolist()),
        follow=group.keep_natural,
    )
    # a mesh of one's own keys is no file of a model: it stays where it is
    model = None if len(mesh.semantify.keys) else models.require_model(group)
    return Subject(group.mapper_name, mapper, model, opening)
