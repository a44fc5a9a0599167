"""What `semantify fitter` and `semantify evaluate --image-to-shape` do with their options.

Imported when such a verb runs: its imports need torch.
"""

import argparse
from typing import Any

from ..training.fitter.image_to_shape import table
from ..training.fitter.measured import PICTURE_SAMPLES, PicturePlan, measure_fits
from ..training.fitter.measured_photographs import SHEET, measure_photographs
from ..training.fitter.photograph_figures import table as photographs_table
from ..training.fitter.step import train_fitters
from .console import Console


def train_fitter(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify fitter`."""
    result = {}
    for trained in train_fitters(
        options.model,
        options.dataset,
        options.out,
        passes=options.passes,
        epochs=options.epochs,
        seed=options.seed,
        clip=options.clip,
        device=options.device,
        batch=options.batch,
        progress=Console(quiet=options.quiet),
    ):
        yaw, pitch = trained.fitter.angle_deviations.tolist()
        shown = {"fitter": str(trained.path), "yaw": yaw, "pitch": pitch, "caution": trained.fitter.caution}
        result[trained.name] = shown
        if not options.json:
            print(f"{trained.path}: yaw within {yaw:.1f}°, pitch within {pitch:.1f}°")
    return result


def evaluate_photographs(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify evaluate --photographs`."""
    figures = measure_photographs(
        options.photographs,
        options.mapper,
        options.out,
        labels=options.labels,
        model=options.model,
        refined=not options.no_refine,
        progress=Console(quiet=options.quiet),
    )
    if not options.json:
        print(photographs_table(figures))
        print(f"{options.out / SHEET}: each photograph, what was found in it, and the fitted outline")
    return figures


def evaluate_image_to_shape(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify evaluate --image-to-shape`."""
    plan = PicturePlan(
        count=options.subjects,
        shapes=options.shapes,
        engines=tuple(options.engines),
        size=options.picture_size,
        samples=options.picture_samples or PICTURE_SAMPLES,
        outfit=options.outfit,
        blender=options.blender,
    )
    figures = measure_fits(
        options.mapper,
        options.dataset,
        options.out,
        plan,
        model=options.model,
        fitter=options.fitter,
        refine=not options.no_refine,
        clip=options.clip,
        device=options.device,
        batch=options.batch,
        progress=Console(quiet=options.quiet),
    )
    if not options.json:
        print(table(figures))
    return figures
