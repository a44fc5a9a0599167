"""A dataset's specification as what a rendering process is asked, and as what a run remembers of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.view import View
from semantify_blender.processes.seats import Seat
from semantify_blender.training import rendered, steps
from semantify_blender.training.evaluation import step as evaluate_step
from semantify_blender.training.evaluation import sweeps
from semantify_blender.training.rendered import asked_of, request_of
from semantify_blender.training.step_memory import StepMemory
from semantify_blender.training.telling import Teller
from tests.synthetic import synthetic_mapper
from tests.training.helpers import drawn_dataset

OURS = {"samples": 60, "seed": 0, "size": 64, "engine": "cycles", "engine_samples": 1, "look": "plain"}


def test_what_is_asked_is_all_that_the_specification_says(model: MorphableModel, tmp_path: Path) -> None:
    spec = DatasetSpec.of(
        model, samples=7, seed=3, sampler="normal", k=1.5, views=["back", "az:30"], image_format="png", look="random",
        components=2, size=32, engine="eevee", engine_samples=2, textured=False, shard_size=5,
    )  # fmt: skip
    request = request_of(spec, tmp_path / "m.model.npz", model, tmp_path / "out")
    names = (
        "samples",
        "seed",
        "sampler",
        "k",
        "components",
        "size",
        "engine",
        "engine_samples",
        "look",
        "textured",
        "outfit",
    )
    assert {name: getattr(request, name) for name in names} == {name: getattr(spec, name) for name in names}
    assert (request.views, request.format, request.shard_size) == (("back", "az:30"), "png", 5)
    assert (request.model, request.out) == (str(tmp_path / "m.model.npz"), tmp_path / "out")


def test_a_run_remembers_what_runs_before_it_remembered(model: MorphableModel) -> None:
    """Only what was asked for, as the command line has it: finished folders stay finished."""
    usual = DatasetSpec.of(model, samples=60, size=64, engine_samples=1)
    assert StepMemory.key(asked_of(usual, model)) == StepMemory.key(OURS)
    asked = replace(usual, k=3.0, views=(View.parse("front"), View.parse("az:45")))
    assert asked_of(asked, model) == {**OURS, "k": 3.0, "views": ["front", "az:45"]}
    assert asked_of(DatasetSpec.of(model, look="wild", samples=60), model)["look"] == "wild"
    assert "image_format" not in asked_of(DatasetSpec.of(model, look="wild", samples=60), model)


def test_what_cannot_be_asked_is_one_sentence(model: MorphableModel, tmp_path: Path) -> None:
    spec = DatasetSpec.of(model, samples=7)
    for wrong, message in (
        (replace(spec, model_checksum="0" * 64), r"m\.model\.npz has .*make it with DatasetSpec\.of"),
        (replace(spec, sampler="file", coefficients_checksum="0" * 64), "'file' takes shapes from a file"),
        (replace(spec, views=(View("above", 10.0),)), r"view 'above' at 10°: make it with View\.parse"),
    ):
        with pytest.raises(SemantifyError, match=message):
            request_of(wrong, tmp_path / "m.model.npz", model, tmp_path / "out")


def test_the_device_reaches_every_process_that_renders(model: MorphableModel, tmp_path: Path, monkeypatch) -> None:
    got: list[object] = []
    monkeypatch.setattr(rendered, "render_together", lambda request, seats, *_: got.extend(seats))
    request = request_of(DatasetSpec.of(model, samples=600), tmp_path / "m.model.npz", model, tmp_path / "out")
    rendered.render_dataset(request, None, Teller(), devices=("1", "cuda:3"))
    rendered.render_dataset(request, None, Teller(), "optix:2")
    assert got == [Seat("gpu:1"), Seat("cuda:3"), Seat("optix:2")]
    for module in (evaluate_step, sweeps):
        monkeypatch.setattr(module, "render", lambda *given: got.append(given[4]))
    got.clear()
    source = steps.Source(drawn_dataset(tmp_path / "set", model), model, tmp_path / "m.model.npz")
    evaluate_step.draw_pictures(tmp_path / "a.mapper.npz", source, tmp_path, Teller(), device="cuda:1")
    mapper = synthetic_mapper(model)
    with pytest.raises(SemantifyError, match=r"dataset\.json"):  # nothing was rendered
        sweeps.render_sweeps(mapper, "m", source.dataset.spec, None, tmp_path / "sweeps", device="cuda:1")
    assert got == [Seat("cuda:1")] * 3
