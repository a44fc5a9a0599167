"""The figures of an evaluation in a few lines of text."""

from typing import Any


def summary_text(figures: dict[str, Any]) -> str:
    """A table of the sliders and one line for each of the other figures."""
    words = figures["descriptors"]
    attributes = {entry["word"]: entry for entry in figures["attributes"]}
    sliders = figures.get("sliders")
    width = max(12, *map(len, words))
    lines = [f"{'slider':{width}}  {'rho':>5}  {'reach':>5}  {'others move':>11}  measured attribute"]
    for i, word in enumerate(words):
        if sliders:
            talk = max((v for j, v in enumerate(sliders["cross_talk"][i]) if j != i), default=0.0)
            cells = f"{sliders['rho'][i]:5.2f}  {sliders['reach'][i]:5.2f}  {talk:11.2f}"
        else:
            cells = f"{'-':>5}  {'-':>5}  {'-':>11}"
        entry = attributes.get(word)
        measured = f"{entry['attribute']}: rho {entry['rho']:.2f}, {entry['covered']:.0%} of 5-95 %" if entry else "-"
        lines.append(f"{word:{width}}  {cells}  {measured}")
    fit, cover, reach, far = figures["fit"], figures["coverage"], figures["reach"], figures["extremes"]
    if sliders:
        lines.append(f"cross-talk   mean {sliders['cross_talk_mean']:.2f}, largest {sliders['cross_talk_max']:.2f}")
    lines += [
        f"fit          {fit['vertex_mm']:.1f} mm on held-out shapes (mean shape {fit['mean_shape_mm']:.1f} mm), "
        f"MSE {fit['relative_mse']:.3f} of the variance"
        + (f", {fit['cycle_over_plain_mse']:.3f} x without the cycle term" if "cycle_over_plain_mse" in fit else ""),
        f"coverage     {cover['coverage']:.1%}, overlap {cover['overlap']:.1%}{_millimetres(words, cover)}",
        f"reach        {reach['sliders_mm']:.1f} mm by sliders, {reach['raw_sliders_mm']:.1f} mm by as many raw "
        f"components, {reach['mean_shape_mm']:.1f} mm mean shape",
        f"largest |xi| {far['largest_sweep']:.2f} in sweeps, {far['largest_random']:.2f} in "
        f"{far['settings']} random settings",
    ]
    if "inside" in far:
        inside = far["inside"]
        lines.append(
            f"population   Mahalanobis distance at most {inside['largest_corner']:.1f} in {inside['corners']} corners, "
            f"{inside['largest_far_corner']:.1f} at the farthest ends, {inside['largest_random']:.1f} in random "
            f"settings; 99.9 % of its members {inside['radius']:.1f}"
        )
    lines += _body_lines(figures.get("body", {}))
    return "\n".join([*lines, *([f"verdict      {figures['verdict']}"] if figures.get("verdict") else [])])


def _millimetres(words: list[str], cover: dict[str, Any]) -> str:
    if "largest_mm" not in cover:
        return ""
    moved = zip(words, cover["mean_mm"], cover["largest_mm"], strict=True)
    told = ", ".join(f"{word} {mean:.0f} mm (up to {largest:.0f})" for word, mean, largest in moved)
    return f"; from end to end {told}"


def _body_lines(body: dict[str, Any]) -> list[str]:
    lines = []
    if "muscle_motion" in body:
        lines.append(f"muscles      muscular goes {body['muscle_motion']:.0%} of the way from none to full, end to end")
    if "fat_bmi" in body:
        ends = body["fat_bmi"]
        lines.append(f"fat          body mass index {ends['low']:.1f}, {ends['rest']:.1f} at rest, {ends['high']:.1f}")
    for name, girth in body.get("arms", {}).items():
        lines.append(
            f"{name}: {100 * girth['rest']:.1f} cm at rest, {100 * girth['lean_and_muscular']:.1f} cm lean and muscular"
        )
    return lines
