"""A character's painted colours as pictures for other programs: on the surfaces that exporters take, unseen here."""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.materials import EXPORT, OF_EYES, REGION, lay_picture_on
from ...core.colour import Colour, srgb
from ...core.errors import SemantifyError
from ...core.model.drawn_colours import LAYERS, drawn_colours
from ...core.pictures.png import png_bytes
from . import colours, models

EYES = ("iris", "pupil")


def draw(mesh: bpy.types.Mesh) -> list[bpy.types.Image]:
    """Draw the colours as they are now, and lay them on. Returns the pictures, packed in the file.

    A change of colour takes them off again. Raises SemantifyError for a character on which nothing is painted.
    """
    model = models.require_model(mesh.semantify)
    if not model.paint or not _drawn(mesh):
        raise SemantifyError(f"nothing is painted on {mesh.name!r}: exporters see its materials as they are")
    colours.make_linked_own(mesh, {"skin"})
    now = {name: _now(mesh, name) for name in ("skin", "eyes", "flush", *LAYERS)}
    made = []
    for eyes in (False, True):
        theirs = [material for material in _drawn(mesh) if (material[REGION] in OF_EYES) == eyes]
        if not theirs:
            continue
        names = EYES if eyes else tuple(name for name in LAYERS if name not in EYES)
        found = {name: colour for name, colour in now.items() if colour is not None and name in (*names, "flush")}
        if eyes:
            found.pop("flush", None)
        base = now["eyes" if eyes else "skin"]
        picture = drawn_colours(model.paint, {**found, "": base or (0.5, 0.5, 0.5)}, names)
        made.append(_image(f"{mesh.name} {'eyes' if eyes else 'skin'}", picture))
        for material in theirs:
            lay_picture_on(material, made[-1])
    return made


def _drawn(mesh: bpy.types.Mesh) -> list[bpy.types.Material]:
    """The materials that have a surface for exporters."""
    found = [material for material in mesh.materials if material is not None and material.get(REGION)]
    return [material for material in found if material.node_tree is not None and EXPORT in material.node_tree.nodes]


def _now(mesh: bpy.types.Mesh, name: str) -> Colour | None:
    found = colours.linear_colour(mesh, name)
    if found is None:
        return None
    red, green, blue = srgb(np.array(found, np.float64)).tolist()
    return red, green, blue


def _image(name: str, picture: np.ndarray) -> bpy.types.Image:
    image = bpy.data.images.new(name, 1, 1)
    content = png_bytes(picture, smooth=True)
    image.pack(data=content, data_len=len(content))
    image.source = "FILE"
    return image
