"""Files in the formats of free and recent models with content of our own, for tests: tiny meshes, real containers.

GNM Head, MHR, SOMA, ICT-FaceKit, STAR, SUPR, SKEL, MakeHuman's targets, and models of one's own. Each writer gives what
a reader should find: template and basis in the space and the unit of the file.
"""

import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tests.synthetic import synthetic_model

RINGS, SEGMENTS = 10, 8


def figure(height: float, components: int, seed: int, wide: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A figure with Y up, facing +Z: template (V, 3), basis (K, V, 3), quads and triangles as rows (F, 4)."""
    model = synthetic_model(rings=RINGS, segments=SEGMENTS, components=max(components, 2), seed=seed)
    size = height / np.ptp(model.template[:, 2])
    turned = [1, 2, 0]  # x, y, z of Z up, facing −Y -> Y up: the file's x is their y here, which is as good
    template = size * model.template.astype(np.float64)[:, turned] * [wide, 1, wide]
    template[:, 2] *= 0.7
    basis = size * model.basis[:components].astype(np.float64)[:, :, turned]
    sizes = np.diff(model.face_offsets)
    rows = np.full((len(sizes), 4), -1)
    for i, (first, count) in enumerate(zip(model.face_offsets[:-1], sizes, strict=True)):
        rows[i, :count] = model.corner_vertices[first : first + count]
    rows[rows[:, 3] < 0, 3] = rows[rows[:, 3] < 0, 2]
    return template, basis, rows


def triangles(rows: np.ndarray) -> np.ndarray:
    """(T, 3) of quads and triangles."""
    quads = rows[rows[:, 3] != rows[:, 2]]
    return np.concatenate([rows[:, :3], quads[:, [0, 2, 3]]])


def write_gnm(path: Path, seed: int = 11) -> dict[str, Any]:
    """`gnm_head.npz`: metres, quads with their own UV, directions of head, eyes and teeth, expressions."""
    template, basis, quads = figure(0.3, 8, seed)
    _, expressions, _ = figure(0.3, 6, seed + 1)
    names = ["head_000", "eyes_000", "head_001", "teeth_000", "head_002", "head_003", "eyeballs_000", "head_004"]
    count = len(template)
    content = {
        "version": np.array("3.0"),
        "variant": np.array("head"),
        "template_vertex_positions": template,
        "vertex_identity_basis": basis,
        "expression_basis": 0.5 * expressions,
        "identity_names": np.array(names),
        "expression_names": np.array([f"mouth_{i:03d}" for i in range(6)]),
        "quads": quads,
        "quad_uvs": np.random.default_rng(seed).random((len(quads), 4, 2)),
        "triangles": triangles(quads),
        "skinning_weights": np.full((4, count), 0.25),
        "vertex_groups": np.ones((1, count), np.float32),
        "vertex_group_names": np.array(["face"]),
        "mesh_component_names": np.array(["head"]),
        "mirror_indices": np.arange(count),
    }
    np.savez_compressed(path, **content)
    return content


def write_mhr(path: Path, seed: int = 12) -> dict[str, np.ndarray]:
    """`mhr_model.pt`: a TorchScript archive as `torch.jit.save` writes it; centimetres."""
    import torch

    template, basis, rows = figure(172, 9, seed)
    _, expressions, _ = figure(172, 5, seed + 1)

    class Shapes(torch.nn.Module):
        def __init__(self, base: np.ndarray | None, vectors: np.ndarray) -> None:
            super().__init__()
            if base is not None:
                self.register_buffer("base_shape", torch.tensor(base, dtype=torch.float32))
            self.register_buffer("shape_vectors", torch.tensor(vectors, dtype=torch.float32))

        def forward(self, coefficients: torch.Tensor) -> torch.Tensor:
            return torch.einsum("bk,kvd->bvd", coefficients, self.shape_vectors)

    class Mesh(torch.nn.Module):
        def __init__(self, faces: np.ndarray) -> None:
            super().__init__()
            self.register_buffer("faces", torch.tensor(faces.astype(np.int64)))

        def forward(self) -> torch.Tensor:
            return self.faces

    class Character(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blend_shape, self.mesh = Shapes(template, basis), Mesh(triangles(rows))
            self.joint_names = ["root", "spine"]
            self.limits = [1, 2, 3]

        def forward(self, coefficients: torch.Tensor) -> torch.Tensor:
            return self.blend_shape(coefficients)

    class Rig(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.character_torch, self.face_expressions_model = Character(), Shapes(None, 0.1 * expressions)
            self.correctives = torch.nn.Linear(3, 2)

        def forward(self, identity: torch.Tensor, expression: torch.Tensor) -> torch.Tensor:
            return self.character_torch(identity) + self.face_expressions_model(expression)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch would rather have another format written
        torch.jit.save(torch.jit.script(Rig()), str(path))
    return {"template": template, "basis": basis, "expressions": 0.1 * expressions}


def write_soma(path: Path, seed: int = 13) -> dict[str, np.ndarray]:
    """`SOMA_neutral.npz`: centimetres, unit directions with their variances, flattened."""
    template, basis, rows = figure(170, 6, seed)
    lengths = np.sqrt((basis**2).sum((1, 2)))
    content = {
        "mean": template,
        "shapedirs": (basis / lengths[:, None, None]).reshape(len(basis), -1),
        "eigenvalues": lengths**2,
        "triangles": triangles(rows),
    }
    np.savez(path, **content)
    return {**content, "basis": basis}


def write_ict(folder: Path, seed: int = 14) -> dict[str, np.ndarray]:
    """The folder `FaceXModel`: .obj of the neutral mesh, identities and expressions; centimetres, quads, with UV."""
    folder.mkdir(exist_ok=True)
    template, basis, rows = figure(30, 4, seed)
    _, expressions, _ = figure(30, 3, seed + 1)
    uv = np.random.default_rng(seed).random((len(rows), 2))
    write_obj(folder / "generic_neutral_mesh.obj", template, rows, uv)
    for i, field in enumerate(basis):
        write_obj(folder / f"identity{i:03d}.obj", template + field, rows, uv)
    names = ["browDown_L", "jawOpen", "mouthSmile_R"]
    for name, field in zip(names, expressions, strict=True):
        write_obj(folder / f"{name}.obj", template + field, rows, uv)
    (folder / "vertex_indices.json").write_text(json.dumps({"expressions": names, "landmarks": [1, 2]}))
    return {"template": template, "basis": basis, "expressions": expressions}


def write_star(path: Path, seed: int = 15) -> dict[str, np.ndarray]:
    """STAR's `model.npz`: SMPL's names, pose blend shapes by quaternions and by the second shape coefficient."""
    template, basis, rows = figure(1.7, 12, seed, wide=1.2)
    joints = _skeleton(template, 24, seed)
    rng = np.random.default_rng(seed)
    content = {
        "v_template": template,
        "f": triangles(rows).astype(np.uint32),
        "shapedirs": np.moveaxis(basis, 0, 2),
        "posedirs": rng.normal(0, 0.01, (len(template), 3, 93)),
        **joints,
    }
    np.savez(path, **content)
    return content


def write_supr(path: Path, seed: int = 16) -> dict[str, Any]:
    """SUPR's `.npy`: a dictionary; 75 joints, regressed from all coordinates and a constant."""
    template, basis, rows = figure(1.7, 12, seed, wide=1.2)
    joints = _skeleton(template, 75, seed)
    content = {
        "v_template": template,
        "f": triangles(rows).astype(np.uint32),
        "shapedirs": np.moveaxis(basis, 0, 2),
        "posedirs": np.zeros((len(template), 3, 300), np.float32),
        **joints,
        "J_regressor": np.zeros((3 * 75, 3 * len(template) + 1), np.float32),
    }
    np.save(path, np.array(content, object), allow_pickle=True)
    return content


def write_skel(path: Path, seed: int = 17) -> dict[str, Any]:
    """`skel_male.pkl`: the skin beside a skeleton's mesh, SMPL's shape directions."""
    template, basis, rows = figure(1.7, 10, seed, wide=1.2)
    content = {
        "skin_template_v": template,
        "skin_template_f": triangles(rows),
        "skel_template_v": template * 0.5,
        "skel_template_f": triangles(rows),
        "shapedirs": np.moveaxis(basis, 0, 2),
        "posedirs": np.zeros((len(template), 3, 207)),
        "bone_names": ["pelvis", "femur_r"],
        "joints_name": ["pelvis", "hip_r"],
        "osim_kintree_table": np.zeros((2, 24), np.int64),
        "weights": np.full((len(template), 24), 1 / 24),
    }
    path.write_bytes(pickle.dumps(content, 4))
    return content


def write_makehuman(folder: Path, seed: int = 18) -> dict[str, np.ndarray]:
    """MakeHuman's `data`: `3dobjs/base.obj` with helpers, and `targets/…/*.target`; decimetres. Give `targets`."""
    template, basis, rows = figure(17, 4, seed)
    (folder / "3dobjs").mkdir(parents=True)
    cube = len(template) + np.arange(4)
    vertices = np.concatenate([template, np.array([[0, 20, 0], [1, 20, 0], [1, 21, 0], [0, 21, 0]], float)])
    write_obj(folder / "3dobjs/base.obj", vertices, rows, groups=[("body", rows), ("helper-skirt", cube[None])])
    names = ["nose/nose-wide", "nose/nose-long", "torso/torso-tall", "torso/torso-wide"]
    for name, field in zip(names, basis, strict=True):
        path = folder / "targets" / f"{name}.target"
        path.parent.mkdir(parents=True, exist_ok=True)
        moved = np.flatnonzero(np.abs(field).max(1) > 1e-4)
        lines = [f"{i} {field[i, 0]:.6f} {field[i, 1]:.6f} {field[i, 2]:.6f}" for i in moved]
        path.write_text("# CC0\n" + "\n".join(lines) + "\n")
    return {"template": template, "basis": basis, "names": np.array(names)}


def write_generic(path: Path, seed: int = 19, **more: Any) -> dict[str, Any]:
    """A .npz of one's own: millimetres, X up, facing Y, names and a licence. more: other or further arrays."""
    template, basis, rows = figure(1700, 5, seed)
    content = {
        "template": template[:, [1, 2, 0]],
        "basis": basis[:, :, [1, 2, 0]],
        "faces": rows,
        "units": "mm",
        "up": "x",
        "front": "y",
        "names": np.array(["tall", "hips", "waist", "chest", "neck"]),
        "licence": "CC-BY-4.0",
        **more,
    }
    np.savez(path, **{name: value for name, value in content.items() if value is not None})
    return content


def write_mesh_folder(folder: Path, suffix: str = ".obj", seed: int = 20) -> dict[str, np.ndarray]:
    """A folder of meshes, one of them neutral; metres. suffix: ".obj" or ".ply"."""
    folder.mkdir(exist_ok=True)
    template, basis, rows = figure(1.7, 3, seed)
    write = write_obj if suffix == ".obj" else write_ply
    for name, field in zip(("body_neutral", "tall", "fat", "long neck"), (0 * basis[0], *basis), strict=True):
        write(folder / f"{name}{suffix}", template + field, rows)
    return {"template": template, "basis": basis}


def write_obj(
    path: Path,
    vertices: np.ndarray,
    rows: np.ndarray,
    uv: np.ndarray | None = None,
    groups: list[tuple[str, np.ndarray]] | None = None,
) -> None:
    """An .obj. rows: (F, 4), triangles repeat their third corner. uv: (F, 2), one for each face."""
    lines = [f"v {x:.7f} {y:.7f} {z:.7f}" for x, y, z in vertices]
    lines += [f"vt {u:.6f} {v:.6f}" for u, v in (uv if uv is not None else ())]
    for name, faces in groups or [("", rows)]:
        lines += [f"g {name}"] if name else []
        for i, row in enumerate(faces):
            corners = list(dict.fromkeys(row.tolist()))
            lines.append("f " + " ".join(f"{c + 1}/{i + 1}" if uv is not None else f"{c + 1}" for c in corners))
    path.write_text("\n".join(lines) + "\n")


def write_ply(path: Path, vertices: np.ndarray, rows: np.ndarray, binary: bool = True) -> None:
    """A .ply as Blender exports it. rows: as for `write_obj`."""
    order = "binary_little_endian" if binary else "ascii"
    header = [
        "ply", f"format {order} 1.0", "comment made for a test", f"element vertex {len(vertices)}",
        "property float x", "property float y", "property float z", f"element face {len(rows)}",
        "property list uchar int vertex_indices", "end_header",
    ]  # fmt: skip
    faces = [list(dict.fromkeys(row.tolist())) for row in rows]
    if binary:
        body = vertices.astype("<f4").tobytes()
        body += b"".join(bytes([len(face)]) + np.array(face, "<i4").tobytes() for face in faces)
    else:
        lines = [" ".join(map(repr, row)) for row in vertices.tolist()]
        body = "\n".join(lines + [" ".join(map(str, (len(face), *face))) for face in faces]).encode() + b"\n"
    path.write_bytes("\n".join(header).encode() + b"\n" + body)


def _skeleton(template: np.ndarray, joints: int, seed: int) -> dict[str, np.ndarray]:
    """Weights, regressor and tree of so many joints, SMPL's first ones at the shoulders and hips."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(joints, 0.2), len(template))
    parents = [2**32 - 1, *(int(rng.integers(0, j)) for j in range(1, joints))]
    return {
        "weights": weights,
        "J_regressor": rng.dirichlet(np.ones(len(template)), joints),
        "kintree_table": np.array([parents, range(joints)], np.uint32),
    }
