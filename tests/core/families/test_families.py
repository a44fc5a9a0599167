"""Converted research models: the published formulas to 1e-5 m, before and after saving; options; what is refused."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.families import Conversion, convert
from semantify_blender.core.families.smpl import A_POSE
from semantify_blender.core.model.chains import LIMBS
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig
from tests import licensed_files as files

AGREES = 1e-5
SHAPES = 3


def coefficients(count: int, limit: float = 3.0) -> np.ndarray:
    return np.random.default_rng(9).uniform(-limit, limit, (SHAPES, count)).astype(np.float32)


def z_up(vertices: np.ndarray) -> np.ndarray:
    """Written again, on purpose: a quarter turn about X."""
    return vertices @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T


def saved(model: MorphableModel, folder: Path) -> MorphableModel:
    model.save(folder / "a.model.npz")
    again = MorphableModel.load(folder / "a.model.npz")
    assert again.checksum == model.checksum
    again.save(folder / "b.model.npz")
    assert (folder / "a.model.npz").read_bytes() == (folder / "b.model.npz").read_bytes()
    return again


def joint_pose(joints: int, pose: dict[int, np.ndarray]) -> np.ndarray:
    full = np.zeros((joints, 3), np.float32)
    for joint, angle in pose.items():
        full[joint] = angle
    return full.ravel()[None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("licensed")


@pytest.fixture(scope="module")
def smpl(folder: Path) -> Path:
    files.write_smpl(folder / "SMPL_FEMALE.pkl", "pkl")
    return folder / "SMPL_FEMALE.pkl"


@pytest.fixture(scope="module")
def smplx_file(folder: Path) -> Path:
    files.write_smplx(folder / "SMPLX_NEUTRAL.npz", "npz", columns=400)
    return folder / "SMPLX_NEUTRAL.npz"


@pytest.fixture(scope="module")
def flame(folder: Path) -> Path:
    import pickle

    data = files.write_flame(folder / "FLAME_NEUTRAL.pkl", "pkl")
    landmarks = {"lmk_face_idx": np.arange(51), "lmk_b_coords": np.full((51, 3), 1 / 3)}
    (folder / "flame_static_embedding.pkl").write_bytes(pickle.dumps(landmarks, 2))
    assert data["shapedirs"].shape == (5023, 3, 400)
    return folder / "FLAME_NEUTRAL.pkl"


@pytest.mark.parametrize("pose", ["a", "t"])
def test_smpl_agrees_with_the_smplx_package(smpl: Path, tmp_path: Path, pose: str) -> None:
    import smplx
    import torch

    model = saved(convert(smpl, Conversion(pose=pose)), tmp_path)
    betas = coefficients(10)
    turned = joint_pose(24, A_POSE if pose == "a" else {})[:, 3:]
    body = smplx.SMPL(str(smpl))
    expected = body(
        betas=torch.tensor(betas),
        body_pose=torch.tensor(np.repeat(turned, SHAPES, 0)),
        global_orient=torch.zeros(SHAPES, 3),
    )
    assert np.abs(model.vertices(betas) - z_up(expected.vertices.detach().numpy())).max() < AGREES
    assert np.abs(expected.vertices.detach().numpy()[0] - body().vertices.detach().numpy()[0]).max() > 0.01
    assert model.metadata["variant"] == "female"
    assert "research only" in model.metadata["licence"]


@pytest.mark.parametrize("pose", ["a", "t"])
def test_smplx_agrees_with_the_smplx_package(smplx_file: Path, tmp_path: Path, pose: str) -> None:
    import smplx
    import torch

    model = saved(convert(smplx_file, Conversion(pose=pose, components=16)), tmp_path)
    betas = coefficients(16)
    turned = joint_pose(22, A_POSE if pose == "a" else {})[:, 3:]
    body = smplx.SMPLX(str(smplx_file), num_betas=16, use_pca=False, flat_hand_mean=True, ext="npz", batch_size=SHAPES)
    expected = body(betas=torch.tensor(betas), body_pose=torch.tensor(np.repeat(turned, SHAPES, 0)))
    assert np.abs(model.vertices(betas) - z_up(expected.vertices.detach().numpy())).max() < AGREES
    assert set(model.regions) == {"skin", "eyes", "iris", "pupil"}
    assert model.uv is not None


def test_small_smplx_files_have_ten_shapes(folder: Path) -> None:
    data = files.write_smplx(folder / "SMPLX_MALE.pkl", "pkl", columns=20)
    model = convert(folder / "SMPLX_MALE.pkl", Conversion(pose="t"))
    one = np.eye(10, dtype=np.float32)[9]
    expected = data["v_template"] + data["shapedirs"][:, :, 9]
    assert np.abs(model.vertices(one) - z_up(expected)).max() < AGREES
    with pytest.raises(SemantifyError, match=r"shapedirs: has 10 components for smplx but --components asks for 11"):
        convert(folder / "SMPLX_MALE.pkl", Conversion(pose="t", components=11))


def flame_layer(path: Path, shapes: int, expressions: int):
    import smplx

    return smplx.FLAME(str(path.parent), num_betas=shapes, num_expression_coeffs=expressions, batch_size=SHAPES)


def test_flame_shape_agrees_with_the_smplx_package(flame: Path, tmp_path: Path) -> None:
    import torch

    model = saved(convert(flame, Conversion(family="flame-shape")), tmp_path)
    betas = coefficients(10)
    expected = flame_layer(flame, 10, 10)(betas=torch.tensor(betas)).vertices.detach().numpy()
    assert np.abs(model.vertices(betas) - z_up(expected)).max() < AGREES


def test_flame_expression_agrees_with_the_smplx_package(flame: Path, tmp_path: Path) -> None:
    import torch

    model = saved(convert(flame, Conversion(family="flame-expression", components=12)), tmp_path)
    expression = coefficients(12, 4.0)
    layer = flame_layer(flame, 10, 12)
    expected = layer(expression=torch.tensor(expression)).vertices.detach().numpy()
    assert np.abs(model.vertices(expression) - z_up(expected)).max() < AGREES
    assert model.ranges is None


def test_the_jaw_is_exact_at_two_units_and_one_sided(flame: Path, tmp_path: Path) -> None:
    import torch

    model = saved(convert(flame, Conversion(jaw=True)), tmp_path)
    assert model.metadata["family"] == "flame-expression"
    assert model.component_count == 11
    layer = flame_layer(flame, 10, 10)

    def opened(radians: float) -> np.ndarray:
        jaw = torch.zeros(SHAPES, 3)
        jaw[:, 0] = radians
        return z_up(layer(jaw_pose=jaw).vertices.detach().numpy()[0])

    units = np.zeros(11, np.float32)
    units[10] = 2.0
    assert np.abs(model.vertices(units) - opened(0.2)).max() < AGREES
    units[10] = 1.0
    off = np.abs(model.vertices(units) - opened(0.1)).max()
    assert AGREES < off < 1e-3  # a straight line in place of an arc
    assert model.ranges is not None
    assert model.ranges[10].tolist() == [0.0, 4.0]
    assert model.ranges[0].tolist() == [-4.0, 4.0]


def test_smal_is_the_published_formula_turned_to_face_the_viewer(folder: Path, tmp_path: Path) -> None:
    means = folder / "smal_CVPR2017_data.pkl"
    data = files.write_smal(folder / "smal_CVPR2017.pkl", means)
    betas = coefficients(41)
    nose = data["v_template"][1863]
    for animal, row in ((None, None), ("horse", 2), ("cow", 3)):
        model = saved(convert(folder / "smal_CVPR2017.pkl", Conversion(components=41, animal=animal)), tmp_path)
        whole = betas if row is None else betas + data["cluster_means"][row]
        expected = data["v_template"] + np.einsum("nk,vik->nvi", whole, data["shapedirs"])
        # the file's nose is at +X, its back at +Z: a quarter turn about Z
        expected = np.stack([expected[..., 1], -expected[..., 0], expected[..., 2]], -1)
        assert np.abs(model.vertices(betas) - expected).max() < AGREES
    assert nose[0] == data["v_template"][:, 0].max()
    with pytest.raises(SemantifyError, match=r"'unicorn'.*cat, lion"):
        convert(folder / "smal_CVPR2017.pkl", Conversion(animal="unicorn"))
    with pytest.raises(FileFormatError, match=r"elsewhere\.pkl: file: does not exist"):
        convert(folder / "smal_CVPR2017.pkl", Conversion(animal="cat", means=folder / "elsewhere.pkl"))


def test_chumpy_pickle_and_npz_of_smpl_give_the_same_model(folder: Path) -> None:
    models = []
    for layout, name in (("chumpy", "basicModel_m_lbs.pkl"), ("pkl", "basicmodel_m_lbs_v1.1.0.pkl"), ("npz", "m.npz")):
        files.write_smpl(folder / name, layout)
        models.append(convert(folder / name, Conversion(variant="male")))
    # a .npz that somebody made of the pickle keeps the sparse matrix as an object
    from scipy.sparse import csc_matrix

    content = dict(np.load(folder / "m.npz"))
    np.savez(
        folder / "objects.npz", **(content | {"J_regressor": np.array(csc_matrix(content["J_regressor"]), object)})
    )
    models.append(convert(folder / "objects.npz", Conversion(variant="male")))
    assert len({model.checksum for model in models}) == 1
    assert convert(folder / "basicModel_m_lbs.pkl").name == "smpl-male"


def test_the_mouth_closes_against_itself_and_a_mask_names_the_lips(flame: Path, folder: Path) -> None:
    model = convert(flame, Conversion(family="flame-shape"))
    upper, lower = model.extra["separation/lips/upper"], model.extra["separation/lips/lower"]
    assert (upper[0], lower[0]) == (files.UPPER_LIP, files.LOWER_LIP)
    assert len(upper) >= 5
    assert (model.template[upper, 2] >= model.template[lower, 2]).all()
    assert np.linalg.norm(model.template[upper] - model.template[lower], axis=1).max() < 0.006
    near = np.linalg.norm(model.template - model.template[upper[0]], axis=1) < 0.03
    files.write_masks(folder / "FLAME_masks.pkl", np.flatnonzero(near))
    masked = convert(flame, Conversion(family="flame-shape", masks=folder / "FLAME_masks.pkl"))
    assert 10 < masked.regions["lips"].sum() < 1000


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Conversion(jaw=True, family="flame-shape"), r"--jaw goes with flame-expression, but this is a flame-shape"),
        (Conversion(pose="a", family="flame-shape"), r"--pose goes with smpl and smplx"),
        (Conversion(animal="cat", family="flame-expression"), r"--animal goes with smal"),
        (Conversion(), r"FLAME file, which makes two models: say --family flame-shape or flame-expression"),
        (Conversion(family="smpl"), r"v_template: has 5023 vertices, but SMPL has 6890"),
        (Conversion(family="starfish"), r"unknown --family 'starfish'"),
        (Conversion(family="flame-shape", components=301), r"has 300 components for flame-shape but .* 301"),
        (Conversion(family="flame-expression", components=101), r"has 100 components"),
        (Conversion(family="flame-expression", components=0), r"--components asks for 0"),
        (Conversion(family="flame-shape", texture=Path("x.png")), r"a texture needs UV"),
    ],
)
def test_options_that_do_not_go(flame: Path, wanted: Conversion, message: str) -> None:
    with pytest.raises(SemantifyError, match=message):
        convert(flame, wanted)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4])
def test_chumpy_objects_are_read_from_every_protocol(protocol: int) -> None:
    import io
    import pickle

    from semantify_blender.core.families.shells import as_array
    from semantify_blender.core.families.unpickle import unpickle

    values = np.random.default_rng(0).random((4, 3))
    with files.chumpy_shells() as modules:
        chosen = modules["Select"](modules["Ch"](values), np.arange(12)[::-2], (2, 3))
        data = pickle.dumps({"x": modules["Ch"](values), "chosen": chosen}, protocol)
    found = unpickle(io.BytesIO(data), len(data))
    assert isinstance(found, dict)
    assert np.array_equal(as_array(found["x"]), values)
    assert np.array_equal(as_array(found["chosen"]), values.ravel()[::-2].reshape(2, 3))


def test_limbs_of_a_body_are_the_sums_of_its_joints(tmp_path: Path) -> None:
    """So that its pictures can show other poses (look "wild")."""
    data = files.write_smpl(tmp_path / "SMPL_FEMALE.npz", "npz")
    model = saved(convert(tmp_path / "SMPL_FEMALE.npz", Conversion()), tmp_path)
    rig = Rig.of(model)
    assert rig is not None
    assert set(LIMBS) <= set(rig.chains)
    parents, weights = data["kintree_table"][0].astype(int), np.asarray(data["weights"])
    starts = {16: "upperarm.L", 17: "upperarm.R", 18: "forearm.L", 19: "forearm.R", 1: "thigh.L", 2: "thigh.R"}
    starts |= {4: "shin.L", 5: "shin.R", 12: "neck"}
    wanted = np.zeros((len(weights), len(rig.names)))
    for joint in range(len(parents)):
        at = joint
        while at not in starts and at != 0:
            at = parents[at]
        wanted[:, rig.names.index(starts.get(at, "torso"))] += weights[:, joint]
    kept = np.sort(wanted, 1)[:, -4:].sum(1)
    largest = wanted.argmax(1)
    rows = np.arange(len(wanted))
    np.testing.assert_allclose(rig.weights[rows, largest], wanted[rows, largest] / kept, atol=2e-3)
    np.testing.assert_allclose(rig.weights.sum(1), 1, atol=1e-3)
