"""Measure how far height, weight and girths of fits are off, and keep it in the fitters: the ± of panel and sheet.

    python scripts/small_clip/measure_spread.py anny-body-neutral --shapes data/spread.shapes.npy \
        --rendered data/spread --out semantify_blender/data/fitters

The renders are of shapes that training never saw, in look unseen with two views, made by

    python scripts/anny/sample_figures.py body data/spread --count 120 --seed 71 --truth
    semantify render --model anny-body-neutral --shapes data/spread.shapes.npy --look unseen --seed 90500 \
        --views front side --size 256 --engine-samples 4 --out data/spread

A fitter of your own: --mapper, --model, --fitter name its files. The network stays as it is. Prints what it keeps.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from semantify_blender.core.fitting.fitter import SUFFIX, Fitter
from semantify_blender.core.fitting.sizes import PHOTOGRAPHED, REFINED
from semantify_blender.core.library import find, load_mapper, load_model
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.training.fitter.measured import shapes_and_truth
from semantify_blender.training.fitter.picture_encoder import PictureEncoder, load_picture_encoder
from semantify_blender.training.fitter.spread import Errors, measure_spread
from semantify_blender.training.fitter.unseen_pictures import BEHIND, PicturedShape, pictured_shapes
from semantify_blender.training.telling import Teller


def main() -> None:
    """Fit everything, fit two numbers a measurement, write the fitter again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of mapper, model and fitter, where they have one")
    parser.add_argument("--mapper")
    parser.add_argument("--model")
    parser.add_argument("--fitter")
    parser.add_argument("--clip", default="small")
    parser.add_argument("--shapes", type=Path, required=True)
    parser.add_argument("--rendered", type=Path, nargs="+", required=True)
    parser.add_argument("--behind", nargs="+", choices=BEHIND, default=list(BEHIND))
    parser.add_argument("--count", type=int, default=10**6)
    parser.add_argument("--slow", type=int, default=10**6, help="subjects that a finder looks at, and that are refined")
    parser.add_argument("--outlined-as", help="a fitter whose outlined fits are about as far off, instead of --slow")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="folder for the fitter's file")
    options = parser.parse_args()
    model, mapper = load_model(options.model or options.name), load_mapper(options.mapper or options.name)
    file = find("fitters", options.fitter or options.name)
    fitter, encoder = Fitter.load(file), load_picture_encoder(options.clip, model)
    fitter.check(model, encoder)
    _, truth = shapes_and_truth(options.shapes, model, options.count)
    # of a variant's other sex there is no truth
    subjects = [
        one
        for one in pictured_shapes(options.rendered, options.behind)
        if one.number < len(truth) and np.isfinite(truth[one.number]).all()
    ]
    parts = [subjects[i :: options.processes] for i in range(options.processes)]
    count = 0 if options.outlined_as else -(-options.slow // options.processes)
    errors: dict[str, Errors] = {}
    with ProcessPoolExecutor(options.processes, get_context("fork")) as pool:
        for each in pool.map(partial(_part, model, mapper, fitter, encoder, truth, count), parts):
            for kind, part in each.items():
                errors.setdefault(kind, Errors()).join(part)
    found = {kind: one.spread() for kind, one in errors.items()}
    if options.outlined_as:
        other = Fitter.load(find("fitters", options.outlined_as)).spread
        found |= {kind: other[kind] for kind in (REFINED, PHOTOGRAPHED)}
    path = options.out / f"{options.fitter or options.name}{SUFFIX}"
    replace(fitter, spread=found).save(path)
    print(json.dumps({"fitter": str(path), "subjects": len(subjects), "spread": found}))


def _part(
    model: MorphableModel,
    mapper: Mapper,
    fitter: Fitter,
    encoder: PictureEncoder,
    truth: np.ndarray,
    slow: int,
    subjects: Sequence[PicturedShape],
) -> dict[str, Errors]:
    return measure_spread(model, mapper, fitter, encoder, subjects, truth, Teller(print), slow)


if __name__ == "__main__":
    main()
