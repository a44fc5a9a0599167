"""`semantify run`: the whole line into one folder. A step is skipped when its inputs are those of the last time."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.dataset import Dataset
from ..core.descriptors import distinct_words
from ..core.errors import SemantifyError
from ..core.families.research_model import licence_line
from ..core.files.writing import make_folder, sha256_of_file
from ..core.library import find, load_model
from ..core.mapper import SUFFIX, Mapper
from ..core.model.morphable_model import MorphableModel
from ..processes.blender import render
from ..processes.requests import DatasetRequest
from . import commands, steps
from .console import Console
from .evaluation.step import FIGURES, INFLUENCE, SHEET, draw_pictures, evaluate, network_key
from .reports.report import write_report
from .reports.result_files import chosen_words, load_figures
from .reports.summary import summary_text
from .scoring.clip import Clip, caution, load_clip
from .scoring.scores import Scores
from .step_memory import StepMemory


def run_line(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Render, encode, score, select, train, evaluate. Returns the figures and where everything is."""
    out: Path = make_folder(options.out)
    state = StepMemory(out, console)
    model_path = find("models", options.model)
    model = load_model(model_path)
    # a CLIP that cannot be had, or words that it does not know, are told before the rendering, not after it
    clip = load_clip(options.clip, options.device, commands.subject(options, model), options.batch)
    words = _words(options, model, clip)
    dataset = _render(options, model_path, out / "dataset", state, console)
    source = steps.open_source(out / "dataset", model_path)
    console.step(f"Encoding with CLIP {clip.name} on {clip.device.type}")
    if doubt := caution(clip.name, str(source.model.metadata.get("family", ""))):
        console.note(doubt)
    if clip.remark:
        console.note(clip.remark)
    embeddings = steps.encode(dataset, clip, console)

    scores_path, selection_path = out / "scores.npz", out / "selection.json"
    key = state.key(dataset.checksum, clip.checksum, words, options.template)
    if not state.fresh("score", key, scores_path):
        console.step(f"Scoring {len(words)} words")
        steps.score(dataset, clip, words, console, options.template).save(scores_path)
        state.finish("score", key, scores_path)
    scores = Scores.load(scores_path)

    choice = commands.selection_options(options)
    if options.descriptors:  # nothing to choose, but the report still shows clusters, votes and correlations
        exactly = commands.named_once(options.descriptors, console)
        choice = replace(choice, preset=exactly, count=len(exactly))
    key = state.key(sha256_of_file(scores_path), choice)
    if not state.fresh("select", key, selection_path):
        console.step("Selecting descriptors")
        selection = steps.select(dataset, embeddings, scores, choice)
        steps.save_selection(selection, selection_path)
        state.finish("select", key, selection_path)
    descriptors = chosen_words(selection_path)
    console.note(f"sliders: {', '.join(descriptors)}")

    recipe = commands.recipe_of(options, source.model)
    mapper_path = out / f"{options.name or source.model.name}{SUFFIX}"
    key = state.key(sha256_of_file(scores_path), descriptors, recipe)
    if not state.fresh("train", key, mapper_path):
        console.step("Training the mapper")
        steps.train(source, scores, descriptors, recipe, console, compare=True).save(mapper_path)
        state.finish("train", key, mapper_path)
        state.forget("evaluate")  # which writes its figures into the mapper too

    key = state.key(network_key(Mapper.load(mapper_path)), dataset.checksum, clip.checksum, options.steps)
    if not state.fresh("evaluate", key, out / FIGURES):
        evaluate(mapper_path, source, clip, out, console, True, options.steps, options.blender)
        state.finish("evaluate", key, out / FIGURES)
    failures = _draw(options, mapper_path, source, state, console)
    figures = load_figures(out / FIGURES)
    report = write_report(out, dataset, selection_path, scores_path)
    places = {"mapper": mapper_path, "slider sheet": out / SHEET, "influence": out / INFLUENCE, "report": report}
    shown = {name: str(path) for name, path in places.items() if path.exists()}
    if not options.json:
        print(summary_text(figures))
        print("\n".join(f"{name + ':':13} {path}" for name, path in shown.items()))
        if line := licence_line(source.model, mapper_path.name):
            print(line)
    if failures:
        raise SemantifyError(f"{'; '.join(failures)}; all else is in {out}: run the same command again")
    return {"figures": figures, "files": shown}


def _words(options: argparse.Namespace, model: MorphableModel, clip: Clip) -> tuple[str, ...]:
    """All words to score: those to choose from, and those that the user wants as sliders.

    Raises SemantifyError when nothing gives a word, and for words that the CLIP does not know.
    """
    tried: tuple[str, ...] = ()
    try:
        tried = commands.words_of(options, model, clip)
    except SemantifyError:
        # a model of no known family has no words of its own; then the descriptors are all there is
        if options.words or options.vocabulary or not options.descriptors:
            raise
    words = distinct_words([*tried, *options.preset, *(options.descriptors or ())])
    clip.check_words(words)
    return words


def _draw(
    options: argparse.Namespace, mapper_path: Path, source: steps.Source, state: StepMemory, console: Console
) -> list[str]:
    """The pictures of the mapper, where they are not there yet. Returns a sentence for each that could not be made."""
    wanted = commands.picture_options(options)
    # as the rendering verbs take them, which is how folders that are finished have it in their keys
    words = [word for name, value in wanted.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    key = state.key(network_key(Mapper.load(mapper_path)), source.model.checksum, words)
    if state.fresh("pictures", key, options.out / SHEET, options.out / INFLUENCE):
        return []
    failures = draw_pictures(mapper_path, source, options.out, console, options.blender, **wanted)
    if not failures:
        state.finish("pictures", key, options.out / SHEET, options.out / INFLUENCE)
    return failures


def _render(
    options: argparse.Namespace, model_path: Path, folder: Path, state: StepMemory, console: Console
) -> Dataset:
    """Render the dataset, or what is missing of it."""
    names = ("samples", "seed", "sampler", "k", "views", "size", "engine", "engine_samples", "look")
    given = {name: getattr(options, name) for name in names}
    values = {name: value for name, value in given.items() if value is not None}
    model = load_model(model_path)
    key = state.key(model.checksum, values)
    if state.fresh("render", key):
        try:
            dataset = Dataset.open(folder)
            _ = dataset.checksum
            return dataset
        except SemantifyError as error:
            console.note(f"the dataset is not whole any more ({error})")
    console.step(f"Rendering {options.samples} shapes of {model.name}")
    if "views" in values:
        values["views"] = tuple(values["views"])
    request = DatasetRequest(str(model_path), folder, **values)
    render(request, options.blender, console.images, console.note)
    state.finish("render", key)
    return Dataset.open(folder)
