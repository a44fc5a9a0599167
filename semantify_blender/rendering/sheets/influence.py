"""Heat maps of where on the model each descriptor acts."""

from pathlib import Path

import numpy as np

from ...core.colour import Colour, linear
from ...core.influence import THRESHOLD, influence
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ..stage.flat import attribute_material
from ..stage.quiet import quiet
from .slider_sheet import FAINT, Label, Sheet

_HEAT = np.array(
    [[0.24, 0.17, 0.40], [0.22, 0.35, 0.55], [0.16, 0.54, 0.55], [0.36, 0.72, 0.42], [0.75, 0.83, 0.28],
     [0.99, 0.88, 0.30]]
)  # fmt: skip
_LAYER = "influence"


def heat_colours(values: np.ndarray) -> np.ndarray:
    """sRGB colours of numbers in 0..1: dark violet, blue, teal, green, yellow, evenly brighter. (...,) -> (..., 3)."""
    position = np.linspace(0, 1, len(_HEAT))
    return np.stack([np.interp(values, position, _HEAT[:, channel]) for channel in range(3)], -1)


def render_influence(
    model: MorphableModel,
    mapper: Mapper,
    path: str | Path,
    width: int = 1600,
    samples: int = 6,
    log: str | Path | None = None,
) -> Path:
    """Write a picture with one figure per descriptor, coloured by δ, labelled with the share of vertices covered.

    width: pixels. Takes over Blender's current scene. Raises SemantifyError as `influence` does, or when the file
    cannot be written.
    """
    path = Path(path)
    heat = influence(mapper, model)
    with quiet(log):
        sheet = Sheet(model)
        sheet.template.materials.append(attribute_material(_LAYER, sheet.shade))
        sheet.template.color_attributes.new(_LAYER, "FLOAT_COLOR", "POINT")
        shape = sheet.turned(model.vertices(mapper.coefficients(mapper.default)))
        tall = float(shape[:, 2].max())
        unit = float(np.ptp(shape[:, 2])) / 1.75
        longest = max(len(word) for word in mapper.descriptors)
        column = max(2 * float(np.abs(shape[:, 0]).max()), longest * 0.085 * unit) + 0.08 * unit
        count = len(mapper.descriptors)
        per_row = count if count <= 5 else -(-count // -(-count // 5))
        margin = 0.12 * unit
        right = 2 * margin + column * per_row
        z = 0.0
        for i, word in enumerate(mapper.descriptors):
            if i % per_row == 0:
                z -= tall + (0.56 if i else 0.24) * unit
                if sheet.framing.floor:
                    sheet.add_floor(margin, right - margin, z)
            x = margin + column * (i % per_row + 0.5)
            mesh = sheet.add_figure(shape, x, z)
            if sheet.framing.floor:
                sheet.add_shadow(shape, x, z)
            colours = np.ones((model.vertex_count, 4), np.float32)
            colours[:, :3] = linear(heat_colours(heat[i]))
            mesh.color_attributes[_LAYER].data.foreach_set("color", colours.ravel())
            sheet.add_label(Label(word, x, z - 0.17 * unit, 0.15 * unit))
            covered = f"covers {100 * (heat[i] > THRESHOLD).mean():.0f} %"
            sheet.add_label(Label(covered, x, z - 0.32 * unit, 0.09 * unit, colour=FAINT))
        z -= 0.62 * unit
        _add_legend(sheet, right / 2, z, unit)
        sheet.render(path, 0.0, right, z - 0.24 * unit, 0.0, width, samples)
    return path


def _add_legend(sheet: Sheet, x: float, z: float, unit: float, parts: int = 40) -> None:
    length, height = 1.6 * unit, 0.07 * unit
    edges = x - length / 2 + length * np.arange(parts + 1) / parts
    for i in range(parts):
        red, green, blue = heat_colours(np.array((i + 0.5) / parts)).tolist()
        colour: Colour = (red, green, blue)
        sheet.add_swatch(float(edges[i]), float(edges[i + 1]), z, z + height, colour)
    for value, text in ((0.0, "still"), (THRESHOLD, "covered ▸"), (1.0, "moves most")):
        sheet.add_label(Label(text, x - length / 2 + length * value, z - 0.08 * unit, 0.075 * unit, colour=FAINT))
