"""What `semantify table1`, `ablate` and `study` do with their options.

Imported when such a verb runs: its imports need torch.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.errors import SemantifyError
from ..core.library import available, find, load_mapper, load_model
from ..training.experiments.ablation import Grid, run_ablation
from ..training.experiments.experiments import keep, load_shapes, tables_text
from ..training.experiments.reseeded import retrained
from ..training.experiments.study import run_study
from ..training.experiments.table1 import run_table1
from ..training.experiments.workplace import Sources, Workplace, models_named
from ..training.mapper.recipe import recipe_named
from ..training.selection.selection import SelectionOptions
from ..training.telling import Teller
from .console import Console
from .training_verbs import choice_switches, score_ends


def table1(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify table1`."""
    place = _place(options)
    models = models_named(options.model, options.only)
    place.check_given([load_model(path).name for path in models])
    counts = sorted(set(options.counts))
    recipes = {name: recipe_named(name, seed=options.seed, **score_ends(options)) for name in options.recipes}
    choice = SelectionOptions(seed=options.seed, **choice_switches(options))
    return _finish("table1", run_table1(place, models, options.samples, counts, recipes, choice), options)


def ablate(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify ablate`."""
    grid = Grid(
        counts=tuple(sorted(set(options.counts))),
        sizes=tuple(sorted(set(options.sizes))),
        seeds=tuple(dict.fromkeys(options.seeds)),
        descriptors=options.descriptors,
        samples=options.samples,
        targets=options.targets,
    )
    place = _place(options)
    (model,) = models_named([], [options.model])
    place.check_given([load_model(model).name])
    choice = SelectionOptions(seed=options.seed, **choice_switches(options))
    return _finish("ablate", run_ablation(place, model, grid, choice), options)


def study(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify study`."""
    mappers = options.mapper or list(available("mappers"))
    pairs = _named_files(options.shapes, "--shapes", "anny-body-neutral=shapes.npy")
    shapes = {name: load_shapes(path) for name, path in pairs.items()}
    place = _study_place(options)
    for name in place.sources.given:
        if name not in mappers:
            raise SemantifyError(f"--data {name}=…: that mapper is not in the study; name it in --mapper too")
    seeds = list(dict.fromkeys(options.training_seeds))
    again = {name: retrained(place, load_mapper(name), folder, seeds) for name, folder in place.sources.given.items()}
    result = run_study(
        mappers, options.model, place.teller, options.targets, options.moves, options.noticeable, options.seed, shapes,
        options.raw_ends, again,
    )  # fmt: skip
    return _finish("study", result, options)


def _named_files(pairs: Sequence[str], option: str, example: str) -> dict[str, Path]:
    """NAME=PATH options. Raises SemantifyError, with the example, for one that is no such pair."""
    found: dict[str, Path] = {}
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not (name and equals and path):
            raise SemantifyError(f"{option} {pair!r}: give NAME=PATH, for example {example}")
        found[name] = Path(path)
    return found


def _study_place(options: argparse.Namespace) -> Workplace:
    sources = Sources(
        given=_named_files(options.data, "--data", "anny-body-neutral=data/neutral"),
        clip=options.clip,
        device=options.device,
        batch=options.batch,
        models={load_model(name).checksum: find("models", name) for name in options.model},
    )
    return Workplace(options.out, sources, Teller(Console(quiet=options.quiet)))


def _place(options: argparse.Namespace) -> Workplace:
    sources = Sources(
        given=_named_files(options.data, "--data", "anny-body-neutral=data/neutral"),
        size=options.size,
        engine_samples=options.engine_samples,
        k=options.k,
        seed=options.seed,
        blender=options.blender,
        clip=options.clip,
        device=options.device,
        batch=options.batch,
    )
    return Workplace(options.out, sources, Teller(Console(quiet=options.quiet)))


def _finish(name: str, result: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    report = keep(name, result, options.out, options.command)
    if not options.json:
        print(tables_text(name, result))
        print(f"report: {report}")
    return result
