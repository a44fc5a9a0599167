"""Command line of the rendering side: dataset, sheet, influence, keys, fit."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from ..core.dataset import ENGINES, IMAGE_FORMATS, LOOKS
from ..core.errors import SemantifyError
from ..core.files.writing import file_trouble
from ..core.library import load_mapper, load_model
from ..core.model.sampling import SAMPLERS
from ..core.pipes import until_pipe_closes
from ..processes.child import interruptible
from ..processes.requests import DatasetRequest, InfluenceRequest, SheetRequest
from ..rendering.dataset_request import render_dataset
from ..rendering.keys import open_blend, save_keys_model
from ..rendering.sheets.influence import render_influence
from ..rendering.sheets.slider_sheet import render_sheet
from ..rendering.stage.quiet import quiet
from .fit import add_fit
from .options import SEED, Parser, real, whole
from .progress import JsonProgress, TextProgress, print_error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit status: 0, 2 for a user's error, 130 when interrupted, 141 when nobody reads."""
    return until_pipe_closes(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parser.parse_args(words)
    except SemantifyError as error:
        # the options are not known: whoever asked for JSON waits for its event all the same
        as_json = "--progress=json" in words or ("--progress", "json") in pairwise(words)
        return _fail(JsonProgress(1) if as_json else TextProgress(1), str(error), 2)
    with quiet(options.log) as output:
        progress = JsonProgress(output) if options.progress == "json" else TextProgress(output)
        try:
            interruptible()
            result = options.run(options, progress)
        except SemantifyError as error:
            return _fail(progress, str(error), 2)
        except OSError as error:
            return _fail(progress, file_trouble(error), 2)
        except KeyboardInterrupt:
            return _fail(progress, "interrupted; run the same command again to resume", 130)
        if isinstance(progress, JsonProgress):
            progress.event("result", **result)
        else:
            progress.note("\n".join(str(value) for value in result.values()))
        return 0


def _fail(progress: JsonProgress | TextProgress, message: str, status: int) -> int:
    if isinstance(progress, JsonProgress):
        progress.event("error", message=message)
    print_error(message)
    return status


def leave(status: int) -> NoReturn:
    """End the process at once: some bpy builds hang or crash in their own exit code after the work is done."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="semantify-render", description="Render morphable models with Blender.")
    parser.set_defaults(log=None)
    verbs = parser.add_subparsers(required=True, metavar="dataset|sheet|influence|keys|fit", dest="verb")
    common = Parser(add_help=False)
    common.add_argument("--progress", choices=("text", "json"), default="text", help="for people or for programs")
    common.add_argument("--log", type=Path, help="append Blender's own messages to this file (default: thrown away)")

    dataset = verbs.add_parser(
        "dataset",
        prog="semantify render",
        parents=[common],
        help="random shapes as pictures in WebDataset shards; run again to resume",
    )
    dataset.set_defaults(run=_dataset)
    dataset.add_argument("--model", required=True, help="name or path of a morphable model")
    dataset.add_argument("--out", required=True, type=Path, help="folder of the dataset")
    dataset.add_argument("--samples", type=int, help="number of shapes (3000, or all rows of --coefficients)")
    dataset.add_argument("--seed", type=SEED, default=DatasetRequest.seed, help="sample i depends on it and on i only")
    dataset.add_argument("--sampler", choices=SAMPLERS, help="default: sparse for a mesh's shape keys, else uniform")
    dataset.add_argument(
        "--k",
        type=real(0, 99, above=True),
        help="limit of the coefficients, standard deviations (4 for face expressions, else 2)",
    )
    dataset.add_argument("--components", type=whole(1, 1000), help="draw only the first so many coefficients")
    dataset.add_argument("--coefficients", type=Path, help=".npy file (N, K) to render instead of random shapes")
    dataset.add_argument(
        "--shapes", type=Path, help=".npy file (N, V, 3), metres: render these shapes, of the model's topology"
    )
    dataset.add_argument(
        "--views", nargs="+", help="front side back left az:DEGREES (default: the model's own, or front side)"
    )
    dataset.add_argument("--size", type=int, default=DatasetRequest.size, help="pixels")
    dataset.add_argument("--engine", choices=ENGINES, default=DatasetRequest.engine, help="what renders")
    dataset.add_argument("--engine-samples", type=int, default=DatasetRequest.engine_samples, help="samples per pixel")
    dataset.add_argument("--format", choices=IMAGE_FORMATS, help="default: jpg; looks without a backdrop png")
    dataset.add_argument("--look", choices=LOOKS, default=DatasetRequest.look, help="clothes, light, lens and pose")
    dataset.add_argument(
        "--textured",
        action=argparse.BooleanOptionalAction,
        default=DatasetRequest.textured,
        help="default: with texture",
    )
    dataset.add_argument(
        "--untextured", dest="textured", action="store_false", default=argparse.SUPPRESS, help="all grey"
    )
    dataset.add_argument("--shard", default=DatasetRequest.shard, help="i/n: render the i-th of n parts, i from 1")
    dataset.add_argument("--shard-size", type=int, default=DatasetRequest.shard_size, help="samples in a shard")

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
    keys = verbs.add_parser(
        "keys", prog="semantify keys", parents=[common], help="a mesh's own shape keys as a morphable model"
    )
    keys.set_defaults(run=_keys)
    keys.add_argument("blend", nargs="?", type=Path, help=".blend file (default: the file that Blender has open)")
    keys.add_argument("--object", help="name of the mesh object (default: the only one that has shape keys)")
    keys.add_argument(
        "--include", nargs="+", default=[], metavar="NAME", help="only these keys: names, or patterns such as 'eye*'"
    )
    keys.add_argument(
        "--exclude", nargs="+", default=[], metavar="NAME", help="keys never to be touched: names or patterns"
    )
    keys.add_argument(
        "--include-driven", action="store_true", help="also keys with drivers or keyframes, which sliders leave alone"
    )
    keys.add_argument("--out", required=True, type=Path, help="NAME.model.npz")
    add_fit(verbs, common)
    return parser


def _keys(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    if options.blend is not None:
        open_blend(options.blend)
    wanted = (options.include, options.exclude, options.include_driven)
    return {"file": str(save_keys_model(options.out, options.object, *wanted, progress))}


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


def dataset_request(options: argparse.Namespace) -> DatasetRequest:
    """What the `dataset` verb was asked."""
    return DatasetRequest(
        model=options.model,
        out=options.out,
        samples=options.samples,
        seed=options.seed,
        sampler=options.sampler,
        k=options.k,
        components=options.components,
        coefficients=options.coefficients,
        shapes=options.shapes,
        views=None if options.views is None else tuple(options.views),
        size=options.size,
        engine=options.engine,
        engine_samples=options.engine_samples,
        format=options.format,
        look=options.look,
        textured=options.textured,
        shard=options.shard,
        shard_size=options.shard_size,
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


def _dataset(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    request = dataset_request(options)
    pictures = render_dataset(request, progress, options.log)
    return {"folder": str(request.out)} | ({"pictures": pictures} if isinstance(progress, JsonProgress) else {})
