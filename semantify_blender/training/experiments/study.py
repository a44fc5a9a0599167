"""The paper's user study (Table 2) by simulation: word sliders against raw component sliders, moved by a blind user."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from ...core.errors import SemantifyError
from ...core.library import load_mapper
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...core.model.sampling import default_k, default_sampler, sample_shape
from ..evaluation.quality import PAPER_COMPONENTS
from ..mapper.recipe import Recipe
from ..reports.charts import Curve, Panel, line_panels
from ..reports.tables import Table
from ..statistics import bootstrap_interval, mean_interval, paired_p_values
from ..telling import Teller
from .ablation import TARGET_SEED
from .simulated_user import Distance, Shape, move_sliders
from .workplace import model_of

POPULATION, GIVEN = "shapes of its population", "shapes of the file"
WORDS, SAME, ALL = "word sliders", "as many raw sliders", "all raw sliders"
REACH = 3.0
"""Ends of a raw slider, standard deviations, where they are no percentiles."""
DRAWN, ENDS_SEED = 2000, 2_000_003
"""How many shapes percentiles are of, and their seed, which no dataset and no target has."""
PERCENTILES, DEVIATIONS = "percentiles", "deviations"
ENDS = (PERCENTILES, DEVIATIONS)
"""Where raw sliders end: at the percentiles that the words' sliders have, or at ±`REACH`."""
HOW_TO_READ = (
    "In brackets the 95 % bootstrap interval of the mean, and p of a paired permutation test against the word sliders."
)
TWO_RULES = (
    "These figures do not say which sliders are better: their ends follow two rules. A word slider ends at two "
    f"percentiles of its training scores, a raw one at ±{REACH:g} standard deviations or at its model's own ranges, "
    "and a first move is half a side, so the set with the better suited ends is nearer after few moves whatever its "
    "sliders mean."
)
ONE_RULE = (
    "Ends follow one rule: a word slider goes between two percentiles of its scores, a raw one between the same two of "
    "its coefficient, of random shapes as the scores are of."
)
OF_THE_PAPER = (
    "The paper's users reached 0.110 cm in 2.19 minutes with word sliders and 0.116 cm in 2.43 minutes with raw ones "
    "(Table 2); they could read the words, this user cannot."
)


def run_study(
    mappers: Sequence[str | Path],
    models: Sequence[str],
    teller: Teller,
    targets: int,
    moves: int,
    noticeable: Sequence[float],
    seed: int = 0,
    shapes: dict[str, np.ndarray] | None = None,
    raw_ends: str = PERCENTILES,
    retrained: Mapping[str, Sequence[Mapper]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Simulate every mapper's sliders, raw sliders of the same number, and all raw sliders, on the same targets.

    models: further model files, for mappers whose model cannot be found by name. targets: shapes drawn from the
    model's own population (normal, within ±3 standard deviations, first 10 components). noticeable: just-noticeable
    differences in mm, one simulation each. shapes: mapper -> (N, V, 3) vertices in metres, further targets for it.
    raw_ends: of `ENDS`. retrained: mapper -> the same sliders trained with several seeds, to be studied in its place.
    Returns plain JSON values: settings, and records with mean curves, bootstrap intervals and paired tests.
    Raises SemantifyError for numbers out of range, and for shapes that do not fit their mapper's model.
    """
    if targets < 2 or moves < 1 or any(value < 0 for value in noticeable):
        raise SemantifyError("give at least 2 --targets, 1 of --moves, and --noticeable differences of 0 or more mm")
    shapes = shapes or {}
    strangers = sorted(set(shapes) - set(map(str, mappers)))
    if strangers:
        raise SemantifyError(f"--shapes {strangers[0]}=…: that mapper is not in the study; name it in --mapper too")
    records = []
    for name in map(str, mappers):
        mapper = load_mapper(name)
        model = model_of(mapper, models)
        goals = {POPULATION: population(model, targets, seed)}
        if name in shapes:
            goals[GIVEN] = checked_shapes(shapes[name], model)
        for kind, vertices in goals.items():
            distance = Distance(model, vertices)
            for value in noticeable:
                teller.step(f"{name}: {len(vertices)} {kind}, {moves} moves, {value:g} mm noticeable")
                curves = {
                    arm: 100 * move_sliders(shape, count, distance, moves, value / 1000)
                    for arm, (shape, count) in arms(mapper, model, raw_ends).items()
                    if arm != WORDS or name not in retrained
                }
                seeds = [
                    100 * move_sliders(word_sliders(one), len(one.descriptors), distance, moves, value / 1000)
                    for one in retrained.get(name, ())
                ]
                if seeds:
                    curves = {WORDS: np.mean(seeds, 0), **curves}
                common = {
                    "mapper": Path(name).name.split(".")[0],
                    "model": mapper.model_name,
                    "descriptors": list(mapper.descriptors),
                    "targets": kind,
                    "noticeable_mm": value,
                }
                records += [{**common, **record} for record in records_of(curves, seed, seeds)]
    settings = {
        "targets": targets,
        "moves": moves,
        "noticeable_mm": list(noticeable),
        "seed": seed,
        "raw_ends": raw_ends,
        "training_seeds": {name: [one.provenance["seed"] for one in of] for name, of in retrained.items()},
    }
    return {"settings": settings, "records": records}


def word_sliders(mapper: Mapper) -> Shape:
    """A mapper's own sliders."""
    return lambda position: mapper.coefficients(mapper.scores_from_sliders(position))


def arms(mapper: Mapper, model: MorphableModel, raw_ends: str = PERCENTILES) -> dict[str, tuple[Shape, int]]:
    """The slider sets to compare: name -> (positions to coefficients, number of sliders)."""
    raw = raw_sliders(model, common_ends(mapper, model) if raw_ends == PERCENTILES else None)
    count = min(PAPER_COMPONENTS, model.component_count)
    d = len(mapper.descriptors)
    found: dict[str, tuple[Shape, int]] = {WORDS: (word_sliders(mapper), d)}
    if d < count:
        found[SAME] = (raw, d)
    found[ALL] = (raw, count)
    return found


def common_ends(mapper: Mapper, model: MorphableModel) -> np.ndarray:
    """(K, 2) ends of raw sliders by the rule of the mapper's: the same percentiles, of coefficients in place of scores.

    Of shapes drawn as the model's datasets are. A coefficient that hardly ever leaves rest there has no such ends, and
    gets those of `raw_sliders`. Raises SemantifyError for a mapper whose ends are scores that somebody gave.
    """
    recipe = mapper.provenance.get("recipe", {})
    if recipe.get("low_score") is not None or recipe.get("high_score") is not None:
        raise SemantifyError(
            f"the sliders of {', '.join(mapper.descriptors)} end at scores that were given, so raw ones cannot follow "
            f"the same rule: give --raw-ends {DEVIATIONS}"
        )
    between = [float(recipe.get("low", Recipe.low)), float(recipe.get("high", Recipe.high))]
    sampler, k = default_sampler(model), default_k(model)
    drawn = np.stack([sample_shape(model, sampler, ENDS_SEED, i, k) for i in range(DRAWN)])
    low, high = np.percentile(drawn, between, axis=0)
    rest, widest = _widest(model)
    low, high = np.minimum(low, rest), np.maximum(high, rest)
    return np.where((high > low)[:, None], np.stack([low, high], 1), widest)


def _widest(model: MorphableModel) -> tuple[np.ndarray, np.ndarray]:
    """Rest (K,) and ends (K, 2) over ±3 standard deviations or the model's own ranges."""
    if model.ranges is None:
        rest = np.zeros(model.component_count)
        return rest, np.stack([rest - REACH, rest + REACH], 1)
    ranges = model.ranges.astype(float)
    return np.clip(0.0, ranges[:, 0], ranges[:, 1]), ranges


def raw_sliders(model: MorphableModel, ends: np.ndarray | None = None) -> Shape:
    """Sliders that are the first coefficients themselves.

    ends: (K, 2); None for ±3 standard deviations or the model's own ranges.
    """
    rest, widest = _widest(model)
    low, high = (widest if ends is None else ends).T

    def shape(position: np.ndarray) -> np.ndarray:
        n = position.shape[1]
        coefficients = np.tile(rest, (len(position), 1))
        span = np.where(position < 0, rest[:n] - low[:n], high[:n] - rest[:n])
        coefficients[:, :n] += position * span
        return coefficients

    return shape


def records_of(curves: dict[str, np.ndarray], seed: int = 0, seeds: Sequence[np.ndarray] = ()) -> list[dict[str, Any]]:
    """One record per slider set: mean curve, 95 % interval, and the difference to the word sliders with its p-value.

    curves: slider set -> (N, moves + 1) cm, row i the same target in all of them. seeds: those of the word sliders, one
    for each training seed; then a record of raw sliders also has the words' lead with its interval over the seeds.
    """
    found = []
    for arm, curve in curves.items():
        low, high = bootstrap_interval(curve, seed)
        record: dict[str, Any] = {
            "arm": arm,
            "shapes": len(curve),
            "mean_cm": curve.mean(0).tolist(),
            "low_cm": low.tolist(),
            "high_cm": high.tolist(),
        }
        if arm != WORDS:
            apart = curves[WORDS] - curve
            record["words_minus_this_cm"] = apart.mean(0).tolist()
            record["p"] = [1.0, *paired_p_values(apart[:, 1:], seed).tolist()]
            if len(seeds) > 1:
                lead = np.stack([curve.mean(0) - words.mean(0) for words in seeds])
                spread = mean_interval(lead)
                record["lead_cm"] = lead.mean(0).tolist()
                record["lead_low_cm"], record["lead_high_cm"] = (end.tolist() for end in spread)
        found.append(record)
    return found


def population(model: MorphableModel, count: int, seed: int = 0) -> np.ndarray:
    """(count, V, 3) vertices of normal shapes, drawn with a seed that no dataset has."""
    drawn = [sample_shape(model, "normal", TARGET_SEED + seed, i, REACH, PAPER_COMPONENTS) for i in range(count)]
    return model.vertices(np.stack(drawn))


def checked_shapes(shapes: np.ndarray, model: MorphableModel) -> np.ndarray:
    """Shapes a user gave, (N, V, 3) metres. Raises SemantifyError unless they are finite vertices of `model`."""
    if shapes.ndim != 3 or shapes.shape[1:] != model.template.shape or len(shapes) < 2:
        raise SemantifyError(
            f"--shapes holds an array of shape {shapes.shape}, expected (at least 2, {model.vertex_count}, 3): "
            f"vertices in metres of {model.name!r}"
        )
    if shapes.dtype.kind != "f" or not np.isfinite(shapes).all():
        raise SemantifyError("--shapes holds something else than finite numbers: give vertices in metres")
    return shapes


def marks(moves: int) -> list[int]:
    """After how many moves the tables tell the error: 10, 20, 40, 80 as far as they go, and at the end."""
    return sorted({mark for mark in (10, 20, 40, 80, moves) if mark <= moves})


def tables(result: dict[str, Any]) -> list[Table]:
    """Per mapper, kind of targets and just-noticeable difference: error after some moves. No winner is named."""
    at = marks(result["settings"]["moves"])
    found = []
    for (name, kind, noticeable), records in _groups(result).items():
        rows = []
        for record in records:
            cells = []
            for m in at:
                interval = f"{record['low_cm'][m]:.2f}–{record['high_cm'][m]:.2f}"
                p = f", p {_p_text(record['p'][m])}" if "p" in record else ""
                cells.append(f"{record['mean_cm'][m]:.2f} ({interval}{p})")
            rows.append((record["arm"], *cells, f"{per_move(record, at[0]):.3f}"))
        eye = "a perfect eye" if noticeable == 0 else f"an eye that notices {noticeable:g} mm"
        columns = ("sliders", *(f"cm after {m} moves" for m in at), f"cm a move, first {at[0]}")
        title = f"{name}, {records[0]['shapes']} {kind}, {eye}"
        found.append(Table(title, columns, tuple(rows), f"At rest {records[0]['mean_cm'][0]:.2f} cm."))
        if "lead_cm" in records[-1]:
            found.append(_lead_table(f"{title}: the words' lead", records, at))
    if found:
        rule = ONE_RULE if result["settings"].get("raw_ends") == PERCENTILES else TWO_RULES
        found[0] = replace(found[0], note=f"{found[0].note} {HOW_TO_READ} {rule} {OF_THE_PAPER}")
    return found


def _lead_table(title: str, records: list[dict[str, Any]], at: Sequence[int]) -> Table:
    """By how much words are nearer than raw sliders, with the interval over training seeds, and what is clear of it."""
    rows, said = [], []
    for record in records[1:]:
        cells = []
        for m in at:
            lead, low, high = (record[key][m] for key in ("lead_cm", "lead_low_cm", "lead_high_cm"))
            cells.append(f"{lead:+.2f} ({low:+.2f} to {high:+.2f})")
            if low > 0 or high < 0:
                said.append(f"{'words' if low > 0 else record['arm']} after {m} moves")
        rows.append((f"against {record['arm']}", *cells))
    note = (
        f"95 % interval over training seeds. Clearly nearer: {'; '.join(said)}."
        if said
        else ("95 % interval over training seeds. None is clearly nearer.")
    )
    return Table(title, ("words", *(f"cm after {m} moves" for m in at)), tuple(rows), note)


def per_move(record: dict[str, Any], moves: int) -> float:
    """Centimetres that one of the first `moves` moves gains on average."""
    return (record["mean_cm"][0] - record["mean_cm"][moves]) / moves


def chart(result: dict[str, Any]) -> str:
    """Error against moves with the 95 % band, one panel per mapper, kind of targets and just-noticeable difference."""
    panels = []
    for (name, kind, noticeable), records in _groups(result).items():
        moves = list(range(len(records[0]["mean_cm"])))
        lines = [Curve(r["arm"], moves, r["mean_cm"], (r["low_cm"], r["high_cm"])) for r in records]
        where = f"{name}{', file' if kind == GIVEN else ''}"
        panels.append(Panel(f"{where}: cm" + (f", eye {noticeable:g} mm" if noticeable else ""), "moves", lines))
    return line_panels(panels, columns=2)


def _groups(result: dict[str, Any]) -> dict[tuple[str, str, float], list[dict[str, Any]]]:
    found: dict[tuple[str, str, float], list[dict[str, Any]]] = {}
    for record in result["records"]:
        found.setdefault((record["mapper"], record["targets"], record["noticeable_mm"]), []).append(record)
    return found


def _p_text(p: float) -> str:
    return f"{p:.3f}" if p >= 0.01 else f"{p:.0e}".replace("e-0", "e-")
