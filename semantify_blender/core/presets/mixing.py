"""Between two presets."""

from dataclasses import replace

from ..descriptors import same_word
from .preset import Fit, Preset


def mixed(first: Preset, second: Preset, factor: float) -> Preset:
    """The look between two, by word. factor: 0 is the first, 1 the second.

    A layer that only one of them speaks of is as that one has it; a word that only one has is at 0 in the other.
    What pictures added is mixed where it is of one model. Clothes and colours are not: the result has none.
    """
    layers = [*first.sliders, *(layer for layer in second.sliders if layer not in first.sliders)]
    sliders, fits, natural = {}, {}, set()
    for layer in layers:
        holders = [preset for preset in (first, second) if layer in preset.sliders]
        a, b = holders[0], holders[-1]
        share = factor if a is not b else 0.0
        sliders[layer] = _words(a.sliders[layer], b.sliders[layer], share)
        fit = _fit(a.fits.get(layer), b.fits.get(layer), share)
        if fit is not None:
            fits[layer] = fit
        if layer in (a if share < 0.5 else b).keep_natural:
            natural.add(layer)
    return replace(first, sliders=sliders, fits=fits, keep_natural=frozenset(natural), outfit="", colours={})


def _words(a: dict[str, float], b: dict[str, float], factor: float) -> dict[str, float]:
    theirs = {same_word(word): value for word, value in b.items()}
    found = {word: (1 - factor) * value + factor * theirs.pop(same_word(word), 0.0) for word, value in a.items()}
    return found | {word: factor * value for word, value in b.items() if same_word(word) in theirs}


def _fit(a: Fit | None, b: Fit | None, factor: float) -> Fit | None:
    """Nothing counts as zeros; of two models the fit of the nearer look is taken, for its own model."""
    if a is not None and b is not None and (a.model != b.model or len(a.values) != len(b.values)):
        a, b = (a, None) if factor < 0.5 else (None, b)
    known = a or b
    if known is None:
        return None
    one = a.values if a is not None else (0.0,) * len(known.values)
    other = b.values if b is not None else (0.0,) * len(known.values)
    values = tuple((1 - factor) * x + factor * y for x, y in zip(one, other, strict=True))
    return replace(known, values=values)
