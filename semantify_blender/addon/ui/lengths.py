"""Lengths as the scene writes them."""

import json

import bpy

FIXED_UNITS = {"CENTIMETERS": (100.0, "cm"), "MILLIMETERS": (1000.0, "mm"), "INCHES": (1 / 0.0254, "in")}


def length_text(context: bpy.types.Context, metres: float) -> str:
    """A length as the scene writes lengths; metres where the scene has no unit system."""
    system, unit = context.scene.unit_settings.system, context.scene.unit_settings.length_unit
    if system != "NONE" and unit in FIXED_UNITS:
        factor, symbol = FIXED_UNITS[unit]
        return f"{metres * factor:.1f} {symbol}"
    return bpy.utils.units.to_string(
        "METRIC" if system == "NONE" else system,
        "LENGTH",
        metres,
        precision=3 if system != "IMPERIAL" else 4,
        split_unit=system == "IMPERIAL",
    )


def height_text(context: bpy.types.Context, obj: bpy.types.Object) -> str:
    """The character's height as it stands in the scene, object scale included."""
    from ..character import shape

    scale = obj.matrix_world.to_scale().z * context.scene.unit_settings.scale_length
    return f"Height {length_text(context, shape.height(obj.data) * scale)}"


def sizes_text(context: bpy.types.Context, measures: str) -> str:
    """What the fit found: "height 1.71 ± 0.09 m, waist 84 ± 6 cm". measures: as a character remembers them."""
    from ...core.fitting.sizes import size_text

    imperial = context.scene.unit_settings.system == "IMPERIAL"
    try:
        sizes = json.loads(measures)
        found = [size_text(name, size["value"], size["deviation"], imperial) for name, size in sizes.items()]
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""  # somebody else's file, or a damaged one
    # spaces that do not break: a line ends after a measurement, never inside one
    return ", ".join(text.replace(" ", "\u00a0") for text in found)
