"""What the training verbs of `semantify` do with their options: plain functions of training, and results for people.

Imported when such a verb runs: its imports need torch.
"""

import argparse
from pathlib import Path
from typing import Any

from ..core.dataset import Dataset
from ..core.dataset_spec import DatasetSpec
from ..core.errors import SemantifyError
from ..core.families.research_model import licence_line
from ..core.library import load_mapper, load_model
from ..core.mapper import SUFFIX
from ..core.model.morphable_model import MorphableModel
from ..training import verbs
from ..training.evaluation.verdict import verdict
from ..training.line import Line
from ..training.mapper.recipe import Recipe, recipe_for
from ..training.reports.report import write_report
from ..training.reports.summary import summary_text
from ..training.reports.viewer import Tried
from ..training.result import PicturesMissing, Result
from ..training.selection.selection import Selection, SelectionOptions
from ..training.steps import open_source
from .config_file import keep_config
from .console import Console


def encode(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify encode`."""
    embeddings = verbs.encode(_dataset(options), devices=options.devices, **_clip(options))
    return {"clip": embeddings.clip, "shape": list(embeddings.values.shape)}


def score(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify score`."""
    path = options.out or options.dataset / verbs.SCORES
    scores = verbs.score_words(
        _dataset(options),
        options.words,
        vocabulary=options.vocabulary,
        templates=options.template,
        out=path,
        **_clip(options),
    )
    _say(options, f"{path}: {len(scores.words)} words, {len(scores.values)} samples")
    return {"scores": str(path), "words": list(scores.words)}


def select(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify select`."""
    path = options.out or options.dataset / verbs.SELECTION
    choice = _choice(options)
    selection = verbs.select_descriptors(_dataset(options), options.scores, choice, out=path, **_clip(options))
    _say(options, _explanation(selection))
    return {"selection": str(path), **selection.to_json()}


def train(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify train`."""
    source = open_source(_dataset(options), options.model)
    path = mapper_path(options.out)
    mapper = verbs.fit_mapper(
        source.dataset,
        options.scores,
        options.descriptors or options.selection,
        model=options.model,
        recipe=recipe_of(options, source.model),
        compare=options.compare,
        out=path,
        tensorboard=options.tensorboard,
        progress=Console(quiet=options.quiet),
    )
    fit = mapper.figures["fit"]
    _say(options, f"{path}: {', '.join(mapper.descriptors)}; validation MSE {fit['relative_mse']:.3f} of the variance")
    if said := verdict({"fit": fit, "descriptors": mapper.descriptors}):
        _say(options, said)
    if line := licence_line(source.model, path.name):
        _say(options, line)
    return {"mapper": str(path), "descriptors": list(mapper.descriptors), "figures": mapper.figures}


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify evaluate`."""
    if options.photographs is not None:
        from .picture_verbs import evaluate_photographs

        return evaluate_photographs(options)
    if not options.dataset:
        raise SemantifyError("--dataset is missing: name the folder of a rendered dataset")
    if options.image_to_shape:
        from .picture_verbs import evaluate_image_to_shape

        return evaluate_image_to_shape(options)
    if len(options.dataset) > 1:
        raise SemantifyError("--dataset names several folders: a mapper is evaluated on one")
    try:
        result = verbs.evaluate(
            options.mapper,
            options.dataset[0],
            options.out,
            rendered=not options.no_render,
            sweep_steps=options.steps,
            picture_width=options.picture_width,
            picture_samples=options.picture_samples,
            blender=options.blender,
            save=not options.no_save,
            selection=options.selection,
            scores=options.scores,
            **_clip(options),
        )
    except PicturesMissing as error:
        _say_evaluated(options, error.result)
        raise
    _say_evaluated(options, result)
    return result.figures


def report(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify report`."""
    dataset = Dataset.open(options.dataset) if options.dataset else None
    tried = None
    if options.mapper:
        tried = Tried.of(load_mapper(options.mapper), options.model, options.with_geometry)
    path = write_report(options.evaluation, dataset, options.selection, options.scores, options.out, tried)
    _say(options, str(path))
    return {"report": str(path)}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify run`."""
    model = load_model(options.model)
    line = Line(
        options.model,
        options.out,
        DatasetSpec.of(
            model,
            samples=options.samples,
            seed=options.seed,
            sampler=options.sampler,
            k=options.k,
            components=options.components,
            views=options.views,
            size=options.size,
            engine=options.engine,
            engine_samples=options.engine_samples,
            look=options.look,
        ),
        words=options.words,
        vocabulary=options.vocabulary,
        templates=options.template,
        selection=_choice(options),
        descriptors=options.descriptors,
        recipe=recipe_of(options, model),
        clip=options.clip,
        device=options.device,
        jobs=options.jobs,
        devices=options.devices,
        batch=options.batch,
        sweep_steps=options.steps,
        picture_width=options.picture_width,
        picture_samples=options.picture_samples,
        blender=options.blender,
        name=options.name,
        tensorboard=options.tensorboard,
    )
    keep_config(options)
    try:
        result = line.run(Console(quiet=options.quiet))
    except PicturesMissing as error:
        _say_made(options, error.result)
        raise
    _say_made(options, result)
    return {"figures": result.figures, "files": {name: str(path) for name, path in result.files.items()}}


def recipe_of(options: argparse.Namespace, model: MorphableModel) -> Recipe:
    """The training recipe with what the command line changes.

    Raises SemantifyError for an option that means nothing to this kind of model.
    """
    return recipe_for(
        model,
        options.recipe,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        cycle=options.cycle,
        hold=options.hold,
        rest=options.rest,
        bound=options.bound,
        low=options.low,
        high=options.high,
        ends=options.ends and tuple(options.ends),
        hidden=options.hidden and tuple(options.hidden),
        **score_ends(options),
        seed=options.seed,
    )


def choice_switches(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of SelectionOptions that `add_choice_switches` asks for."""
    return {
        "keep_non_directional": options.keep_non_directional,
        "lexicon": options.lexicon,
        "signed_correlation": options.signed_correlation,
        "cluster_views": tuple(options.cluster_views),
    }


def score_ends(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of Recipe that `add_score_ends` asks for."""
    return {
        "low_score": options.low_score,
        "high_score": options.high_score,
        "rest_score": options.rest_score,
        "score_ends": options.score_ends and tuple(options.score_ends),
    }


def mapper_path(path: Path) -> Path:
    """The path with the mapper's suffix."""
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name.removesuffix(".npz") + SUFFIX)


def _dataset(options: argparse.Namespace) -> Dataset:
    """The dataset, or so many of its samples."""
    return Dataset.open(options.dataset, options.samples)


def _clip(options: argparse.Namespace) -> dict[str, Any]:
    """The keywords of the verbs that look at a dataset with a CLIP."""
    return {
        "model": options.model,
        "clip": options.clip,
        "device": options.device,
        "batch": options.batch,
        "progress": Console(quiet=options.quiet),
    }


def _choice(options: argparse.Namespace) -> SelectionOptions:
    """The options of paper section 3.3."""
    return SelectionOptions(
        threshold=options.threshold,
        preset=tuple(options.preset),
        count=options.count,
        add_back=options.add_back,
        clusters=options.clusters,
        seed=options.seed,
        **choice_switches(options),
    )


def _explanation(selection: Selection) -> str:
    """A table of all words: taken or not, and why."""
    width = max(map(len, selection.words))
    order = sorted(selection.decisions, key=lambda d: (not d.taken, -d.variance))
    lines = [f"{'+' if d.taken else '-'} {d.word:{width}}  {d.reason}: {d.text}" for d in order]
    return "\n".join([*lines, f"chosen: {', '.join(selection.chosen)}", *([selection.note] if selection.note else [])])


def _say_evaluated(options: argparse.Namespace, result: Result) -> None:
    _say(options, f"{summary_text(result.figures)}\nreport: {result.files['report']}")


def _say_made(options: argparse.Namespace, result: Result) -> None:
    _say(options, summary_text(result.figures))
    _say(options, "\n".join(f"{name + ':':13} {path}" for name, path in result.files.items()))
    if line := licence_line(result.model, result.files["mapper"].name):
        _say(options, line)


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.json:
        print(text)
