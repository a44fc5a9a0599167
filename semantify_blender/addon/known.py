"""What a user may say of a picture's subject: properties of panel and operators, and what a character remembers."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty

if TYPE_CHECKING:
    from ..core.fitting.known import Known

SEEN = "SEEN"
MEASURED = ("weight", "chest", "waist", "hips")
NAMES = ("sex", *(name for size in ("height", *MEASURED) for name in (f"{size}_known", size)))
"""Properties of `KnownProperties`."""


def _girth(name: str, default: float) -> FloatProperty:
    return FloatProperty(
        name=name.title(),
        description=f"Girth of the {name}, measured with a tape",
        min=0.01,
        soft_min=0.4,
        soft_max=2.0,
        default=default,
        unit="LENGTH",
        options={"SKIP_SAVE"},
    )


def _switch(name: str) -> BoolProperty:
    return BoolProperty(
        name=f"{name.title()} Known",
        description=f"The fitted shape gets exactly this {name}",
        options={"SKIP_SAVE"},
    )


class KnownProperties:
    """Mixin. Lengths in the scene's units, weight in kg; each counts where its switch is on."""

    sex: EnumProperty(
        name="Sex",
        description="Of the person in the picture; chooses the body of a new character, and holds a neutral one to it",
        items=(
            (SEEN, "As Seen", "The picture tells"),
            ("FEMALE", "Female", "A woman's body"),
            ("MALE", "Male", "A man's body"),
        ),
        options={"SKIP_SAVE"},
    )
    height_known: _switch("height")
    height: FloatProperty(
        name="Height",
        description="Height of the person or animal in the picture",
        min=0.01,
        soft_min=0.5,
        soft_max=2.5,
        default=1.7,
        unit="LENGTH",
        options={"SKIP_SAVE"},
    )
    weight_known: _switch("weight")
    weight: FloatProperty(
        name="Weight",
        description="Weight of the person in kilograms",
        min=1.0,
        soft_min=30.0,
        soft_max=200.0,
        default=70.0,
        precision=1,
        step=100,
        options={"SKIP_SAVE"},
    )
    chest_known: _switch("chest")
    chest: _girth("chest", 0.95)
    waist_known: _switch("waist")
    waist: _girth("waist", 0.8)
    hips_known: _switch("hips")
    hips: _girth("hips", 1.0)


def known_of(data: bpy.types.bpy_struct, context: bpy.types.Context) -> "Known":
    """What `KnownProperties` say, in metres and kg."""
    from ..core.fitting.known import Known

    scale = context.scene.unit_settings.scale_length
    values = {name: getattr(data, name) * scale for name in ("height", "chest", "waist", "hips")}
    values["weight"] = data.weight
    sizes = {name: value for name, value in values.items() if getattr(data, f"{name}_known")}
    return Known(sex=None if data.sex == SEEN else data.sex.lower(), **sizes)


def remember(state: bpy.types.PropertyGroup, known: "Known") -> None:
    """Keep with a character what its shape was fitted by."""
    state.fit_sex = known.sex or ""
    for name in ("height", *MEASURED):
        setattr(state, f"fit_{name}", getattr(known, name) or 0.0)


def remembered(state: bpy.types.PropertyGroup) -> "Known":
    """The same again."""
    from ..core.fitting.known import Known

    # as a panel shows it: Blender's own 1.7 is 1.7000000476837158
    sizes = {name: float(f"{getattr(state, f'fit_{name}'):.6g}") for name in ("height", *MEASURED)}
    return Known(sex=state.fit_sex or None, **{name: size for name, size in sizes.items() if size > 0})


def draw_size(layout: bpy.types.UILayout, data: bpy.types.bpy_struct, name: str) -> None:
    """A switch and a value in one row."""
    row = layout.row(align=True)
    row.prop(data, f"{name}_known", text="Weight (kg)" if name == "weight" else name.title())
    value = row.row(align=True)
    value.enabled = getattr(data, f"{name}_known")
    value.prop(data, name, text="")
