"""The options of `sheet` and `influence`, one picture each; what they do is in `rendering.sheets`."""

import argparse
from pathlib import Path

from ..core.library import load_mapper, load_model
from ..processes.requests import InfluenceRequest, SheetRequest
from ..rendering.sheets.influence import render_influence
from ..rendering.sheets.slider_sheet import render_sheet
from .options import whole
from .progress import JsonProgress, TextProgress


def add_sheets(verbs: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    """Both verbs' parsers."""
    for request, run, text in (
        (SheetRequest, _sheet, "one picture: a row per descriptor, a column per slider position"),
        (InfluenceRequest, _influence, "one picture: where on the model each descriptor acts"),
    ):
        picture = verbs.add_parser(request.verb, parents=[common], help=text)
        picture.set_defaults(run=run)
        picture.add_argument("--mapper", required=True, help="name or path of a mapper")
        picture.add_argument("--model", help="name or path of its morphable model (default: the one the mapper names)")
        picture.add_argument("--out", required=True, type=Path, help="PNG or JPEG file")
        picture.add_argument("--width", type=whole(64, 16_384), default=request.width, help="pixels")
        picture.add_argument(
            "--engine-samples", type=whole(1, 65_536), default=request.engine_samples, help="samples per pixel"
        )
        if request is SheetRequest:
            picture.add_argument(
                "--steps", type=whole(2, 101), default=SheetRequest.steps, help="slider positions from -1 to 1"
            )


def _sheet(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    request = sheet_request(options)
    mapper = load_mapper(request.mapper)
    model = load_model(request.model or mapper.model_name)
    path = render_sheet(model, mapper, request.out, request.steps, request.width, request.engine_samples, options.log)
    return {"file": str(path)}


def _influence(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    request = influence_request(options)
    mapper = load_mapper(request.mapper)
    model = load_model(request.model or mapper.model_name)
    path = render_influence(model, mapper, request.out, request.width, request.engine_samples, options.log)
    return {"file": str(path)}


def sheet_request(options: argparse.Namespace) -> SheetRequest:
    """What the `sheet` verb was asked."""
    return SheetRequest(
        mapper=options.mapper,
        out=options.out,
        model=options.model,
        width=options.width,
        engine_samples=options.engine_samples,
        steps=options.steps,
    )


def influence_request(options: argparse.Namespace) -> InfluenceRequest:
    """What the `influence` verb was asked."""
    return InfluenceRequest(
        mapper=options.mapper,
        out=options.out,
        model=options.model,
        width=options.width,
        engine_samples=options.engine_samples,
    )
