"""The files of a fit for programs and spreadsheets, and what is told of it while it runs."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...core.files.writing import ODD, write_aside
from ...core.fitting.choose import Tools
from ...processes.requests import FitRequest
from .subject import Failure, Result, Seen

SCHEMA = "semantify.fits/1"
KNOWN = ("height", "sex", "weight", "chest", "waist", "hips")
"""What a request may say of a subject, beside locked sliders."""
SIZES = {"height": "m", "weight": "kg", "chest": "m", "waist": "m", "hips": "m"}
"""Measures of a shape and their units, columns of fits.csv."""
UNITS = {
    "coefficients": "standard deviations",
    "height": "metres",
    "measures": "metres, weight in kg; deviation: one standard deviation, null for what is given or not known",
    "known": "height in metres, weight in kg, girths in cm",
    "view": "degrees",
    "pose": "degrees",
    "crop": "pixels",
}
Lines = Callable[[], Iterator[dict[str, Any]]]
"""What was kept of each subject (`kept.Kept`), from the first on each time it is called."""
Meshes = Callable[[str], str | None]
"""The mesh file of a subject by its name, None where there is none."""


def event_of(result: Result, tools: Tools) -> dict[str, Any]:
    """One subject as JSON: all that is needed to set a character to it."""
    fit = result.fit
    sliders = dict(zip(tools.mapper.descriptors, _numbers(fit.sliders), strict=True))
    return {
        "name": result.name,
        "image": str(result.seen[0].path),
        "images": [_seen(seen) for seen in result.seen],
        "method": fit.method,
        "coefficients": _numbers(fit.coefficients),
        "deviations": _numbers(np.sqrt(np.maximum(np.diag(fit.covariance), 0.0))),
        "sliders": sliders,
        "offset": _numbers(fit.offset),
        "height": None if result.height is None else round(result.height, 4),
        "measures": {name: size.told() for name, size in fit.measures.items()},
        "view": _view(result.seen[0]),
        "measure": None if result.measure is None else [round(value, 6) for value in result.measure],
        "notes": list(fit.notes),
        "mesh": None,
    }


def failure_event(failure: Failure) -> dict[str, str]:
    """One picture that could not be used, as JSON."""
    return {"image": str(failure.path), "message": failure.message}


def save_json(path: Path, lines: Lines, tools: Tools, request: FitRequest, meshes: Meshes) -> None:
    """Write fits.json, a subject a line: there may be more of them than memory holds."""
    model, mapper, encoder, fitter = tools.model, tools.mapper, tools.encoder, tools.fitter
    head = {
        "schema": SCHEMA,
        "model": {"name": model.name, "checksum": model.checksum, "licence": model.metadata.get("licence")},
        "mapper": {"descriptors": list(mapper.descriptors), "clip": mapper.provenance.get("clip")},
        "encoder": {"name": encoder.name, "checksum": encoder.checksum, "size": encoder.size},
        "fitter": None if fitter is None else {"model": fitter.model_name, "encoder": fitter.encoder_name},
        "known": {name: getattr(request, name) for name in KNOWN} | {"locks": dict(request.lock)},
        "refined": request.refine,
        "units": UNITS,
    }
    with write_aside(path) as aside, open(aside, "w", encoding="utf-8", errors=ODD) as file:
        file.write("{\n")
        for name, value in head.items():
            file.write(f"  {_json(name)}: {_json(value)},\n")
        fits = (line["fit"] | {"mesh": meshes(line["name"])} for line in lines() if line["fit"] is not None)
        _write_list(file, "fits", fits)
        file.write(",\n")
        _write_list(file, "failures", (failure for line in lines() for failure in line["failures"]))
        file.write("\n}\n")


def save_csv(path: Path, lines: Lines, tools: Tools) -> None:
    """Write fits.csv: a row a subject."""
    words = tools.mapper.descriptors
    columns = ["name", "images", "height_m", "yaw_deg", "pitch_deg", "method", "measure_before", "measure_after"]
    columns += [f"{name}_{kind}" for name in SIZES for kind in (SIZES[name], f"deviation_{SIZES[name]}")][1:]
    columns += [f"slider {word}" for word in words]
    columns += [f"coefficient {k + 1}" for k in range(tools.model.component_count)]
    columns += [f"offset {k + 1}" for k in range(tools.model.component_count)]
    with write_aside(path) as aside, open(aside, "w", encoding="utf-8", errors=ODD, newline="") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for fit in (line["fit"] for line in lines() if line["fit"] is not None):
            before, after = fit["measure"] or ("", "")
            images = " ".join(Path(seen["path"]).name for seen in fit["images"])
            height = "" if fit["height"] is None else fit["height"]
            rows.writerow(
                [
                    *(fit["name"], images, height, fit["view"]["yaw"], fit["view"]["pitch"], fit["method"]),
                    *(before, after, *_sizes(fit), *fit["sliders"].values(), *fit["coefficients"], *fit["offset"]),
                ]
            )


def _sizes(fit: dict[str, Any]) -> list[Any]:
    """Value and deviation of each measure; the first value, the height, has its column already."""
    cells = [fit["measures"].get(name, {}).get(kind) for name in SIZES for kind in ("value", "deviation")]
    return ["" if cell is None else cell for cell in cells[1:]]


def _write_list(file: IO[str], name: str, items: Iterator[Any]) -> None:
    """`"name": [item, …]`, an item a line."""
    file.write(f"  {_json(name)}: [")
    for number, item in enumerate(items):
        file.write(f"{',' if number else ''}\n    {_json(item)}")
    file.write("\n  ]")


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _seen(seen: Seen) -> dict[str, Any]:
    crop = seen.cut.crop
    return {
        "path": str(seen.path),
        "width": seen.size[0],
        "height": seen.size[1],
        "crop": {"left": round(crop.left, 2), "top": round(crop.top, 2), "size": round(crop.size, 2)},
        "figure": seen.cut.source,
        "view": _view(seen),
        "pose": {joint: [round(float(value), 2) for value in vector] for joint, vector in seen.pose.items()},
        "outfit": seen.outfit,
        "notes": list(seen.cut.notes),
    }


def _view(seen: Seen) -> dict[str, float]:
    camera = seen.camera
    return {name: round(getattr(camera, name), 2) for name in ("yaw", "pitch", "roll")}


def _numbers(values: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in values]
