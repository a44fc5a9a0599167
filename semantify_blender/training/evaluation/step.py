"""`semantify evaluate`: every figure of a mapper, the pictures, and the report, into one folder."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core.errors import SemantifyError
from ...core.files.writing import write_json
from ...core.influence import influence
from ...core.mapper import Mapper
from ...processes.blender import render
from ...processes.requests import InfluenceRequest, SheetRequest
from ...processes.seats import Seat
from ..made import made
from ..scoring.clip import Clip
from ..scoring.scores import score_words
from ..steps import Source, encode, held_out_rows, sampled_coefficients
from ..telling import Teller
from .bodies import body_figures
from .quality import coverage, extremes, fit_figures, moved_figures, reach_figures
from .sweeps import STEPS, attribute_figures, render_sweeps, slider_figures
from .verdict import verdict

FIGURES = "figures.json"
SHEET, INFLUENCE, SWEEPS = "slider_sheet.png", "influence.png", "sweeps"


def evaluate(
    mapper_path: str | Path,
    source: Source,
    clip: Clip,
    out: str | Path,
    teller: Teller,
    rendered: bool = True,
    steps: int = STEPS,
    blender: str | None = None,
    save: bool = True,
    device: str | None = None,
) -> dict[str, Any]:
    """Evaluate a mapper and write `figures.json`; `draw_pictures` does the rest.

    rendered False leaves out what needs Blender: slider fidelity, cross-talk. save: put the main figures into the
    mapper's file. device: of Blender, as in `render`.
    Raises SemantifyError when mapper, model and CLIP do not belong together.
    """
    mapper = Mapper.load(mapper_path)
    mapper.check_model(source.model)
    trained_with = mapper.provenance.get("clip_checksum")
    if trained_with and trained_with != clip.checksum:
        raise SemantifyError(
            f"{mapper_path}: was trained with CLIP {mapper.provenance.get('clip')!r} but --clip gives {clip.name!r}; "
            "scores of different models cannot be compared, give the same one"
        )
    out = Path(out)
    templates = tuple(mapper.provenance.get("templates", ("{}",)))
    teller.step("Fit, coverage, reach")
    scores = score_words(clip, encode(source.dataset, clip, teller), mapper.descriptors, templates)
    coefficients = sampled_coefficients(source)
    held_out = held_out_rows(mapper, source.dataset)
    trained = mapper.figures.get("fit", {})
    kept = {key: trained[key] for key in ("surrogate_r2", "cycle_over_plain_mse") if key in trained}
    figures: dict[str, Any] = {
        "descriptors": list(mapper.descriptors),
        "model": source.model.name,
        "clip": clip.name,
        "samples": source.dataset.spec.samples,
        "fit": {**fit_figures(mapper, source.model, scores.values[held_out], coefficients[held_out]), **kept},
        "coverage": {**coverage(influence(mapper, source.model)), **moved_figures(mapper, source.model)},
        "reach": reach_figures(mapper, source.model),
        "extremes": extremes(mapper),
        "attributes": attribute_figures(mapper, source.model, coefficients),
        "body": body_figures(mapper, source.model),
        "ranges": {key: getattr(mapper, key).tolist() for key in ("low", "default", "high")},
    }
    if rendered:
        teller.step(f"Sweeping {len(mapper.descriptors)} sliders in {steps} steps, rendered and scored again")
        # another mapper, or another number of steps, gets another folder: a resumed run never mixes pictures
        folder = out / SWEEPS / f"{network_key(mapper)[:12]}-{steps}"
        swept = render_sweeps(
            mapper, source.model_path, source.dataset.spec, clip, folder, templates, steps, blender, teller.images,
            teller.note, device,
        )  # fmt: skip
        figures["sliders"] = {**slider_figures(mapper, swept), "asked": swept.asked.tolist(), "got": swept.got.tolist()}
    figures |= {"verdict": verdict(figures), "made": made()}
    write_json(out / FIGURES, figures)
    if save:
        replace(mapper, figures=summary(figures)).save(mapper_path)
    return figures


def draw_pictures(
    mapper_path: str | Path,
    source: Source,
    out: Path,
    teller: Teller,
    blender: str | None = None,
    width: int = InfluenceRequest.width,
    engine_samples: int = InfluenceRequest.engine_samples,
    device: str | None = None,
) -> list[str]:
    """Slider sheet and influence pictures by the rendering child, in place of those that are there.

    width: pixels. engine_samples: per pixel. device: of Blender, as in `render`.
    Returns a sentence for each that could not be made, so that the caller can finish its report without it before it
    fails.
    """
    failures = []
    for kind, name, step in (
        (SheetRequest, SHEET, "Slider sheet"),
        (InfluenceRequest, INFLUENCE, "Influence of each descriptor"),
    ):
        teller.step(step)
        request = kind(str(mapper_path), out / name, str(source.model_path), width, engine_samples)
        # one of another mapper must not stand for it
        request.out.unlink(missing_ok=True)
        try:
            render(request, blender, teller.images, teller.note, Seat.on(device))
        except SemantifyError as error:
            failures.append(f"no {name} could be made: {error}")
    return failures


def summary(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures worth keeping inside the mapper's file: no curves, no matrices."""
    kept: dict[str, Any] = {
        "fit": figures["fit"],
        "coverage": figures["coverage"]["coverage"],
        "overlap": figures["coverage"]["overlap"],
        "reach": figures["reach"],
        "extremes": figures["extremes"],
        "attributes": figures["attributes"],
        "body": figures["body"],
    }
    if "sliders" in figures:
        names = ("steps", "rho", "reach", "cross_talk_mean", "cross_talk_max", "largest_coefficient")
        kept["sliders"] = {name: figures["sliders"][name] for name in names}
    return kept


def network_key(mapper: Mapper) -> str:
    """Hex SHA-256 of the network and the slider ranges: unchanged by the figures that evaluation adds to the file."""
    digest = hashlib.sha256()
    for array in (*(part for layer in mapper.layers for part in layer), mapper.low, mapper.default, mapper.high):
        digest.update(array.tobytes())
    return digest.hexdigest()
