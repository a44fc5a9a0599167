"""Coverage and overlap for several numbers of descriptors on every model: the paper's Table 1 (section 5.1)."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...core.errors import SemantifyError
from ...core.influence import THRESHOLD, influence
from ...core.library import available
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ..evaluation.quality import coverage, moved_figures
from ..mapper.recipe import Recipe
from ..reports.charts import Curve, Panel, line_panels
from ..reports.tables import Table
from ..selection.selection import SelectionOptions
from .paper_table1 import OWN, PAPER, PAPER_SAYS
from .samples import Samples
from .workplace import Workplace


def run_table1(
    place: Workplace,
    models: Sequence[Path],
    samples: int,
    counts: Sequence[int],
    recipes: dict[str, Recipe],
    choice: SelectionOptions,
) -> dict[str, Any]:
    """Measure every model. A model that cannot be scored is told in `skipped`, with the reason; the others go on.

    samples: shapes to train with, at least. counts: numbers of descriptors besides the algorithm's own choice.
    recipes: by their names. choice: how descriptors are selected, but for their count.
    Returns plain JSON values: settings, records, shipped (the mappers that can be named), skipped.
    Raises SemantifyError when no model could be measured.
    """
    records: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    for path in models:
        try:
            scored = place.samples(path, samples).first(samples)
            records += measure_model(place, scored, counts, recipes, choice)
        except SemantifyError as error:
            name = path.name.split(".")[0]
            place.teller.note(f"{name} is left out: {error}")
            skipped.append({"model": name, "reason": str(error)})
    shipped = shipped_mappers(models)
    if not records:
        reasons = "; ".join(f"{entry['model']}: {entry['reason']}" for entry in skipped)
        raise SemantifyError(f"no model could be measured: {reasons or 'none was given'}")
    settings = {
        "samples": samples,
        "counts": list(counts),
        "recipes": list(recipes),
        "seed": choice.seed,
        "selection": asdict(choice),
        "trained": {name: asdict(recipe) for name, recipe in recipes.items()},
    }
    return {"settings": settings, "records": records, "shipped": shipped, "skipped": skipped}


def measure_model(
    place: Workplace, samples: Samples, counts: Sequence[int], recipes: dict[str, Recipe], choice: SelectionOptions
) -> list[dict[str, Any]]:
    """One record per number of descriptors and recipe. A number the vocabulary cannot give is told, not filled up."""
    found = []
    for count in (*counts, None):
        selection = samples.select(count, choice)
        words = selection.chosen
        wanted = OWN if count is None else count
        place.teller.step(f"{samples.model.name}, {wanted}: {', '.join(words)}")
        for name, recipe in recipes.items():
            record: dict[str, Any] = {
                "model": samples.model.name,
                "recipe": name,
                "wanted": wanted,
                "descriptors": list(words),
                "vocabulary": len(samples.words),
                "clip": samples.origin["clip"],
                "samples": len(samples),
            }
            if count is not None and len(words) < count:
                record |= {"coverage": None, "overlap": None, "iou": None, "note": selection.note}
            else:
                mapper = place.train(samples, words, recipe)
                record |= geometry(mapper, samples.model)
            found.append(record)
    return found


def geometry(mapper: Mapper, model: MorphableModel) -> dict[str, Any]:
    """Coverage, overlap (the authors' code) and mean and matrix of intersection over union (the paper's text)."""
    figures = coverage(influence(mapper, model))
    iou = figures["iou"]
    d = len(iou)
    others = [iou[i][j] for i in range(d) for j in range(i)]
    return {
        "coverage": figures["coverage"],
        "overlap": figures["overlap"],
        **moved_figures(mapper, model),
        "mean_iou": sum(others) / len(others) if others else None,
        "iou": iou,
    }


def shipped_mappers(models: Sequence[Path]) -> list[dict[str, Any]]:
    """The same figures of the finished mappers that can be named, as far as they belong to the models."""
    known = {model.checksum: model for model in map(MorphableModel.load, models)}
    found = []
    for name, path in available("mappers").items():
        mapper = Mapper.load(path)
        model = known.get(mapper.model_checksum)
        if model is not None:
            found.append({"mapper": name, "descriptors": list(mapper.descriptors), **geometry(mapper, model)})
    return found


def tables(result: dict[str, Any]) -> list[Table]:
    """The paper's Table 1 of our models, the paper's numbers, the shipped mappers, and what was left out."""
    counts = [*result["settings"]["counts"], OWN]
    found = []
    for recipe in result["settings"]["recipes"]:
        records = [record for record in result["records"] if record["recipe"] == recipe]
        if records:
            found.append(_main_table(records, counts, recipe, result["settings"].get("selection", {})))
    found.append(paper_table())
    if result["records"]:
        found.append(_words_table(result["records"]))
    if result["shipped"]:
        rows: list[tuple[str, ...]] = [
            (r["mapper"], _moved(r), _pair(r["coverage"], r["overlap"]), _number(r["mean_iou"]))
            for r in result["shipped"]
        ]
        columns = ("mapper", "sliders", "coverage / overlap %", "mean IoU")
        found.append(Table("The shipped mappers", columns, tuple(rows)))
    if result["skipped"]:
        rows = [(s["model"], s["reason"]) for s in result["skipped"]]
        found.append(Table("Left out", ("model", "why"), tuple(rows)))
    return found


def paper_table() -> Table:
    """The paper's own numbers, whole."""
    counts = [count for count in next(iter(PAPER.values())) if count != OWN] + [OWN]
    rows = [
        (name, *(_pair(*values[count][:2]) for count in counts[:-1]), _own(*values[OWN]))
        for name, values in PAPER.items()
    ]
    return Table("For orientation: the paper's Table 1", ("model", *map(str, counts)), tuple(rows), PAPER_SAYS)


def chart(result: dict[str, Any]) -> str:
    """Coverage and overlap against the number of descriptors, one line per model, the paper's SMPL neutral in grey."""
    recipe = result["settings"]["recipes"][0]
    records = [r for r in result["records"] if r["recipe"] == recipe and r["coverage"] is not None]
    models = list(dict.fromkeys(r["model"] for r in records))
    panels = []
    for key, title in (("coverage", "coverage, %"), ("overlap", "overlap, %")):
        lines = []
        for model in models:
            points = sorted((len(r["descriptors"]), 100 * r[key]) for r in records if r["model"] == model)
            lines.append(Curve(model, [x for x, _ in points], [y for _, y in points]))
        at = {"coverage": 0, "overlap": 1}[key]
        paper = sorted((values[2], 100 * values[at]) for values in PAPER["SMPL neutral"].values())
        lines.append(Curve("paper, SMPL neutral", [x for x, _ in paper], [y for _, y in paper], dashed=True))
        panels.append(Panel(title, "number of descriptors", lines, low=0.0, high=100.0))
    return line_panels(panels)


def told_choice(choice: dict[str, Any]) -> str:
    """What of a selection's options is not the default: "lexicon off, signed correlation"; "" for nothing."""
    told = []
    for name, usual in asdict(SelectionOptions()).items():
        value = choice.get(name, usual)
        # JSON makes lists of tuples
        value = tuple(value) if isinstance(value, list) else value
        if name not in ("seed", "count") and value != usual:
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
            told.append(name.replace("_", " ") + ("" if value is True else f" {shown}"))
    return ", ".join(told)


def _main_table(
    records: list[dict[str, Any]], counts: Sequence[int | str], recipe: str, choice: dict[str, Any]
) -> Table:
    rows = []
    short: list[str] = []
    for model in dict.fromkeys(record["model"] for record in records):
        by_count = {record["wanted"]: record for record in records if record["model"] == model}
        cells = []
        for count in counts:
            record = by_count[count]
            if record["coverage"] is None:
                cells.append(f"only {len(record['descriptors'])} words")
                short.append(model)
            elif count == OWN:
                cells.append(_own(record["coverage"], record["overlap"], len(record["descriptors"])))
            else:
                cells.append(_pair(record["coverage"], record["overlap"]))
        rows.append((model, *cells))
    note = (
        f"Coverage / overlap in %, θ = {THRESHOLD}; overlap as in the authors' code, 1 − |union| / Σ|covered|. "
        f"In brackets how many descriptors the algorithm chose. {records[0]['samples']:,} shapes a model."
    )
    if short:
        note += (
            f" “only n words”: the words that its CLIP knows for {', '.join(dict.fromkeys(short))} "
            "give no more without synonyms, antonyms and words that are no direction."
        )
    if changed := told_choice(choice):
        note += f" Selected with {changed}."
    return Table(f"Coverage and overlap, {recipe} recipe", ("model", *map(str, counts)), tuple(rows), note)


def _words_table(records: list[dict[str, Any]]) -> Table:
    own = {record["model"]: record for record in records if record["wanted"] == OWN}
    rows = [(model, _moved(r), _number(r["mean_iou"])) for model, r in own.items()]
    note = (
        "Millimetres: how far the covered surface moves on average from a slider's low to its high end. Mean IoU: "
        "intersection over union of the covered vertices, over all pairs (the paper's text, section 5.1). "
        "The words of the other counts and the whole matrices are in table1.json."
    )
    return Table("The algorithm's own choice", ("model", "descriptors", "mean IoU"), tuple(rows), note)


def _moved(record: dict[str, Any]) -> str:
    """The descriptors with how far each moves the surface, where that was measured."""
    words = record["descriptors"]
    moved = record.get("mean_mm") or [None] * len(words)
    return ", ".join(word if one is None else f"{word} {one:.0f} mm" for word, one in zip(words, moved, strict=True))


def _pair(cover: float, overlap: float) -> str:
    return f"{100 * cover:.1f} / {100 * overlap:.1f}"


def _own(cover: float, overlap: float, count: int) -> str:
    return f"{_pair(cover, overlap)} ({count})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
