"""Parsers of the paper's experiments: `semantify table1`, `ablate` and `study`. Nothing here imports torch."""

import argparse
from collections.abc import Callable
from pathlib import Path

from .line import add_choice_switches, add_score_ends
from .options import RECIPE_NAMES, SEED, real, whole

WORDS = whole(1, 1000)
SAMPLES = whole(3, 10_000_000)
"""Argparse types: numbers of words, and of shapes; fewer than three make no clusters."""
Runner = Callable[[str], Callable[[argparse.Namespace], object]]
"""Verb -> the function that runs it."""
AddClip = Callable[[argparse.ArgumentParser], None]


def add_experiments(
    verbs: argparse._SubParsersAction,
    common: argparse.ArgumentParser,
    runner: Runner,
    add_clip: AddClip,
) -> None:
    """Add the three verbs. runner: imports what runs a verb only when it runs; add_clip: the options of CLIP."""
    table1 = _new(verbs, "table1", "coverage and overlap of every model: the paper's Table 1", common, runner)
    table1.add_argument(
        "--model", nargs="+", default=[], metavar="MODEL", help="further models (names or files), such as licensed ones"
    )
    table1.add_argument("--only", nargs="+", default=[], metavar="MODEL", help="these models instead of all there are")
    table1.add_argument("--counts", nargs="+", type=WORDS, default=[2, 5, 10, 15], help="numbers of descriptors")
    table1.add_argument("--samples", type=SAMPLES, default=2500, help="shapes a model")
    table1.add_argument(
        "--recipes", nargs="+", choices=RECIPE_NAMES, default=["default", "paper"], help="which, each in a table"
    )
    add_score_ends(table1)
    add_choice_switches(table1)
    _add_place(table1, add_clip)

    ablate = _new(verbs, "ablate", "what each choice is worth: one varied at a time, reach in mm", common, runner)
    ablate.add_argument("--model", default="anny-body-neutral", help="name or file of a morphable model")
    ablate.add_argument("--counts", nargs="+", type=WORDS, default=[2, 4, 6, 8, 10, 15], help="numbers of descriptors")
    ablate.add_argument("--sizes", nargs="+", type=SAMPLES, default=[300, 1000, 3000, 10000], help="numbers of samples")
    ablate.add_argument("--descriptors", type=WORDS, default=6, help="how many where something else is varied")
    ablate.add_argument("--samples", type=SAMPLES, default=3000, help="how many where something else is varied")
    ablate.add_argument("--seeds", nargs="+", type=SEED, default=[0, 1, 2], help="training seeds, for the spread")
    ablate.add_argument("--targets", type=whole(1, 100_000), default=100, help="unseen shapes to reach")
    add_choice_switches(ablate)
    _add_place(ablate, add_clip)

    study = _new(verbs, "study", "word sliders against raw ones, by a simulated user (paper Table 2)", common, runner)
    study.add_argument("--mapper", nargs="+", default=[], metavar="MAPPER", help="names or files (default: all)")
    study.add_argument("--model", nargs="+", default=[], metavar="MODEL", help="models of mappers given as files")
    study.add_argument(
        "--targets", type=whole(2, 100_000), default=100, help="shapes to reach, drawn from the model's population"
    )
    study.add_argument(
        "--shapes",
        nargs="+",
        default=[],
        metavar="MAPPER=FILE",
        help=".npy with further targets for a mapper: (N, V, 3) vertices in metres",
    )
    study.add_argument(
        "--raw-ends",
        choices=("percentiles", "deviations"),
        default="percentiles",
        help="raw sliders end at the percentiles that the words' have, or at 3 standard deviations",
    )
    study.add_argument(
        "--data",
        nargs="+",
        default=[],
        metavar="MAPPER=FOLDER",
        help="rendered shapes to train a mapper's words on again, with --training-seeds",
    )
    study.add_argument(
        "--training-seeds", nargs="+", type=SEED, default=[0, 1, 2], help="for the spread, of mappers that have --data"
    )
    study.add_argument("--moves", type=whole(1, 10_000), default=80, help="slider moves of each user")
    study.add_argument(
        "--noticeable", nargs="+", type=real(0, 1000), default=[0.0, 1.0], help="just-noticeable differences in mm"
    )
    study.add_argument("--seed", type=SEED, default=0, help="of the targets")
    add_clip(study)
    _add_out(study)


def _new(
    verbs: argparse._SubParsersAction,
    name: str,
    text: str,
    common: argparse.ArgumentParser,
    runner: Runner,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, parents=[common], help=text, description=text)
    parser.set_defaults(run=runner(name))
    return parser


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, default=Path("out/experiments"), help="folder of all experiments; finished work is kept"
    )


def _add_place(parser: argparse.ArgumentParser, add_clip: AddClip) -> None:
    """Where datasets come from, and how they are rendered when they are missing."""
    _add_out(parser)
    parser.add_argument(
        "--data",
        nargs="+",
        default=[],
        metavar="NAME=FOLDER",
        help="rendered datasets to use, NAME being the model's name, with -untextured for a grey one; "
        "others are rendered into OUT/datasets/NAME",
    )
    parser.add_argument("--size", type=whole(8, 4096), default=128, help="pixels of rendered pictures")
    parser.add_argument("--engine-samples", type=whole(1, 65_536), default=4, help="render samples per pixel")
    parser.add_argument(
        "--k", type=real(0, 99, above=True), default=2.0, help="limit of the coefficients, standard deviations"
    )
    parser.add_argument("--seed", type=SEED, default=0, help="of the dataset and of the selection")
    parser.add_argument("--blender", help="Blender program (default: $BLENDER, else the bpy wheel)")
    add_clip(parser)
