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
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from semantify_blender.core.fitting.fitter import SUFFIX, Fitter
from semantify_blender.core.fitting.sizes import REFINED
from semantify_blender.core.library import find, load_mapper, load_model
from semantify_blender.training.fitter.measured import shapes_and_truth
from semantify_blender.training.fitter.picture_encoder import load_picture_encoder
from semantify_blender.training.fitter.spread import measure_spread
from semantify_blender.training.fitter.unseen_pictures import BEHIND, pictured_shapes
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
    parser.add_argument("--refined", type=int, default=10**6, help="subjects that are also found and refined: slow")
    parser.add_argument("--refined-as", help="a fitter that refined fits are about as far off as: instead of --refined")
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
    count = 0 if options.refined_as else options.refined
    found = measure_spread(model, mapper, fitter, encoder, subjects, truth, Teller(print), count)
    if options.refined_as:
        found[REFINED] = Fitter.load(find("fitters", options.refined_as)).spread[REFINED]
    path = options.out / f"{options.fitter or options.name}{SUFFIX}"
    replace(fitter, spread=found).save(path)
    print(json.dumps({"fitter": str(path), "subjects": len(subjects), "spread": found}))


if __name__ == "__main__":
    main()
