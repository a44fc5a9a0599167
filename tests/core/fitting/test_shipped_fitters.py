"""The encoders and fitters in the tree belong to the models in the tree, and fit a picture of a figure at once."""

import numpy as np
import pytest

from semantify_blender.core.fitting.fit import WHOLE, fit_pictures
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.image_encoder import ImageEncoder
from semantify_blender.core.fitting.known import Known
from semantify_blender.core.fitting.silhouette import silhouette
from semantify_blender.core.fitting.sizes import FITTED, PHOTOGRAPHED, REFINED, sizes_of
from semantify_blender.core.library import available, find, load_mapper, load_model
from semantify_blender.core.model.measurements import height
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.core.pictures.picture import Picture

FITTERS = sorted(available("fitters"))


def test_every_body_has_a_fitter() -> None:
    assert {"anny-body-neutral", "anny-body-male", "anny-body-female"} <= set(FITTERS)


@pytest.mark.parametrize("name", sorted(available("encoders")))
def test_an_encoder_knows_its_mappers_words(name: str) -> None:
    encoder = ImageEncoder.load(find("encoders", name))
    fitted = [fitter for fitter in FITTERS if Fitter.load(find("fitters", fitter)).encoder_name == name]
    assert fitted
    for model in fitted:
        mapper = load_mapper(model)
        assert mapper.provenance["clip"] == encoder.clip_name
        assert mapper.provenance["clip_checksum"] == encoder.clip_checksum
        assert encoder.text_embeddings(mapper.descriptors).shape == (len(mapper.descriptors), encoder.texts.shape[1])


@pytest.mark.parametrize("name", FITTERS)
def test_a_fitter_belongs_to_its_model_and_tells_shapes_apart(name: str) -> None:
    """A drawn outline of the model is no render; still another outline must give another shape, inside the limits."""
    model, mapper = load_model(name), load_mapper(name)
    fitter = Fitter.load(find("fitters", name))
    encoder = ImageEncoder.load(find("encoders", fitter.encoder_name))
    fitter.check(model, encoder)
    known = Known(1.9) if model.framing.floor else Known()
    found = []
    for step in (-1.5, 1.5):
        coefficients = np.zeros(model.component_count, np.float32)
        coefficients[1] = step
        cut = cut_figure(outline(model, coefficients), encoder.size)
        fit = fit_pictures([cut], encoder, fitter, mapper, model, known)
        assert fit.method == WHOLE
        assert np.isfinite(fit.coefficients).all()
        assert np.abs(fit.sliders).max() <= 1
        assert np.linalg.eigvalsh(fit.covariance.astype(float)).min() > -1e-5
        if known.height:
            assert height(model.vertices(fit.coefficients)) == pytest.approx(1.9, abs=0.02)
        found.append(fit.coefficients)
    if not name.endswith("expression"):  # an expression is inside the outline
        assert np.abs(found[0] - found[1]).max() > 0.05


def outline(model, coefficients: np.ndarray) -> Picture:
    """The figure from in front, skin-coloured, cut out."""
    vertices = model.vertices(coefficients)
    points = vertices[:, [0, 2]] * [1, -1]
    points = (points - points.mean(0)) * (200 / np.ptp(points[:, 1])) + 128
    alpha = silhouette(model, points.astype(np.float32), 256)
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[..., :3] = (200, 150, 125)
    pixels[..., 3] = np.round(255 * alpha)
    return Picture(pixels, "outline")


@pytest.mark.parametrize("name", ["anny-body-neutral", "anny-body-female", "anny-body-male"])
def test_fitters_of_bodies_know_how_far_sizes_are_off(name: str) -> None:
    """Of all kinds of fits, about as far as documented; a fit then says so."""
    fitter, model = Fitter.load(find("fitters", name)), load_model(name)
    assert set(fitter.spread) == {FITTED, REFINED, PHOTOGRAPHED}
    for by_name in fitter.spread.values():
        assert set(by_name) == {"height", "weight", "chest", "waist", "hips"}
        said = sizes_of(model, fitter.prior_mean, 0.05 * np.eye(len(fitter.prior_mean)), Known(), by_name)
        assert 0.01 < said["height"].deviation < 0.15
        assert 1 < said["weight"].deviation < 25
        assert all(0.005 < said[girth].deviation < 0.15 for girth in ("chest", "waist", "hips"))
