"""Parsers of the line's verbs: encode, score, select, train, evaluate, report and run. Nothing here imports torch."""

import argparse
from collections.abc import Callable
from pathlib import Path

from ..core.dataset_spec import ENGINES, DatasetSpec
from ..core.model.sampling import SAMPLERS
from .options import RECIPE_NAMES, SAMPLER_HELP, SEED, real, whole, word_ends, word_scores
from .pictures import add_image_to_shape
from .process import DEVICE_HELP, add_devices, add_jobs, device

CLIP_HELP = (
    "CLIP model: 'small' (embedded, one each for bodies, faces and animals, knows a stated vocabulary), "
    "NAME:TAG of open_clip such as ViT-B-32:openai, "
    "NAME:FILE with local weights, local-dir:FOLDER, or a scorer that an installed package offers (semantify scorers)"
)

New = Callable[..., argparse.ArgumentParser]
"""Called with a verb's name, its help and the parsers that it shares; makes its own."""


def add_line(
    verbs: argparse._SubParsersAction,
    common: argparse.ArgumentParser,
    plain: argparse.ArgumentParser,
    runner: Callable[[str], Callable[[argparse.Namespace], object]],
) -> None:
    """Add the verbs. runner: imports what runs a verb only when it runs."""

    def new(name: str, text: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        parser = verbs.add_parser(name, parents=list(parents), help=text, description=text)
        parser.set_defaults(run=runner(name))
        return parser

    for add in (_add_encode, _add_score, _add_select, _add_train, _add_evaluate, _add_run):
        add(new, common)
    _add_report(new, plain)


def add_clip(parser: argparse.ArgumentParser) -> None:
    """The options of every verb that looks at pictures with a CLIP."""
    parser.add_argument("--clip", default="small", help=CLIP_HELP)
    parser.add_argument("--device", type=device, help=f"what to work on: {DEVICE_HELP}")
    parser.add_argument(
        "--batch", type=whole(1, 65_536), help="pictures encoded at once (default: 512 on CUDA, 32 on CPU)"
    )


def _add_dataset(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", required=True, type=Path, help="folder of a rendered dataset")
    parser.add_argument("--samples", type=whole(1, 10_000_000), help="only the first so many (default: all)")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", help="name or path, when the dataset's own name is not found")


def _add_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--words", nargs="+", default=[], metavar="WORD", help="descriptors, or @FILE with one a line")
    parser.add_argument(
        "--vocabulary", help="body, face-shape, face-expression or animal (default: the model's family)"
    )
    parser.add_argument("--template", nargs="+", default=["{}"], help="prompts around the word; several are averaged")


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", nargs="+", default=[], metavar="WORD", help="words that are never dropped")
    parser.add_argument("--count", type=whole(1, 1000), help="number of descriptors to end with")
    parser.add_argument("--threshold", type=real(0, 1), help="correlation limit (default: the median over all pairs)")
    parser.add_argument(
        "--add-back", choices=("variance", "least correlated"), default="variance", help="order when --count needs more"
    )
    parser.add_argument(
        "--clusters", type=whole(1, 1000), help="number of image clusters (default: best silhouette in 2..10)"
    )
    add_choice_switches(parser)


def add_choice_switches(parser: argparse.ArgumentParser) -> None:
    """Where our selection of words departs from the paper's, or from its authors' code (docs/paper.md)."""
    parser.add_argument("--keep-non-directional", action="store_true", help="keep words like 'average'")
    parser.add_argument(
        "--lexicon",
        choices=("strict", "paper", "off"),
        default="strict",
        help="synonyms and antonyms: never together, or back where --count needs them, or as any words",
    )
    parser.add_argument(
        "--signed-correlation",
        action="store_true",
        help="where the clusters' words are merged, drop only those that rise together, as the authors' code does",
    )
    parser.add_argument(
        "--cluster-views", nargs="+", default=[], metavar="VIEW", help="views to cluster by (default: all there are)"
    )


def add_score_ends(parser: argparse.ArgumentParser) -> None:
    """Ends of the sliders as scores, which --recipe authors has as well."""
    for name, what in (("low", "low end"), ("high", "high end"), ("rest", "rest")):
        parser.add_argument(
            f"--{name}-score", type=real(-1e6, 1e6), help=f"score at a slider's {what}, in place of a percentile"
        )
    parser.add_argument(
        "--score-ends",
        nargs="+",
        type=word_scores,
        metavar="WORD=LOW:HIGH[:REST]",
        help="the same for single words, such as small=0:50:20",
    )


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recipe",
        choices=RECIPE_NAMES,
        default="default",
        help="which numbers to train with: ours (the default), the paper's, or those of its authors' code",
    )
    parser.add_argument("--epochs", type=whole(1, 100_000), help="passes over the samples (default: the recipe's)")
    parser.add_argument(
        "--hidden", nargs="+", type=whole(1, 65_536), metavar="WIDTH", help="hidden layers (default: the recipe's)"
    )
    parser.add_argument("--learning-rate", type=real(0, 1, above=True), help="of Adam (default: the recipe's)")
    parser.add_argument("--cycle", type=real(0, 1000), help="weight of the cycle-consistency term, 0 switches it off")
    parser.add_argument("--hold", type=real(0, 1000), help="weight of resting sliders inside the cycle term")
    parser.add_argument(
        "--rest", type=real(0, 1000), help="weight of staying near rest, for models whose coefficients have ranges"
    )
    parser.add_argument("--bound", type=real(0, 100, above=True), help="largest |coefficient|, standard deviations")
    parser.add_argument("--low", type=real(0, 49), help="percentile of the scores at a slider's low end")
    parser.add_argument("--high", type=real(51, 100), help="percentile of the scores at a slider's high end")
    parser.add_argument(
        "--ends", nargs="+", type=word_ends, metavar="WORD=LOW:HIGH", help="both for single words, such as fat=5:98"
    )
    add_score_ends(parser)


def _add_tensorboard(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="log the training there for TensorBoard")


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=whole(2, 1000), default=21, help="steps of each slider's sweep")
    parser.add_argument(
        "--picture-width", type=whole(64, 16_384), help="pixels of the slider sheet and the influence picture"
    )
    parser.add_argument("--picture-samples", type=whole(1, 65_536), help="render samples per pixel of those pictures")
    parser.add_argument("--blender", help="Blender program (default: $BLENDER, else the bpy wheel)")


def _add_encode(new: New, common: argparse.ArgumentParser) -> None:
    parser = new("encode", "embed a dataset's pictures with CLIP, once", common)
    _add_dataset(parser)
    add_clip(parser)
    add_devices(parser)
    _add_model(parser)


def _add_score(new: New, common: argparse.ArgumentParser) -> None:
    parser = new("score", "score a dataset for words; only text is encoded when embeddings exist", common)
    _add_dataset(parser)
    add_clip(parser)
    _add_words(parser)
    _add_model(parser)
    parser.add_argument("--out", type=Path, help="default: scores.npz in the dataset")


def _add_select(new: New, common: argparse.ArgumentParser) -> None:
    parser = new("select", "choose descriptors among the scored words (paper section 3.3)", common)
    _add_dataset(parser)
    add_clip(parser)
    _add_model(parser)
    parser.add_argument("--scores", type=Path, help="default: scores.npz in the dataset")
    _add_choice(parser)
    parser.add_argument("--seed", type=SEED, default=0, help="same seed, same result")
    parser.add_argument("--out", type=Path, help="default: selection.json in the dataset")


def _add_train(new: New, common: argparse.ArgumentParser) -> None:
    parser = new("train", "train a mapper from scores to coefficients (paper section 3.4)", common)
    _add_dataset(parser)
    parser.add_argument("--scores", type=Path, help="default: scores.npz in the dataset")
    parser.add_argument("--selection", type=Path, help="default: selection.json in the dataset")
    parser.add_argument("--descriptors", nargs="+", metavar="WORD", help="these words instead of a selection")
    _add_recipe(parser)
    parser.add_argument("--seed", type=SEED, help="of training (default: 0)")
    _add_tensorboard(parser)
    parser.add_argument("--compare", action="store_true", help="also train without the cycle term and compare the fit")
    _add_model(parser)
    parser.add_argument("--out", required=True, type=Path, help="NAME.mapper.npz")


def _add_evaluate(new: New, common: argparse.ArgumentParser) -> None:
    parser = new("evaluate", "measure a mapper: fit, coverage, reach, slider fidelity, cross-talk", common)
    add_image_to_shape(parser)
    parser.add_argument("--mapper", required=True, help="name or path")
    parser.add_argument("--dataset", nargs="+", type=Path, help="folder of a rendered dataset")
    add_clip(parser)
    _add_model(parser)
    parser.add_argument("--out", required=True, type=Path, help="folder for figures.json and pictures")
    _add_pictures(parser)
    parser.add_argument("--no-render", action="store_true", help="only what needs no Blender")
    parser.add_argument("--no-save", action="store_true", help="do not write the figures into the mapper")
    parser.add_argument("--selection", type=Path, help="selection.json, to explain the choice of words in the report")
    parser.add_argument("--scores", type=Path, help="scores.npz of all words, for the report's histograms")


def _add_report(new: New, plain: argparse.ArgumentParser) -> None:
    parser = new("report", "write the HTML report of an evaluation again", plain)
    parser.add_argument("--evaluation", required=True, type=Path, help="folder with figures.json")
    parser.add_argument("--dataset", type=Path, help="to show examples of the clusters")
    parser.add_argument("--selection", type=Path, help="selection.json, to explain the choice of words")
    parser.add_argument("--scores", type=Path, help="scores.npz of all words, for histograms")
    parser.add_argument(
        "--mapper", help="name or path of the mapper whose sliders it begins with (default: the one in the folder)"
    )
    parser.add_argument("--model", help="name or path of its model (default: the one the mapper names)")
    parser.add_argument(
        "--with-geometry",
        action="store_true",
        help="show a model whose licence does not let one pass it on: if you may",
    )
    parser.add_argument("--out", type=Path, help="default: report.html in the evaluation's folder")


def _add_run(new: New, common: argparse.ArgumentParser) -> None:
    parser = new("run", "the whole line into one folder; steps already done are skipped", common)
    parser.add_argument("--model", required=True, help="name or path of a morphable model")
    parser.add_argument("--out", required=True, type=Path, help="folder for everything")
    parser.add_argument(
        "--samples", type=whole(1, 10_000_000), default=3000, help="shapes to render, or to use of a larger dataset"
    )
    parser.add_argument("--seed", type=SEED, default=0, help="same seed, same result")
    parser.add_argument("--sampler", choices=SAMPLERS, metavar="SAMPLER", help=SAMPLER_HELP)
    parser.add_argument("--components", type=whole(1, 1000), help="draw only the first so many coefficients")
    parser.add_argument(
        "--k",
        type=real(0, 99, above=True),
        help="limit of the coefficients, standard deviations (4 for face expressions, else 2)",
    )
    parser.add_argument(
        "--views", nargs="+", help="front side back left az:DEGREES (default: the model's own, or front side)"
    )
    parser.add_argument("--size", type=whole(8, 4096), default=DatasetSpec.size, help="pixels")
    parser.add_argument("--engine", choices=ENGINES, default=DatasetSpec.engine, help="what renders")
    parser.add_argument(
        "--engine-samples", type=whole(1, 65_536), default=DatasetSpec.engine_samples, help="samples per pixel"
    )
    parser.add_argument(
        "--look", choices=("plain", "random"), default=DatasetSpec.look, help="clothes, light and backdrop"
    )
    add_clip(parser)
    add_jobs(parser)
    _add_words(parser)
    _add_choice(parser)
    parser.add_argument("--descriptors", nargs="+", metavar="WORD", help="exactly these sliders, no selection")
    _add_recipe(parser)
    _add_pictures(parser)
    parser.add_argument("--name", help="name of the mapper file (default: the model's)")
    _add_tensorboard(parser)
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE.toml",
        help="options from a file, which the command line goes before; every run leaves run.toml in its folder",
    )
