"""Verbs about pictures: `fitter`, and the options of `evaluate --image-to-shape`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from .options import SEED, whole


def add_fitter(
    verbs: argparse._SubParsersAction,
    common: argparse.ArgumentParser,
    verb: Callable[[str], Callable],
    add_clip: Callable[[argparse.ArgumentParser], None],
) -> None:
    """`semantify fitter`."""
    text = "train the fit to pictures of a model, on datasets of look 'wild'"
    parser = verbs.add_parser(
        "fitter",
        parents=[common],
        help=text,
        description=text,
    )
    parser.set_defaults(run=verb("train_fitter"))
    parser.add_argument(
        "--model",
        required=True,
        nargs="+",
        help="name or path of the morphable model; several of one topology may share the work",
    )
    parser.add_argument("--dataset", required=True, nargs="+", type=Path, help="folders rendered with --look wild")
    add_clip(parser)
    parser.add_argument("--passes", type=whole(1, 1000), default=3, help="variations of each picture")
    parser.add_argument("--epochs", type=whole(1, 100_000), default=20, help="passes over the pictures")
    parser.add_argument("--seed", type=SEED, default=0, help="same seed, same result")
    parser.add_argument("--out", required=True, type=Path, help="folder for NAME.fitter.npz")


def add_image_to_shape(parser: argparse.ArgumentParser) -> None:
    """Options of `semantify evaluate` for fits to pictures."""
    group = parser.add_argument_group("fits to pictures")
    group.add_argument(
        "--image-to-shape", action="store_true", help="measure fits instead; --dataset is the wild one of the fitter"
    )
    group.add_argument(
        "--photographs",
        type=Path,
        metavar="FOLDER",
        help="fit the photographs of a folder instead; no dataset is needed",
    )
    group.add_argument(
        "--labels",
        type=Path,
        metavar="TSV",
        help="what they show: columns file, kind (body, face, animal), and any that are named like a slider",
    )
    group.add_argument("--fitter", help="name or path (default: the mapper's model's)")
    group.add_argument(
        "--shapes", type=Path, help="PREFIX.shapes.npy (N, V, 3) to render and fit (default: drawn from the model)"
    )
    group.add_argument("--subjects", type=whole(1, 100_000), default=100, help="how many shapes to render and fit")
    group.add_argument("--picture-size", type=whole(16, 4096), default=256, help="pixels of their pictures")
    group.add_argument("--engines", nargs="+", default=["cycles", "workbench"], help="engines that share the subjects")
    group.add_argument("--outfit", help="what they all wear (default: any of the model's)")
    group.add_argument("--no-refine", action="store_true", help="leave out the refined fits")
