"""What it is worth to know something: every case that a model has a measure for, told as a user would tell it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from semantify_blender.core.fitting.known import Known
from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import measure
from semantify_blender.core.pictures.crop import Cut
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.training.fitter.known_figures import CASES, known_figures
from semantify_blender.training.fitter.spread import true_sizes
from semantify_blender.training.fitter.unseen_pictures import PicturedShape


def pictured(number: int) -> PicturedShape:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[8:56, 28:36] = pixels[20:26, 10:54] = 255  # with arms: an oval would be a picture's own rim
    return PicturedShape(number, {"alpha": [Picture(pixels, "figure")] * 2}, {"alpha": [None, None]})


@pytest.mark.parametrize("name", ["anny-body-neutral", "anny-body-male"])
def test_each_case_is_told_what_it_says_and_judged_by_the_rest(name: str) -> None:
    model = load_model(name)
    given: list[Known] = []
    shapes = np.zeros((2, model.component_count), np.float32)
    shapes[:, 0] = 1.0, -1.0
    truth = model.vertices(shapes)

    def fit(cuts: Sequence[Cut], known: Known) -> Any:
        assert len(cuts) == 1, "one picture of each"
        given.append(known)
        return SimpleNamespace(coefficients=np.zeros(model.component_count))

    found = known_figures(model, fit, [pictured(0), pictured(1)], truth, 32)
    asked = {case: words for case, words in CASES.items() if case != "sex" or name.endswith("neutral")}
    assert set(found) == set(asked)
    assert len(given) == 2 * len(asked)
    true = [true_sizes(model, shape) for shape in truth]
    for number, known in enumerate(given):
        subject, words = divmod(number, len(asked))[0], list(asked.values())[number % len(asked)]
        assert known.sizes == {word: pytest.approx(true[subject][word]) for word in words if word != "gender"}
        assert (known.sex is not None) == ("gender" in words)
    rest = true_sizes(model, model.template.astype(np.float32))
    for case, words in asked.items():
        errors = found[case]
        assert set(errors) == {"vertices", *rest} - set(words)
        assert errors["vertices"] == pytest.approx(found["nothing"]["vertices"])
    off = np.mean([abs(one["height"] - rest["height"]) for one in true])
    assert found["nothing"]["height"] == pytest.approx(off, abs=1e-4)


def test_the_sex_is_the_one_that_the_model_sees_in_the_true_shape() -> None:
    model = load_model("anny-body-neutral")
    rng = np.random.default_rng(3)
    shapes = rng.normal(0, 1, (12, model.component_count)).astype(np.float32)
    told: list[str | None] = []

    def fit(cuts: Sequence[Cut], known: Known) -> Any:
        told.append(known.sex)
        return SimpleNamespace(coefficients=np.zeros(model.component_count))

    truth = model.vertices(shapes)
    known_figures(model, fit, [pictured(i) for i in range(12)], truth, 32)
    sexes = [sex for sex in told if sex is not None]
    assert set(sexes) == {"female", "male"}
    trait = measure(model, truth, shapes)["gender"]
    assert sexes == ["female" if value > 0.5 else "male" for value in trait]
