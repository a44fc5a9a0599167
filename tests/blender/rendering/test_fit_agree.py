"""The panel and `semantify fit` look at a picture with the same encoder and fitter, and Refine goes on from there."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.cli.rendering import main
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.image_encoder import ImageEncoder
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import add, evaluated, load, on_the_floor, slider_values
from tests.blender.fit_helpers import draw_figure, save_encoder_and_fitter, write_picture
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def own(synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The preferences' folder: model, mapper, encoder and fitter lie in it under names of the user's own."""
    from semantify_blender.addon.pictures import fitting, refining

    if not (synthetic_data / "fitters").exists():
        save_encoder_and_fitter(synthetic_data)
    mapper, model = load(synthetic_data)
    folder = tmp_path / "own"
    model = replace(model, name="renamed", template=model.template * np.float32(1.01))
    model.save(folder / "renamed.model.npz")
    model = MorphableModel.load(folder / "renamed.model.npz")
    mapper = replace(mapper, model_name="renamed", model_checksum=model.checksum)
    mapper.save(folder / "renamed.mapper.npz")
    encoder = ImageEncoder.load(synthetic_data / "encoders" / "tiny.encoder.npz")
    encoder = replace(encoder, head=encoder.head * np.float32(0.5))
    encoder.save(folder / "eye.encoder.npz")
    encoder = ImageEncoder.load(folder / "eye.encoder.npz")
    fitter = Fitter.load(synthetic_data / "fitters" / "synthetic.fitter.npz")
    replace(fitter, model_checksum=model.checksum, encoder_checksum=encoder.checksum).save(folder / "mine.fitter.npz")
    for module in (fitting, refining):
        monkeypatch.setattr(module, "data_folders", lambda: [folder])
    return folder


def test_panel_and_command_find_the_same_shape(own: Path, tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "subject.png", draw_figure())
    obj = add(str(own / "renamed.mapper.npz"))
    assert bpy.ops.semantify.fit_image(filepath=str(picture)) == {"FINISHED"}
    sliders = slider_values(obj)
    encoder = ImageEncoder.load(own / "eye.encoder.npz")
    assert obj.data.semantify.fit_encoder == encoder.checksum
    files = ["--mapper", str(own / "renamed.mapper.npz"), "--model", str(own / "renamed.model.npz"), "--data", str(own)]
    assert main(["fit", str(picture), *files, "--out", str(tmp_path / "out"), "--no-sheet"]) == 0
    found = json.loads((tmp_path / "out" / "fits.json").read_text(encoding="utf-8"))
    (fit,) = found["fits"]
    assert fit["method"] == "whole embedding"
    assert found["encoder"]["checksum"] == encoder.checksum
    # the panel rounds its sliders, and the offset takes the rest
    wanted = on_the_floor(MorphableModel.load(own / "renamed.model.npz"), np.array(fit["coefficients"]))
    assert np.abs(evaluated(obj) - wanted).max() < 1e-4
    assert [fit["sliders"][slider.name] for slider in obj.data.semantify.sliders] == pytest.approx(sliders, abs=6e-3)


def test_refine_looks_with_what_the_fit_looked_with(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from semantify_blender.addon.character import embedding
    from semantify_blender.addon.pictures import environment, full_clip, refining

    picture = write_picture(tmp_path / "subject.png", draw_figure())
    obj = add(str(own / "renamed.mapper.npz"))
    bpy.ops.semantify.fit_image(filepath=str(picture))
    mapper = embedding.mapper_of(obj.data.semantify)
    words = refining.request_of(obj.data.semantify, mapper, tmp_path).words()
    assert words[words.index("--data") + 1] == str(own)
    assert "--clip" not in words
    # the preferences may have changed since; what counts is what the fit used
    monkeypatch.setattr(full_clip, "name", lambda: "ViT-B-32:/weights.pt")
    monkeypatch.setattr(environment, "require_python", lambda: "/a/python")
    assert "--clip" not in refining.request_of(obj.data.semantify, mapper, tmp_path).words()
    obj.data.semantify.fit_encoder = "1" * 64
    words = refining.request_of(obj.data.semantify, mapper, tmp_path).words()
    assert words[words.index("--clip") + 1] == "ViT-B-32:/weights.pt"
    assert words[words.index("--python") + 1] == "/a/python"
