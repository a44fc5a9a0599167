"""What each verb of the `semantify` command does with its options; the work itself is in `steps`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.clip_names import SMALL
from ..core.descriptors import subject_of, vocabulary_for
from ..core.errors import SemantifyError
from ..core.families.research_model import licence_line
from ..core.files.word_files import read_word_file
from ..core.files.writing import check_writable
from ..core.library import find
from ..core.mapper import SUFFIX, Mapper
from ..core.model.morphable_model import MorphableModel
from . import steps
from .console import Console
from .evaluation.step import FIGURES, draw_pictures
from .evaluation.step import evaluate as evaluate_mapper
from .mapper.recipe import Recipe, recipe_named
from .reports.report import write_report
from .reports.result_files import chosen_words
from .reports.summary import summary_text
from .run import run_line
from .scoring.clip import SMALL_NAMES, Clip, caution, load_clip
from .scoring.scores import Scores, clean_words
from .selection.selection import Options, Selection
from .steps import open_source


def encode(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify encode`."""
    console, clip = _start(options)
    embeddings = steps.encode(steps.Dataset.open(options.dataset), clip, console)
    return {"clip": clip.name, "shape": list(embeddings.values.shape)}


def score(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify score`."""
    console, clip = _start(options)
    source = open_source(options.dataset, options.model)
    words = words_of(options, source.model, clip)
    if doubt := caution(clip.name, str(source.model.metadata.get("family", ""))):
        console.note(doubt)
    path = options.out or options.dataset / "scores.npz"
    check_writable(path)
    scores = steps.score(source.dataset, clip, words, console, options.template)
    scores.save(path)
    _say(options, f"{path}: {len(scores.words)} words, {len(scores.values)} samples")
    return {"scores": str(path), "words": list(scores.words)}


def select(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify select`."""
    console, clip = _start(options)
    dataset = steps.Dataset.open(options.dataset)
    scores = Scores.load(options.scores or options.dataset / "scores.npz")
    path = options.out or options.dataset / "selection.json"
    check_writable(path)
    embeddings = steps.encode(dataset, clip, console)
    selection = steps.select(dataset, embeddings, scores, selection_options(options))
    steps.save_selection(selection, path)
    _say(options, explanation(selection))
    return {"selection": str(path), **selection.to_json()}


def train(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify train`."""
    console = Console(quiet=options.quiet)
    source = open_source(options.dataset, options.model)
    scores = Scores.load(options.scores or options.dataset / "scores.npz")
    if options.descriptors:
        words = named_once(options.descriptors, console)
    else:
        words = chosen_words(options.selection or options.dataset / "selection.json")
    path = mapper_path(options.out)
    check_writable(path)
    mapper = steps.train(source, scores, words, recipe_of(options, source.model), console, options.compare)
    mapper.save(path)
    fit = mapper.figures["fit"]
    _say(options, f"{path}: {', '.join(words)}; validation MSE {fit['relative_mse']:.3f} of the variance")
    if line := licence_line(source.model, path.name):
        _say(options, line)
    return {"mapper": str(path), "descriptors": list(words), "figures": mapper.figures}


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify evaluate`."""
    if options.image_to_shape:
        from .picture_commands import evaluate_image_to_shape

        return evaluate_image_to_shape(options)
    if len(options.dataset) > 1:
        raise SemantifyError("--dataset names several folders: a mapper is evaluated on one")
    options.dataset = options.dataset[0]
    path = find("mappers", options.mapper)
    source = open_source(options.dataset, options.model)
    check_writable(options.out / FIGURES)
    console, clip = _start(options, trained_with=Mapper.load(path))
    figures = evaluate_mapper(
        path,
        source,
        clip,
        options.out,
        console,
        rendered=not options.no_render,
        steps=options.steps,
        blender=options.blender,
        save=not options.no_save,
    )
    failures = []
    if not options.no_render:
        failures = draw_pictures(path, source, options.out, console, options.blender, **picture_options(options))
    report = write_report(options.out, source.dataset, options.selection, options.scores)
    _say(options, f"{summary_text(figures)}\nreport: {report}")
    if failures:
        raise SemantifyError(f"{'; '.join(failures)}; the figures and the report are in {options.out}")
    return figures


def report(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify report`."""
    dataset = steps.Dataset.open(options.dataset) if options.dataset else None
    path = write_report(options.evaluation, dataset, options.selection, options.scores, options.out)
    _say(options, str(path))
    return {"report": str(path)}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify run`."""
    return run_line(options, Console(quiet=options.quiet))


def words_of(options: argparse.Namespace, model: MorphableModel, clip: Clip) -> tuple[str, ...]:
    """The words to score: --words (with @FILE), else --vocabulary, else the model family's."""
    words: list[str] = []
    for word in options.words:
        words += read_word_file(word[1:]) if word.startswith("@") else [word]
    if options.words:
        return clean_words(words)
    return vocabulary_for(options.vocabulary) if options.vocabulary else steps.default_words(model, clip)


def named_once(words: Sequence[str], console: Console) -> tuple[str, ...]:
    """Descriptors, each once, and a note on those that differ from another by capitals or spaces only."""
    kept = clean_words(words)
    if again := len(words) - len(kept):
        console.note(f"{again} of the {len(words)} descriptors repeat another (capitals and spaces make no difference)")
    return kept


def selection_options(options: argparse.Namespace) -> Options:
    """The options of paper section 3.3."""
    return Options(
        threshold=options.threshold,
        preset=tuple(options.preset),
        count=options.count,
        add_back=options.add_back,
        keep_non_directional=options.keep_non_directional,
        clusters=options.clusters,
        seed=options.seed,
    )


def recipe_of(options: argparse.Namespace, model: MorphableModel) -> Recipe:
    """The training recipe with what the command line changes.

    Raises SemantifyError for an option that means nothing to this kind of model.
    """
    for name, wants_ranges in (("rest", True), ("bound", False)):
        if getattr(options, name) is not None and wants_ranges != (model.ranges is not None):
            has = "has no ranges" if wants_ranges else "has a range for each, which hold"
            raise SemantifyError(f"--{name} cannot be used here: {model.name!r} {has}; leave it out")
    names = ("epochs", "learning_rate", "cycle", "hold", "bound", "low", "high", "seed")
    return recipe_named(options.recipe, quiet=options.rest, **{name: getattr(options, name) for name in names})


def picture_options(options: argparse.Namespace) -> dict[str, int]:
    """What the command line says on the slider sheet and the influence picture, as `draw_pictures` takes it."""
    given = {"width": options.picture_width, "engine_samples": options.picture_samples}
    return {name: value for name, value in given.items() if value is not None}


def mapper_path(path: Path) -> Path:
    """The path with the mapper's suffix."""
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name.removesuffix(".npz") + SUFFIX)


def explanation(selection: Selection) -> str:
    """A table of all words: taken or not, and why."""
    width = max(map(len, selection.words))
    order = sorted(selection.decisions, key=lambda d: (not d.taken, -d.variance))
    lines = [f"{'+' if d.taken else '-'} {d.word:{width}}  {d.reason}: {d.text}" for d in order]
    return "\n".join([*lines, f"chosen: {', '.join(selection.chosen)}", *([selection.note] if selection.note else [])])


def subject(options: argparse.Namespace, model: MorphableModel) -> str:
    """Which of the small CLIPs suits: by --vocabulary where that is given, else by the model's family."""
    return subject_of(getattr(options, "vocabulary", None) or str(model.metadata.get("family", "")))


def _start(options: argparse.Namespace, trained_with: Mapper | None = None) -> tuple[Console, Clip]:
    spec, about = options.clip, "body"
    if spec == SMALL:
        if trained_with and trained_with.provenance.get("clip") in SMALL_NAMES.values():
            spec = trained_with.provenance["clip"]
        else:
            about = subject(options, open_source(options.dataset, options.model).model)
    console, clip = Console(quiet=options.quiet), load_clip(spec, options.device, about, options.batch)
    if clip.remark:
        console.note(clip.remark)
    return console, clip


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.json:
        print(text)
