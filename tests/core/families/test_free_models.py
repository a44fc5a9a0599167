"""Free and recent models' files: their published formulas, options, sizes and axes, and what is said when one fails."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.families import Conversion, convert
from semantify_blender.core.families.mesh_files import read_mesh
from semantify_blender.core.families.plausible import check_basis
from semantify_blender.core.families.skinning import quaternion, rotation
from semantify_blender.core.families.smpl import A_POSE
from semantify_blender.core.families.torch_archive import TorchArchive
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.skeleton import Skeleton
from tests import free_model_files as files
from tests import licensed_files

AGREES = 1e-5


def z_up(vectors: np.ndarray) -> np.ndarray:
    """A quarter turn about X, written again on purpose."""
    return vectors @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T


def saved(model: MorphableModel, folder: Path) -> MorphableModel:
    model.save(folder / "kept.model.npz")
    again = MorphableModel.load(folder / "kept.model.npz")
    assert again.checksum == model.checksum
    return again


def agrees(model: MorphableModel, template: np.ndarray, basis: np.ndarray) -> None:
    """template: (V, 3), basis: (K, V, 3), metres, Z up, of K random coefficients."""
    assert len(basis) == model.component_count
    xi = np.random.default_rng(5).uniform(-2, 2, (3, len(basis)))
    assert np.abs(model.vertices(xi) - (template + np.einsum("nk,kvd->nvd", xi, basis))).max() < AGREES


def test_gnm_keeps_the_heads_own_directions(tmp_path: Path) -> None:
    data = files.write_gnm(tmp_path / "gnm_head.npz")
    model = saved(convert(tmp_path / "gnm_head.npz"), tmp_path)
    head = [i for i, name in enumerate(data["identity_names"]) if name.startswith("head_")]
    agrees(model, z_up(data["template_vertex_positions"]), z_up(data["vertex_identity_basis"][head]))
    assert model.metadata["component_names"] == [f"head_{i:03d}" for i in range(5)]
    assert model.metadata["licence"] == "Apache-2.0, GNM Head (Google)"
    assert model.uv is not None
    assert len(model.uv) == model.face_offsets[-1]
    quad = np.flatnonzero(np.diff(model.face_offsets) == 4)[3]
    at = model.face_offsets[quad]
    assert np.abs(model.uv[at : at + 4] - data["quad_uvs"][quad]).max() < 1e-6
    expression = convert(tmp_path / "gnm_head.npz", Conversion(family="gnm-expression", components=3))
    agrees(expression, z_up(data["template_vertex_positions"]), z_up(data["expression_basis"][:3]))


def test_mhr_is_read_without_torch_and_in_centimetres(tmp_path: Path) -> None:
    data = files.write_mhr(tmp_path / "mhr_model.pt")
    model = saved(convert(tmp_path / "mhr_model.pt"), tmp_path)
    agrees(model, 0.01 * z_up(data["template"]), 0.01 * z_up(data["basis"]))
    assert model.name == "mhr-neutral"
    expression = convert(tmp_path / "mhr_model.pt", Conversion(family="mhr-expression"))
    agrees(expression, 0.01 * z_up(data["template"]), 0.01 * z_up(data["expressions"]))
    assert expression.ranges is not None
    assert expression.ranges.tolist() == [[0, 1]] * 5
    assert expression.metadata["sampler"] == "sparse"


def test_soma_scales_its_directions_by_their_deviations(tmp_path: Path) -> None:
    data = files.write_soma(tmp_path / "SOMA_neutral.npz")
    model = saved(convert(tmp_path / "SOMA_neutral.npz", Conversion(components=6)), tmp_path)
    agrees(model, 0.01 * z_up(data["mean"]), 0.01 * z_up(data["basis"]))


def test_ict_reads_identity_and_expressions(tmp_path: Path) -> None:
    data = files.write_ict(tmp_path / "FaceXModel")
    model = saved(convert(tmp_path / "FaceXModel"), tmp_path)
    agrees(model, 0.01 * z_up(data["template"]), 0.01 * z_up(data["basis"]))
    assert model.metadata["family"] == "ict"
    # the folder above is as good
    expression = convert(tmp_path, Conversion(family="ict-expression"))
    agrees(expression, 0.01 * z_up(data["template"]), 0.01 * z_up(data["expressions"]))
    assert expression.metadata["component_names"] == ["browDown_L", "jawOpen", "mouthSmile_R"]


def star_vertices(data: dict[str, np.ndarray], betas: np.ndarray, pose: dict[int, np.ndarray]) -> np.ndarray:
    """STAR as its authors' code has it, one shape, one joint after the other."""
    shaped = data["v_template"] + data["shapedirs"] @ betas
    joints = data["J_regressor"] @ shaped
    turns = [pose.get(j, np.zeros(3)) for j in range(24)]
    features = np.concatenate([*(quaternion(turn) for turn in turns[1:]), betas[1:2]])
    posed = shaped + data["posedirs"] @ features
    moves = []
    for j, parent in enumerate(data["kintree_table"][0].astype(np.int64)):
        local = np.eye(4)
        local[:3, :3] = rotation(turns[j])
        local[:3, 3] = joints[j] - (joints[parent] if j else 0)
        moves.append(moves[parent] @ local if j else local)
    for j, move in enumerate(moves):
        move[:3, 3] -= move[:3, :3] @ joints[j]
    blended = np.einsum("vj,jab->vab", data["weights"], np.stack(moves))
    return np.einsum("vab,vb->va", blended[:, :3, :3], posed) + blended[:, :3, 3]


@pytest.mark.parametrize("pose", ["t", "a"])
def test_star_bends_by_quaternions_and_by_its_second_coefficient(tmp_path: Path, pose: str) -> None:
    data = files.write_star(tmp_path / "star_female.npz")
    model = saved(convert(tmp_path / "star_female.npz", Conversion(pose=pose, components=4)), tmp_path)
    assert model.name == "star-female"
    for betas in (np.zeros(12), np.array([1.0, -2.0, 0.5, 1.5, *[0] * 8])):
        expected = z_up(star_vertices(data, betas, A_POSE if pose == "a" else {}))
        assert np.abs(model.vertices(betas[:4]) - expected).max() < AGREES
    assert Skeleton.of(model) is not None


def test_a_quaternion_is_that_of_its_rotation() -> None:
    turn = np.array([0.3, -0.5, 0.2])
    x, y, z, w = quaternion(turn) + np.eye(4)[3]
    assert np.isclose(np.linalg.norm([x, y, z, w]), 1)
    assert np.isclose(np.trace(rotation(turn)), 4 * w**2 - 1)
    assert quaternion(np.zeros(3)).tolist() == [0, 0, 0, 0]


def test_supr_and_skel_keep_the_pose_of_their_files(tmp_path: Path) -> None:
    data = files.write_supr(tmp_path / "SUPR_neutral.npy")
    model = saved(convert(tmp_path / "SUPR_neutral.npy", Conversion(components=12)), tmp_path)
    assert (model.name, model.metadata["family"]) == ("supr-neutral", "supr")
    agrees(model, z_up(data["v_template"]), z_up(np.moveaxis(data["shapedirs"], 2, 0)))
    data = files.write_skel(tmp_path / "skel_male.pkl")
    model = saved(convert(tmp_path / "skel_male.pkl"), tmp_path)
    assert model.name == "skel-male"
    agrees(model, z_up(data["skin_template_v"]), z_up(np.moveaxis(data["shapedirs"], 2, 0)))
    with pytest.raises(SemantifyError, match=r"--pose goes with smpl and smplx and star, but this is a skel model"):
        convert(tmp_path / "skel_male.pkl", Conversion(pose="a"))


def test_makehuman_leaves_its_helpers_out(tmp_path: Path) -> None:
    data = files.write_makehuman(tmp_path)
    model = saved(convert(tmp_path / "targets"), tmp_path)
    order = [sorted(data["names"]).index(name) for name in data["names"]]
    basis = np.empty_like(data["basis"])
    basis[order] = data["basis"]
    agrees(
        model, 0.1 * z_up(data["template"]), 0.1 * z_up(np.where(np.abs(basis).max(2, keepdims=True) > 1e-4, basis, 0))
    )
    assert model.metadata["component_names"] == sorted(data["names"])
    assert model.extra["file_vertices"].tolist() == list(range(len(data["template"])))
    nose = convert(tmp_path / "targets" / "nose", Conversion(neutral=tmp_path / "3dobjs/base.obj"))
    assert nose.metadata["component_names"] == ["nose-long", "nose-wide"]


def test_a_file_of_ones_own_says_its_unit_and_axes(tmp_path: Path) -> None:
    files.write_generic(tmp_path / "mine.npz")
    model = saved(convert(tmp_path / "mine.npz"), tmp_path)
    template, basis, _ = files.figure(1700, 5, 19)
    agrees(model, 0.001 * z_up(template), 0.001 * z_up(basis))
    assert model.name == "generic-mine"
    assert model.metadata["licence"] == "CC-BY-4.0"
    assert model.metadata["component_names"][0] == "tall"
    named = convert(tmp_path / "mine.npz", Conversion(licence="CC0-1.0", name="ours", components=2))
    assert (named.name, named.metadata["licence"], named.component_count) == ("ours", "CC0-1.0", 2)
    # keys: all of them are kept, and drawn a few at a time
    files.write_generic(tmp_path / "keys.npz", ranges=np.tile([-1.0, 2.0], (5, 1)), units=0.001, name="my keys")
    keys = convert(tmp_path / "keys.npz")
    assert (keys.name, keys.metadata["sampler"]) == ("my keys", "sparse")
    assert keys.ranges is not None


@pytest.mark.parametrize("suffix", [".obj", ".ply"])
def test_a_folder_of_meshes(tmp_path: Path, suffix: str) -> None:
    data = files.write_mesh_folder(tmp_path / "shapes", suffix)
    model = saved(convert(tmp_path / "shapes"), tmp_path)
    order = [1, 2, 0]  # fat, long neck, tall
    assert model.metadata["component_names"] == ["fat", "long neck", "tall"]
    agrees(model, z_up(data["template"]), z_up(data["basis"][order]))
    (tmp_path / "shapes" / f"base{suffix}").write_bytes((tmp_path / "shapes" / f"tall{suffix}").read_bytes())
    with pytest.raises(SemantifyError, match=r"has 2 meshes that are called so: name the neutral mesh with --neutral"):
        convert(tmp_path / "shapes")
    named = Conversion(neutral=tmp_path / "shapes" / f"body_neutral{suffix}")
    assert convert(tmp_path / "shapes", named).component_count == 4


def test_ascii_ply_and_binary_ply_are_the_same(tmp_path: Path) -> None:
    from semantify_blender.core.families.mesh_files import read_mesh

    template, _, rows = files.figure(1.0, 1, 3)
    files.write_ply(tmp_path / "a.ply", template, rows)
    files.write_ply(tmp_path / "b.ply", template, rows, binary=False)
    one, two = read_mesh(tmp_path / "a.ply"), read_mesh(tmp_path / "b.ply")
    assert np.abs(one.vertices - two.vertices).max() < 1e-6
    assert one.faces.tolist() == two.faces.tolist()
    assert one.sizes.tolist() == two.sizes.tolist()


PLAIN = {"units": None, "up": None, "front": None, "licence": None}


@pytest.mark.parametrize(
    ("scale", "turned", "wanted", "message"),
    [
        (1.0, [0, 1, 2], Conversion(), r"is 1,700 m tall, as hardly anything is: .* --scale 0\.001 for millimetres"),
        (0.1, [0, 1, 2], Conversion(), r"is 170 m tall, .* --scale 0\.01 for centimetres"),
        (1e-6, [0, 1, 2], Conversion(), r"is 0\.0017 m tall, .* --scale 588 makes it 1 m"),
        (
            0.001,
            [2, 0, 1],
            Conversion(),
            r"lies down, 1\.7 m long and 0\.\d+ m tall with y up: say --up z \(or --up=-z\)",
        ),
        (
            0.001,
            [1, 2, 0],
            Conversion(),
            r"lies down, 1\.7 m long .* say --up x \(or --up=-x\), or --up y if that is right",
        ),
        (0.001, [2, 0, 1], Conversion(up="z"), None),
        (0.001, [2, 0, 1], Conversion(up="y"), None),
        (1.0, [0, 1, 2], Conversion(scale=0.001), None),
        (1.0, [0, 1, 2], Conversion(scale=-1.0), r"--scale is -1: give the metres of one unit"),
        (0.001, [0, 1, 2], Conversion(up="y", front="-y"), r"up is y and the front is -y: give two different axes"),
        (0.001, [0, 1, 2], Conversion(up="north"), r"'north' is no axis: choose one of x, y, z"),
    ],
)
def test_size_and_upward_axis_are_plausible(
    tmp_path: Path, scale: float, turned: list[int], wanted: Conversion, message: str | None
) -> None:
    template, basis, _ = files.figure(1700, 5, 19)
    arrays = {"template": scale * template[:, turned], "basis": scale * basis[:, :, turned]}
    files.write_generic(tmp_path / "mine.npz", **arrays, **PLAIN)
    if message is None:
        assert convert(tmp_path / "mine.npz", wanted).metadata["licence"].startswith("not known")
        return
    with pytest.raises(SemantifyError, match=message):
        convert(tmp_path / "mine.npz", wanted)


def without(path: Path, *names: str) -> Path:
    """The .npz again, some arrays missing."""
    content = {name: value for name, value in np.load(path).items() if name not in names}
    np.savez(path, **content)
    return path


def broken_star(folder: Path) -> Path:
    files.write_star(folder / "star_male.npz")
    return without(folder / "star_male.npz", "shapedirs")


def star_without_pose(folder: Path) -> Path:
    files.write_star(folder / "star_male.npz")
    return without(folder / "star_male.npz", "posedirs")


def broken_gnm(folder: Path) -> Path:
    files.write_gnm(folder / "gnm_head.npz")
    return without(folder / "gnm_head.npz", "template_vertex_positions")


def broken_soma(folder: Path) -> Path:
    files.write_soma(folder / "SOMA_neutral.npz")
    return without(folder / "SOMA_neutral.npz", "eigenvalues")


def broken_mhr(folder: Path) -> Path:
    files.write_mhr(folder / "mhr_model.pt")
    return packed_again(folder / "mhr_model.pt", lambda data: data.replace(b"base_shape", b"base_shade"))


def half_an_mhr(folder: Path) -> Path:
    files.write_mhr(folder / "mhr_model.pt")
    data = (folder / "mhr_model.pt").read_bytes()
    (folder / "mhr_model.pt").write_bytes(data[: len(data) // 2])
    return folder / "mhr_model.pt"


def packed_again(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """A PyTorch archive with another data.pkl."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    root = next(name for name in members if name.endswith("/data.pkl"))
    members[root] = change(members[root])
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def broken_ict(folder: Path) -> Path:
    files.write_ict(folder / "FaceXModel")
    path = folder / "FaceXModel" / "identity001.obj"
    path.write_text("\n".join(path.read_text().splitlines()[5:]))
    return folder / "FaceXModel"


def broken_target(folder: Path) -> Path:
    files.write_makehuman(folder)
    (folder / "targets" / "nose" / "nose-wide.target").write_text("900000 1 2 3\n")
    return folder / "targets"


def other_torch(folder: Path) -> Path:
    import torch

    torch.save({"weights": torch.zeros(3)}, folder / "network.pt")
    return folder / "network.pt"


def mano(folder: Path) -> Path:
    np.savez(folder / "MANO_RIGHT.npz", v_template=np.zeros((778, 3)), hands_components=np.zeros((45, 45)))
    return folder / "MANO_RIGHT.npz"


def basel(folder: Path) -> Path:
    (folder / "model2019.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    return folder / "model2019.h5"


def one_mesh(folder: Path) -> Path:
    template, _, rows = files.figure(1.7, 1, 0)
    files.write_obj(folder / "head.obj", template, rows)
    return folder / "head.obj"


def empty(folder: Path) -> Path:
    (folder / "nothing").mkdir()
    return folder / "nothing"


def own_without_faces(folder: Path) -> Path:
    files.write_generic(folder / "mine.npz", faces=None)
    return folder / "mine.npz"


def own_in_cubits(folder: Path) -> Path:
    files.write_generic(folder / "mine.npz", units="cubits")
    return folder / "mine.npz"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (broken_star, r"star_male\.npz: this is a STAR model: shapedirs: missing; the file has"),
        (star_without_pose, r"this is a STAR model: posedirs: missing"),
        (broken_gnm, r"this is a GNM Head model: template_vertex_positions: missing"),
        (broken_soma, r"this is a SOMA model: eigenvalues: missing"),
        (broken_mhr, r"mhr_model\.pt: this is an MHR model: character_torch\.blend_shape\.base_shape: missing"),
        (half_an_mhr, r"mhr_model\.pt: by its name an MHR model: file: is damaged"),
        (broken_ict, r"identity001\.obj: this is an ICT-FaceKit model: v: has \d+ vertices, but .* has \d+"),
        (broken_target, r"nose-wide\.target: this is a MakeHuman model: target: expected vertex numbers in 0"),
        (other_torch, r"network\.pt: .*missing; of PyTorch's files only MHR's"),
        (mano, r"this is a MANO model, a hand alone, which is not read"),
        (basel, r"is an HDF5 file, as the Basel Face Model is, which is not read: save template, basis and faces"),
        (one_mesh, r"head\.obj: is one shape: give the folder that holds it"),
        (empty, r"nothing: file: is a folder without \.obj, \.ply or \.target files"),
        (own_without_faces, r"mine\.npz: faces: missing"),
        (own_in_cubits, r"mine\.npz: units: is 'cubits': say one of m, dm, cm, mm"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    path = make(tmp_path)
    with pytest.raises(SemantifyError, match=message):
        convert(path)


@pytest.mark.parametrize(("family", "told"), [("smpl", "star"), ("generic", "star"), ("smplx", "supr")])
def test_a_family_is_not_taken_for_another(tmp_path: Path, family: str, told: str) -> None:
    files.write_star(tmp_path / "female.npz")
    files.write_supr(tmp_path / "female.npy")
    path = tmp_path / ("female.npz" if told == "star" else "female.npy")
    with pytest.raises(SemantifyError, match=rf"this is a {told.upper()} model: say --family {told}"):
        convert(path, Conversion(family=family))


def test_a_module_of_an_archive_runs_nothing(tmp_path: Path) -> None:
    """A name of another kind in data.pkl is refused, as in every pickle."""
    files.write_mhr(tmp_path / "mhr_model.pt")
    packed_again(tmp_path / "mhr_model.pt", lambda data: b"\x80\x02cposix\nsystem\nX\x0a\x00\x00\x00touch evil\x85R.")
    with pytest.raises(FileFormatError, match=r"data\.pkl: asks for posix\.system, which is not admitted"):
        convert(tmp_path / "mhr_model.pt")


def test_300_components_are_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    template, basis, rows = files.figure(1.7, 3, 1)
    many = rng.normal(0, 0.001, (300, *template.shape))
    many[:3] = basis
    np.savez(tmp_path / "many.npz", template=template, basis=many, faces=rows)
    model = saved(convert(tmp_path / "many.npz", Conversion(components=300)), tmp_path)
    assert model.component_count == 300


def test_the_real_ict_mesh_loses_its_shader_layers_and_gets_its_regions(tmp_path: Path) -> None:
    """By its numbers of vertices and faces, which the real one alone has."""
    count, faces = 26_719, 26_384
    template = np.random.default_rng(0).uniform(-15, 15, (count, 3))
    rows = np.arange(faces)[:, None] + np.arange(4)
    for name, field in (("generic_neutral_mesh", 0.0), ("identity000", 1.0)):
        files.write_obj(tmp_path / f"{name}.obj", template + field, rows)
    model = convert(tmp_path)
    assert model.face_count == 24_692
    assert model.extra["file_vertices"].max() == 24_694
    assert {name: int(mask.sum()) for name, mask in model.regions.items()} == {
        "skin": 24_692, "mouth": 2082, "gums": 2972, "teeth": 4490, "eyes": 1600, "iris": 1596,
    }  # fmt: skip


def test_a_research_file_in_another_unit_or_with_other_axes_is_told(tmp_path: Path) -> None:
    data = licensed_files.write_smpl(tmp_path / "SMPL_MALE.npz", "npz")
    lengths = {"v_template", "shapedirs", "posedirs"}
    np.savez(tmp_path / "mm.npz", **{name: 1000 * a if name in lengths else a for name, a in data.items()})
    with pytest.raises(SemantifyError, match=r"mm\.npz: is 1,\d{3} m \w+, as no body is: .* --scale 0\.001 for milli"):
        convert(tmp_path / "mm.npz", Conversion(pose="t"))
    one = convert(tmp_path / "mm.npz", Conversion(scale=0.001))
    assert np.abs(one.template - convert(tmp_path / "SMPL_MALE.npz").template).max() < AGREES
    turned = {**data, "v_template": data["v_template"][:, [0, 2, 1]]}
    np.savez(tmp_path / "z.npz", **turned)
    with pytest.raises(SemantifyError, match=r"z\.npz: lies down, but a SMPL file has Y up"):
        convert(tmp_path / "z.npz", Conversion(pose="t"))
    with pytest.raises(SemantifyError, match=r"--up goes with gnm"):
        convert(tmp_path / "z.npz", Conversion(up="z"))


def test_a_number_below_zero_counts_from_where_it_stands(tmp_path: Path) -> None:
    """Exporters that write one part after the other count backwards from there, not from the file's end."""
    path = tmp_path / "parts.obj"
    corners = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"
    path.write_text(f"{corners}f -3 -2 -1\n{corners}f -3 -2 -1\n")
    assert read_mesh(path).faces.tolist() == [0, 1, 2, 3, 4, 5]


def test_files_that_say_nothing_of_most_vertices_take_no_memory(tmp_path: Path) -> None:
    with pytest.raises(SemantifyError, match=r"1024 shapes of 400000 vertices are too much: give --components \d+$"):
        check_basis(tmp_path, 1024, 400_000)
    check_basis(tmp_path, 300, 20_000)


def test_a_few_numbers_that_are_declared_to_be_many_take_no_memory(tmp_path: Path) -> None:
    """A stride of 0 shows one number again and again."""
    import torch

    class Few(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("many", torch.zeros(1).expand(1 << 27))

        def forward(self) -> torch.Tensor:
            return self.many

    torch.jit.script(Few()).save(str(tmp_path / "few.pt"))
    assert (tmp_path / "few.pt").stat().st_size < 1 << 20
    archive = TorchArchive(tmp_path / "few.pt")
    with pytest.raises(FileFormatError, match="many: declares 134217728 numbers where fewer are"):
        archive.array("many")
    archive._find("many").storage.count = 1 << 27  # as a forged file says
    with pytest.raises(FileFormatError, match="many: ends after 4 bytes"):
        archive.array("many")
