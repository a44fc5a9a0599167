"""The embedded four-legged animal, and the scripts that make it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.descriptors import vocabulary_for
from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import measure, project, volume
from semantify_blender.core.model.morphable_model import MorphableModel

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts" / "quadruped"
ANIMALS = ("hippo", "donkey", "horse", "cow", "lion", "cat", "dog")


@pytest.fixture(scope="module")
def built() -> tuple[MorphableModel, np.ndarray]:
    """A model of few animals by the scripts, and (7, V, 3) the sculpted animals, without the principal components."""
    pytest.importorskip("scipy")
    pytest.importorskip("sklearn")
    from scripts.quadruped.build import build
    from scripts.quadruped.population import Population

    population = Population(pool=12, seed=0)
    return build(population, 10, 200)[0], population.prototypes


@pytest.fixture(scope="module")
def model(built: tuple[MorphableModel, np.ndarray]) -> MorphableModel:
    return built[0]


@pytest.fixture(scope="module")
def prototypes(built: tuple[MorphableModel, np.ndarray]) -> np.ndarray:
    return built[1]


def test_the_shipped_file_is_a_model_of_its_family() -> None:
    model = load_model("quadruped")
    assert (model.component_count, model.metadata["family"]) == (10, "quadruped")
    assert (
        set(vocabulary_for("quadruped"))
        == set(ANIMALS)
        == {name.removeprefix("trait/") for name in model.extra if name.startswith("trait/")}
    )
    assert 3000 <= model.vertex_count <= 13000
    assert model.framing.floor
    assert "CC0" in model.metadata["licence"]


def test_it_is_closed_surfaces_facing_outward(model: MorphableModel) -> None:
    quads = model.corner_vertices.reshape(-1, 4)
    directed = np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2)
    # every edge once in each direction: closed, manifold at edges, and all faces turned alike
    assert len(np.unique(directed, axis=0)) == len(directed)
    assert {tuple(edge) for edge in directed.tolist()} == {tuple(edge) for edge in directed[:, ::-1].tolist()}
    pieces = _pieces(quads, model.vertex_count)
    # body, ruff, mouth, nose; two eyes and nostrils; sixteen toes and eight claws of hooves
    assert len(np.unique(pieces)) == 4 + 4 + 16 + 8
    # Euler's formula: 2 for each
    assert len(np.unique(quads)) - len(directed) // 2 + len(quads) == 2 * len(np.unique(pieces))
    corners = model.template[model.triangles].astype(np.float64)
    volumes = np.einsum("ti,ti->t", np.cross(corners[:, 0], corners[:, 1]), corners[:, 2]) / 6
    for piece in np.unique(pieces):
        assert volumes[pieces[model.triangles[:, 0]] == piece].sum() > 0


def _pieces(quads: np.ndarray, count: int) -> np.ndarray:
    """(V,) the lowest vertex that each one hangs together with."""
    lowest = np.arange(count)
    for _ in range(count):
        found = lowest.copy()
        np.minimum.at(found, quads.ravel(), np.repeat(lowest[quads].min(1), 4))
        if (found == lowest).all():
            return lowest
        lowest = found[found]
    raise AssertionError


def test_every_shape_is_symmetric(model: MorphableModel) -> None:
    spatial, mirror = pytest.importorskip("scipy.spatial"), np.array([-1, 1, 1])
    # places in several shapes at once: pieces that lie in one another touch in some
    places = np.concatenate([model.template, *(0.1 * component for component in model.basis)], 1)
    off, other = spatial.cKDTree(places).query(places * np.tile(mirror, 1 + model.component_count))
    assert off.max() < 1e-4
    assert (np.sort(other) == np.arange(model.vertex_count)).all()


def test_regions_cover_the_animal_and_its_head_looks_along_minus_y(model: MorphableModel) -> None:
    assert set(model.regions) == {
        "fur", "belly fur", "mane", "muzzle", "nose pad", "hooves", "horns", "inner ear", "udder", "pupil",
        "animal iris", "nostrils", "mouth line",
    }  # fmt: skip
    assert (np.sum(list(model.regions.values()), axis=0) == 1).all()
    quads = model.corner_vertices.reshape(-1, 4)

    def middle(region: str) -> np.ndarray:
        return model.template[quads[model.regions[region]]].mean((0, 1))

    assert middle("nose pad")[1] < middle("pupil")[1] < middle("belly fur")[1]
    assert abs(model.template[:, 2].min()) < 2e-3
    assert model.template[quads[model.regions["hooves"]]][..., 2].max() < 0.1
    assert model.template[model.extra["landmark/poll"][0], 1] < model.template[model.extra["landmark/croup"][0], 1]


def test_each_prototype_is_held_and_is_its_own_animal(model: MorphableModel, prototypes: np.ndarray) -> None:
    coefficients = project(model, prototypes)
    errors = np.linalg.norm(model.vertices(coefficients) - prototypes, axis=2)
    assert errors.mean() < 0.003
    assert np.abs(coefficients).max() < 2.7
    traits = measure(model, prototypes, coefficients)
    for i, animal in enumerate(ANIMALS):
        values = {other: traits[other][i] for other in ANIMALS}
        assert max(values, key=values.__getitem__) == animal
        assert values.pop(animal) > 0.9 > 0.1 > max(values.values())


def test_components_hold_the_sculpted_animals(prototypes: np.ndarray, model: MorphableModel) -> None:
    from scripts.quadruped.population import Population

    animals, shares = Population(pool=3, seed=7).draw(40)
    assert shares.sum(1) == pytest.approx(np.ones(40))
    rest = animals - model.vertices(project(model, animals))
    assert (rest**2).sum() / ((animals - model.template) ** 2).sum() < 0.05


def test_random_shapes_keep_their_volume_and_stand_on_their_feet(model: MorphableModel) -> None:
    shapes = model.vertices(np.random.default_rng(0).uniform(-2, 2, (40, 10)))
    assert (volume(model, shapes) > 0.03).all()
    feet = model.template[:, 2] < 0.02
    assert np.abs(shapes[:, feet, 2].min(1)).max() < 0.03


def test_its_population_is_the_animals_it_was_made_of(model: MorphableModel, prototypes: np.ndarray) -> None:
    people = model.people
    assert people is not None
    assert people.members.shape == (200, 10)
    np.testing.assert_allclose(people.mean, 0, atol=0.02)
    assert (people.inside.distance(project(model, prototypes)) < 1.1 * people.inside.radius).all()


def test_horns_belong_to_cows(model: MorphableModel, prototypes: np.ndarray) -> None:
    horns = np.unique(model.corner_vertices.reshape(-1, 4)[model.regions["horns"]])
    size = np.ptp(prototypes[:, horns, 2], axis=1)
    assert ANIMALS[int(size.argmax())] == "cow"
    assert np.sort(size)[-2] < 0.1 * size.max()


def test_the_scripts_write_a_model_and_coefficients_for_the_renderer(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    build = [SCRIPTS / "build.py", "--out", tmp_path, "--pool", 3, "--train", 120, "--held-out", 10]
    built = subprocess.run([sys.executable, *map(str, build)], capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stderr
    assert "variance held" in built.stdout
    written = tmp_path / "quadruped.model.npz"
    draw = [SCRIPTS / "sample.py", tmp_path / "c.npy", "--count", 5, "--pool", 1, "--model", written]
    drawn = subprocess.run([sys.executable, *map(str, draw)], capture_output=True, text=True, timeout=120)
    assert drawn.returncode == 0, drawn.stderr
    coefficients = np.load(tmp_path / "c.npy")
    assert coefficients.shape == (5, 10)
    assert np.isfinite(coefficients).all()
    with np.load(tmp_path / "c.traits.npz") as shares:
        assert set(shares) == set(ANIMALS)
        assert sum(shares[name] for name in ANIMALS) == pytest.approx(np.ones(5), abs=1e-5)
