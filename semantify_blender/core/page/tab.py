"""One model of a page: its part of the header, and its arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..colour import Colour, from_hex
from ..mapper import Mapper
from ..model.morphable_model import MorphableModel
from ..presets.preset import Preset
from ..titles import title
from . import colours, licence, looks
from .arrays import Block, Blocks
from .exactness import SETTINGS, Error, measured_error
from .sheet import MOST_ROWS, sheet_uri
from .small_mapper import SmallMapper
from .small_shape import SmallShape
from .surface import write_surface
from .words import model_figures, short, trained_line, word_rows

_NO_SHAPE: dict[str, Any] = {
    "shape": None, "framing": None, "pieces": [], "outfits": None, "regions": [], "paints": [], "paintSize": 0,
    "adjustable": [], "follow": {}, "tones": [], "coats": [], "presets": [],
}  # fmt: skip


@dataclass(frozen=True)
class Opening:
    """What a page opens with. sliders: word -> value. outfit: empty for the default. colours: region -> sRGB.

    offset: coefficients that a fit to a picture added, or none. follow: whether free sliders follow the others.
    """

    sliders: Mapping[str, float] = field(default_factory=dict)
    outfit: str = ""
    colours: Mapping[str, Colour] = field(default_factory=dict)
    offset: tuple[float, ...] = ()
    follow: bool = False


@dataclass(frozen=True, eq=False)
class Subject:
    """What a tab shows. model: None where it is not at hand. figures: of an evaluation, None for the mapper's own.

    sheet: a data URI of a slider sheet that was rendered, else one is drawn.
    """

    name: str
    mapper: Mapper
    model: MorphableModel | None
    opening: Opening = field(default_factory=Opening)
    figures: dict[str, Any] | None = None
    sheet: str | None = None


def write_tab(
    subject: Subject, blocks: Blocks, presets: Sequence[Preset], with_geometry: bool
) -> tuple[dict[str, Any], Error | None]:
    """A model's part of the header; its arrays are added to the blocks. Returns it and the error that was measured."""
    mapper, model = subject.mapper, subject.model
    why = _missing(model, mapper.model_name, with_geometry)
    small = SmallMapper(mapper)
    block = Block()
    small.write(block)
    header = _words_header(subject, small) | {"missing": why} | _NO_SHAPE
    if model is None:
        return {**header, "opening": _opening(subject, {}), "arrays": blocks.add(block)}, None
    surface_block = Block()
    surface = write_surface(model, surface_block)
    own = {name: _own(model, name) for name in model.metadata.get("region_colours", {})}
    shades = {name: colours.of_region(name, own) for name in (*surface.regions, *surface.paints)}
    header["opening"] = _opening(subject, shades)
    header["presets"] = looks.offered(presets, mapper, model, list(shades))
    header["sheet"] = subject.sheet or sheet_uri(mapper, model, _sheet_colours(model, shades))
    header["framing"] = _framing(model)
    if why is not None:
        return {**header, "arrays": blocks.add(block)}, None
    offset = np.array(subject.opening.offset, np.float32) if subject.opening.offset else None
    shape = SmallShape.of(mapper, model, offset)
    shape.write(block)
    error = measured_error(mapper, small.mapper, model, shape)
    arrays = {**blocks.add(surface_block), **blocks.add(block)}
    paints = [{**paint, "colour": shades[paint["name"]]} for paint in surface.header["paints"]]
    regions = [{"name": name, "colour": shades[name]} for name in surface.regions]
    header |= _shape_header(shape, model, error, surface.header)
    header |= {"paints": paints, "regions": regions, "arrays": arrays}
    return header | colours.choices(list(shades), header["subject"] == "animal"), error


def _words_header(subject: Subject, small: SmallMapper) -> dict[str, Any]:
    """Header fields of a mapper and where it comes from."""
    mapper, model = subject.mapper, subject.model
    return {
        "name": subject.name,
        "label": title(subject.name),
        "subject": looks.subject(model) if model else "other",
        "licence": str(model.metadata.get("licence", "")) if model else "",
        "sheet": subject.sheet,
        "sheetAlt": _sheet_alt(mapper),
        "sheetRows": min(len(mapper.descriptors), MOST_ROWS),
        "trained": trained_line(mapper),
        "words": word_rows(mapper, model, subject.figures),
        "figures": model_figures(mapper, subject.figures),
        "mapper": {
            "coefficients": mapper.component_count,
            "bound": mapper.bound,
            "reach": mapper.reach,
            "insideRadius": None if mapper.inside is None else float(mapper.inside.radius),
            "layers": [[layer.numbers.shape[1], layer.numbers.shape[0]] for layer in small.layers],
        },
    }


def _framing(model: MorphableModel) -> dict[str, Any]:
    framing = model.framing
    return {
        "height": short(framing.height),
        "centre": [short(value) for value in framing.centre],
        "floor": framing.floor,
        "turn": short(framing.turn),
    }


def _missing(model: MorphableModel | None, name: str, with_geometry: bool) -> str | None:
    if model is None:
        return f"The model {name} was not at hand, so its geometry is not in this page: the sliders are."
    return None if with_geometry else licence.missing(model)


def _sheet_alt(mapper: Mapper) -> str:
    words = ", ".join(mapper.descriptors[:MOST_ROWS])
    return f"A row of figures for each of {words}: low end, rest and high end of its slider."


def _opening(subject: Subject, shades: Mapping[str, str]) -> dict[str, Any]:
    wanted, mapper = subject.opening, subject.mapper
    values = (float(wanted.sliders.get(word, 0.0)) for word in mapper.descriptors)
    return {
        "sliders": [short(min(mapper.reach, max(-mapper.reach, value))) for value in values],
        "outfit": wanted.outfit or None,
        "colours": colours.shown(wanted.colours, shades),
        "offset": [short(value) for value in wanted.offset] or None,
        "follow": wanted.follow,
    }


def _own(model: MorphableModel, name: str) -> Colour:
    red, green, blue = model.metadata["region_colours"][name]
    return float(red), float(green), float(blue)


def _sheet_colours(model: MorphableModel, shades: Mapping[str, str]) -> dict[str, Colour]:
    """Of every region of the dressed model, painted ones too, and of "skin"."""
    names = {"skin", *model.regions, *(part.region for part in model.parts.values())}
    return {name: from_hex(shades.get(name) or colours.of_region(name, {})) for name in names}


def _shape_header(shape: SmallShape, model: MorphableModel, error: Error, surface: dict[str, Any]) -> dict[str, Any]:
    """Header fields of a shape and its surface."""
    ofshape = ("faces", "faceSize", "corners", "uvSteps")
    counts = {name: surface[name] for name in ofshape}
    told = {
        "vertices": len(shape.places),
        "bodyVertices": model.vertex_count,
        "components": len(shape.fields),
        **counts,
        "origin": [float(value) for value in shape.origin],
        "step": shape.step,
        "basisStep": shape.field_step,
        "error": {
            "largest": error.largest, "mean": error.mean, "garments": error.garments,
            "settings": SETTINGS,
        },
    }  # fmt: skip
    return {"shape": told, **{name: value for name, value in surface.items() if name not in ofshape}}
