"""Any model of one's own in a .npz: `template`, `basis`, `faces`, and what else there is to say about them."""

import numpy as np

from ..errors import FileFormatError
from ..files.bounds import LARGEST_COEFFICIENT, SMALLEST
from .axes import DIRECTIONS, UNITS
from .polygons import Polygons
from .shape import Shape, keep
from .source import Source


def read_generic(source: Source, components: int | None) -> Shape:
    """A file with these arrays, the last eight of which may be left out.

    template: (V, 3). basis: (K, V, 3), one standard deviation of each coefficient. faces: (F, 3) or (F, 4).
    vt, ft: (T, 2) and (F, 3 or 4), UV. names: (K,) texts. ranges: (K, 2), the lowest and the highest of each
    coefficient; then the basis is what 1 of it does. units: "m", "cm", "mm", "inches" …, or metres of a unit.
    up, front: "y", "z", "-y" … licence, name: texts.
    Raises FileFormatError when one is missing or does not fit, SemantifyError for too many components.
    """
    template = source.array("template", "f", (None, 3)).astype(np.float64)
    if not len(template):
        raise FileFormatError(source.path, "template", "is empty; a model needs vertices")
    basis = source.array("basis", "f", (None, len(template), 3))
    ranges = _ranges(source, len(basis))
    count = keep(len(basis), components, source.path, "basis", None if ranges is not None else 10)
    faces = source.array("faces", "iuf", (None, None))
    polygons = Polygons.of_rows(source.path, "faces", faces, len(template))
    names = source.texts("names") if "names" in source.names else ()
    if names and len(names) != len(basis):
        raise FileFormatError(source.path, "names", f"has {len(names)} names for {len(basis)} directions")
    up, front = _axis(source, "up"), _axis(source, "front")
    return Shape(
        template=template,
        basis=basis[:count].astype(np.float64),
        polygons=polygons,
        uv=_uv(source, faces, polygons),
        names=names[:count],
        unit=_unit(source),
        up=up or "y",
        front=front,
        ranges=None if ranges is None else ranges[:count],
        licence=_text(source, "licence") or _text(source, "license"),
        name=_text(source, "name"),
    )


def _ranges(source: Source, count: int) -> np.ndarray | None:
    if "ranges" not in source.names:
        return None
    ranges = source.array("ranges", "f", (count, 2)).astype(np.float64)
    if np.abs(ranges).max(initial=0) > LARGEST_COEFFICIENT or not (np.diff(ranges, axis=1) >= SMALLEST).all():
        raise FileFormatError(source.path, "ranges", f"expected low < high in ±{LARGEST_COEFFICIENT:g} for each")
    return ranges


def _uv(source: Source, faces: np.ndarray, polygons: Polygons) -> np.ndarray | None:
    if not {"vt", "ft"} <= source.names:
        return None
    places, corners = source.array("vt", "f", (None, 2)), source.array("ft", "iuf", faces.shape).astype(np.int64)
    chosen = corners.ravel()[polygons.corners]
    if chosen.min() < 0 or chosen.max() >= len(places):
        raise FileFormatError(source.path, "ft", f"expected whole numbers in 0..{len(places) - 1}")
    return places[chosen].astype(np.float32)


def _unit(source: Source) -> float:
    if "units" not in source.names:
        return 1.0
    try:
        number = source.array("units", "f")
    except FileFormatError:
        text = _text(source, "units") or ""
        if text.strip().lower() not in UNITS:
            known = ", ".join(name for name in UNITS if len(name) <= 2)
            raise FileFormatError(source.path, "units", f"is {text[:20]!r}: say one of {known}, or metres") from None
        return UNITS[text.strip().lower()]
    if number.size != 1 or not 1e-6 <= float(number.ravel()[0]) <= 1e4:
        raise FileFormatError(source.path, "units", "expected how many metres a unit is, 0.01 for centimetres")
    return float(number.ravel()[0])


def _axis(source: Source, name: str) -> str | None:
    text = _text(source, name)
    if text is None:
        return None
    plain = text.strip().lower().removeprefix("+")
    if plain not in DIRECTIONS:
        raise FileFormatError(source.path, name, f"is {text[:20]!r}: say one of {', '.join(DIRECTIONS)}")
    return plain


def _text(source: Source, name: str) -> str | None:
    return source.texts(name)[0] if name in source.names else None
