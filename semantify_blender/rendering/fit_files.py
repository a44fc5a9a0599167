"""The files of a fit for programs and spreadsheets, and what is told of it while it runs."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..core.files import write_aside, write_json
from .fit import Failure, Request, Result, Seen, Tools

SCHEMA = "semantify.fits/1"


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
        "view": _view(result.seen[0]),
        "measure": None if result.measure is None else [round(value, 6) for value in result.measure],
        "notes": list(fit.notes),
        "mesh": None if result.mesh is None else str(result.mesh),
    }


def failure_event(failure: Failure) -> dict[str, str]:
    """One picture that could not be used, as JSON."""
    return {"image": str(failure.path), "message": failure.message}


def save_json(
    path: Path, results: Sequence[Result], failures: Sequence[Failure], tools: Tools, request: Request
) -> None:
    """Write fits.json."""
    model, mapper, encoder, fitter = tools.model, tools.mapper, tools.encoder, tools.fitter
    write_json(
        path,
        {
            "schema": SCHEMA,
            "model": {"name": model.name, "checksum": model.checksum, "licence": model.metadata.get("licence")},
            "mapper": {"descriptors": list(mapper.descriptors), "clip": mapper.provenance.get("clip")},
            "encoder": {"name": encoder.name, "checksum": encoder.checksum, "size": encoder.size},
            "fitter": None if fitter is None else {"model": fitter.model_name, "encoder": fitter.encoder_name},
            "known": {"height": request.known.height, "locks": request.locks},
            "refined": request.refine,
            "units": {"coefficients": "standard deviations", "height": "metres", "view": "degrees", "crop": "pixels"},
            "fits": [event_of(result, tools) for result in results],
            "failures": [failure_event(failure) for failure in failures],
        },
    )


def save_csv(path: Path, results: Sequence[Result], tools: Tools) -> None:
    """Write fits.csv: a row a subject."""
    words = tools.mapper.descriptors
    columns = ["name", "images", "height_m", "yaw_deg", "pitch_deg", "method", "measure_before", "measure_after"]
    columns += [f"slider {word}" for word in words]
    columns += [f"coefficient {k + 1}" for k in range(tools.model.component_count)]
    columns += [f"offset {k + 1}" for k in range(tools.model.component_count)]
    with write_aside(path) as aside, open(aside, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for result in results:
            fit, view = result.fit, _view(result.seen[0])
            before, after = result.measure or ("", "")
            images = " ".join(seen.path.name for seen in result.seen)
            height = "" if result.height is None else round(result.height, 4)
            rows.writerow(
                [
                    *(result.name, images, height, view["yaw"], view["pitch"], fit.method, before, after),
                    *(_numbers(fit.sliders) + _numbers(fit.coefficients) + _numbers(fit.offset)),
                ]
            )


def _seen(seen: Seen) -> dict[str, Any]:
    crop = seen.cut.crop
    return {
        "path": str(seen.path),
        "width": seen.size[0],
        "height": seen.size[1],
        "crop": {"left": round(crop.left, 2), "top": round(crop.top, 2), "size": round(crop.size, 2)},
        "figure": seen.cut.source,
        "view": _view(seen),
        "notes": list(seen.cut.notes),
    }


def _view(seen: Seen) -> dict[str, float]:
    return {"yaw": round(seen.camera.yaw, 2), "pitch": round(seen.camera.pitch, 2)}


def _numbers(values: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in values]
