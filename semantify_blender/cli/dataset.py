"""The `dataset` verb's options, which is `semantify render`; what it does is in `rendering.dataset_request`."""

import argparse
from pathlib import Path

from ..core.dataset_spec import ENGINES, IMAGE_FORMATS, LOOKS
from ..core.model.sampling import SAMPLERS
from ..processes.requests import DatasetRequest
from .options import SAMPLER_HELP, SEED, real, whole
from .progress import JsonProgress, TextProgress


def add_dataset(verbs: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    """The verb's parser."""
    dataset = verbs.add_parser(
        "dataset",
        prog="semantify render",
        parents=[common],
        help="random shapes as pictures in WebDataset shards; run again to resume",
    )
    dataset.set_defaults(run=_run)
    add_options(dataset)
    dataset.add_argument("--worker", help="i/n: one of n processes that share the work; semantify render starts them")


def add_options(dataset: argparse.ArgumentParser) -> None:
    """What is asked for."""
    dataset.add_argument("--model", required=True, help="name or path of a morphable model")
    dataset.add_argument("--out", required=True, type=Path, help="folder of the dataset")
    dataset.add_argument(
        "--samples",
        type=int,
        help="number of shapes (3000, or all rows of --coefficients); more than there are extend a dataset",
    )
    dataset.add_argument("--seed", type=SEED, default=DatasetRequest.seed, help="sample i depends on it and on i only")
    dataset.add_argument("--sampler", choices=SAMPLERS, help=SAMPLER_HELP)
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
    dataset.add_argument("--outfit", help="what all wear (default: the model's own; any in looks wild and unseen)")
    dataset.add_argument(
        "--shard",
        default=DatasetRequest.shard,
        help="i/n: render the i-th of n parts, i from 1; auto: the part of this task of a job array, auto/n where the "
        "scheduler does not say how many there are",
    )
    dataset.add_argument("--shard-size", type=int, default=DatasetRequest.shard_size, help="samples in a shard")


def _run(options: argparse.Namespace, progress: JsonProgress | TextProgress) -> dict[str, object]:
    # here, so that the options can be read where there is no Blender
    from ..rendering.dataset_request import render_dataset

    request = dataset_request(options)
    pictures = render_dataset(request, progress, options.log)
    return {"folder": str(request.out)} | ({"pictures": pictures} if isinstance(progress, JsonProgress) else {})


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
        outfit=options.outfit,
        shard=options.shard,
        shard_size=options.shard_size,
        worker=getattr(options, "worker", None),
    )
