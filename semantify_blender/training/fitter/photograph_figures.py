"""What came of photographs in figures: found and refused, ranks against labels, outlines, joints, views, times."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score

from ...core.fitting.choose import Tools
from ...core.model.gradients import GENDER, Quadratic
from ..statistics import spearman
from .photographs import Photograph, Seen

SLIDER_OF = {"fatness": "fat", "muscle": "muscular"}
"""Columns of labels whose names are no slider's own."""
SEX = ("sex", "body")
"""Columns of labels that tell it, as f and m."""
_DRAWS = 2000


def figures_of(found: Sequence[Photograph], tools: Tools) -> dict[str, Any]:
    """As in photographs.json."""
    wanted = [one for one in found if one.expected]
    fitted = [one for one in wanted if one.first is not None]
    others = [one for one in found if not one.expected]
    figures: dict[str, Any] = {
        "found": [len(fitted), len(wanted)],
        "refused": [sum(one.first is None for one in others), len(others)],
        "photographs": [_told(one, tools) for one in found],
    }
    times = np.array([sum(one.seconds) for one in fitted])
    if len(times):
        figures["seconds"] = {"median": float(np.median(times)), "most": float(times.max())}
        figures["seconds"] |= {
            part: float(np.median([one.seconds[i] for one in fitted])) for i, part in enumerate(("read", "find", "fit"))
        }
    for stage in ("first", "refined"):
        seen = [(one, getattr(one, stage)) for one in fitted if getattr(one, stage) is not None]
        if seen:
            figures[stage] = _stage(seen, tools)
    return figures


def _stage(seen: Sequence[tuple[Photograph, Seen]], tools: Tools) -> dict[str, Any]:
    found: dict[str, Any] = {"iou": float(np.nanmean([one.iou for _, one in seen]))}
    joints = [one.joints for _, one in seen if one.joints is not None]
    if joints:
        found["joints"] = float(np.mean(joints))
    yaws = [_between(one.yaw, photo.told_yaw) for photo, one in seen if photo.told_yaw is not None]
    if yaws:
        found["view"] = {"median": float(np.median(yaws)), "most": float(np.max(yaws))}
    heights = [float(np.ptp(tools.model.vertices(one.fit.coefficients)[:, 2])) for _, one in seen]
    if tools.model.framing.floor:
        found["height"] = [min(heights), max(heights)]
    if sexes := _sexes(seen, tools):
        found["sex"] = sexes
    words = tools.mapper.descriptors
    found["ranks"] = {}
    for column in {name: None for photo, _ in seen for name in photo.labels}:
        word = SLIDER_OF.get(column, column)
        if word not in words:
            continue
        pairs = [(one.fit.sliders[words.index(word)], photo.labels[column]) for photo, one in seen]
        numbers = np.array([(value, float(label)) for value, label in pairs if _is_number(label)])
        if len(numbers) > 2:
            found["ranks"][word] = {"spearman": spearman(*numbers.T), "interval": _interval(numbers), "n": len(numbers)}
    return found


def _sexes(seen: Sequence[tuple[Photograph, Seen]], tools: Tools) -> dict[str, Any] | None:
    """How often a woman is fitted as more of a woman than a man is (AUC); None where labels or model tell nothing."""
    weights = tools.model.extra.get(f"trait/{GENDER}")
    if weights is None:
        return None
    tell = Quadratic(weights.astype(np.float64))
    rows = [
        (tell(one.fit.coefficients)[0], label == "f")
        for photo, one in seen
        if (label := next((photo.labels[name][:1] for name in SEX if photo.labels.get(name)), "")) in ("f", "m")
    ]
    values, women = np.array([value for value, _ in rows]), np.array([is_woman for _, is_woman in rows], bool)
    if not women.any() or women.all():
        return None
    rng = np.random.default_rng(0)
    drawn = [
        roc_auc_score(women[order], values[order])
        for order in (
            np.r_[rng.choice(np.flatnonzero(women), women.sum()), rng.choice(np.flatnonzero(~women), (~women).sum())]
            for _ in range(_DRAWS)
        )
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    auc = float(roc_auc_score(women, values))
    return {"auc": auc, "interval": [float(low), float(high)], "women": int(women.sum()), "men": int((~women).sum())}


def _interval(numbers: np.ndarray) -> list[float]:
    """95 % bootstrap interval of the rank correlation. numbers: (N, 2)."""
    result = stats.bootstrap(
        (numbers[:, 0], numbers[:, 1]), spearman, paired=True, vectorized=False, n_resamples=_DRAWS,
        method="percentile", rng=0,
    )  # fmt: skip
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def _told(one: Photograph, tools: Tools) -> dict[str, Any]:
    told: dict[str, Any] = {"file": one.name, "expected": one.expected, "labels": one.labels}
    if one.first is None or one.cut is None:
        return told | {"refused": one.refused}
    told |= {"figure": one.cut.source, "seconds": [round(value, 3) for value in one.seconds], "notes": list(one.notes)}
    told["view told by joints"] = None if one.told_yaw is None else round(one.told_yaw, 1)
    told["measure"] = None if one.measure is None else [round(value, 4) for value in one.measure]
    for name, seen in (("first", one.first), ("refined", one.refined)):
        if seen is not None:
            words = zip(tools.mapper.descriptors, seen.fit.sliders.tolist(), strict=True)
            told[name] = {
                "sliders": {word: round(value, 3) for word, value in words},
                "iou": None if np.isnan(seen.iou) else round(seen.iou, 4),
                "joints": None if seen.joints is None else round(seen.joints, 4),
                "yaw": round(seen.yaw, 1),
                "measures": {size: value.told() for size, value in seen.fit.measures.items()},
            }
    return told


def _between(one: float, other: float) -> float:
    """Degrees between two angles."""
    return abs((one - other + 180) % 360 - 180)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def table(figures: dict[str, Any]) -> str:
    """The figures for people, as Markdown."""
    found, refused = figures["found"], figures["refused"]
    lines = [
        f"found {found[0]} of {found[1]} pictures of the mapper's kind, refused {refused[0]} of {refused[1]} others"
    ]
    if "seconds" in figures:
        s = figures["seconds"]
        lines.append(
            f"time a picture: median {s['median']:.2f} s (read {s['read']:.2f}, find {s['find']:.2f}, fit "
            f"{s['fit']:.2f}), most {s['most']:.2f} s"
        )
    for stage, name in (("first", "fitted"), ("refined", "refined")):
        if stage in figures:
            lines.append(_line(name, figures[stage]))
    words = list(next((one["first"]["sliders"] for one in figures["photographs"] if "first" in one), {}))
    lines += ["", f"| picture | {' | '.join(words)} | outline | joints | yaw |", f"|---|{'---:|' * (len(words) + 3)}"]
    for one in figures["photographs"]:
        if "first" not in one:
            lines.append(f"| {one['file']} | refused: {one['refused'].removeprefix(one['file'] + ': ')} |")
            continue
        for stage in ("first", "refined"):
            if stage in one:
                seen = one[stage]
                cells = [f"{value:+.2f}" for value in seen["sliders"].values()]
                cells += ["" if seen["iou"] is None else f"{seen['iou']:.2f}"]
                cells += ["" if seen["joints"] is None else f"{100 * seen['joints']:.1f} %", f"{seen['yaw']:.0f}°"]
                lines.append(f"| {one['file']}{', refined' * (stage == 'refined')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _line(name: str, stage: dict[str, Any]) -> str:
    parts = [f"outline IoU {stage['iou']:.3f}"]
    if "joints" in stage:
        parts.append(f"joints {100 * stage['joints']:.1f} % of the height")
    if "view" in stage:
        parts.append(f"yaw from the joints' by {stage['view']['median']:.0f}° (most {stage['view']['most']:.0f}°)")
    if "height" in stage:
        parts.append(f"heights {stage['height'][0]:.2f} to {stage['height'][1]:.2f} m")
    if "sex" in stage:
        sex = stage["sex"]
        low, high = sex["interval"]
        parts.append(f"women from men AUC {sex['auc']:.2f} [{low:.2f}, {high:.2f}], {sex['women']} and {sex['men']}")
    for word, rank in stage["ranks"].items():
        low, high = rank["interval"]
        parts.append(f"Spearman of {word} {rank['spearman']:.2f} [{low:.2f}, {high:.2f}], n {rank['n']}")
    return f"{name}: {'; '.join(parts)}"
