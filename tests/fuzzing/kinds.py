"""All kinds of files that the product reads: small valid ones, and what is done with them once they are loaded."""

import io
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.embedded import checksum_in, packed, unpacked
from semantify_blender.core.families import Conversion, convert, recognise, research_model
from semantify_blender.core.families.source import Source
from semantify_blender.core.families.uv_maps import read_uv
from semantify_blender.core.files.json_text import read_json
from semantify_blender.core.files.npy import load_npy
from semantify_blender.core.files.npz import one_array
from semantify_blender.core.finders import files
from semantify_blender.core.fitting.fitter import ANGLES, JOINT_INPUTS, Fitter
from semantify_blender.core.fitting.image_encoder import Convolution, ImageEncoder
from semantify_blender.core.fitting.solve import offset_coefficients, solve_sliders
from semantify_blender.core.library import load_model
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model import measurements
from semantify_blender.core.model.clothes import Clothes
from semantify_blender.core.model.key_set import KeySet
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, limb_rotations, rig_arrays
from semantify_blender.core.model.rig_set import RigSet
from semantify_blender.core.model.sampling import default_k, default_sampler, sample_shape
from semantify_blender.core.model.skeleton import Skeleton
from semantify_blender.core.networks.graph import Graph, Node
from semantify_blender.core.pictures.landmarks import BODY_POINTS
from semantify_blender.core.presets.mixing import mixed
from semantify_blender.core.presets.preset import Fit, Preset
from tests.boned import boned_model, rig_set
from tests.fuzzing.free_kinds import free_kinds
from tests.fuzzing.hammer import Kind
from tests.fuzzing.mutations import NPZ, spoil_array, spoil_bytes, spoil_json_bytes, spoil_lines, spoil_npy
from tests.synthetic import crowd, dressed_model, synthetic_mapper, synthetic_model

_JSON = b'{"a": [1, 2.5, null, "x", {"b": true}]}'


def core_kinds(folder: Path) -> list[Kind]:
    """What Blender reads too: nothing but NumPy is needed. folder: for the files that the valid contents come from."""
    peopled = replace(_model(), population=crowd(3, 40).members)
    dressed = dressed_model(synthetic_model(rings=6, segments=5, components=3))
    models = [_model(), _keys_model(), dressed, peopled]
    mappers = [_mapper(models[0]), _mapper(models[1]), _mapper(peopled)]
    texts = tuple(packed("m", content).encode() for content in (_saved(folder, mapper) for mapper in mappers))
    return [
        Kind("model", ".model.npz", tuple(_saved(folder, model) for model in models), NPZ, _use_model),
        Kind("mapper", ".mapper.npz", tuple(_saved(folder, mapper) for mapper in mappers), NPZ, _use_mapper),
        Kind("encoder", ".encoder.npz", (_saved(folder, _encoder()),), NPZ, _use_encoder),
        Kind("fitter", ".fitter.npz", (_saved(folder, _fitter()),), NPZ, _use_fitter),
        Kind("finder", ".finder.npz", (_saved(folder, _finder()),), NPZ, _use_finder),
        Kind("rigs", ".rigs.npz", (_saved(folder, rig_set()),), NPZ, _use_rigs),
        Kind("text", ".txt", texts, (spoil_bytes,), _use_text),
        Kind("npy", ".npy", _arrays(), (spoil_npy, spoil_npy, spoil_bytes), _use_npy),
        Kind("targets", ".npz", (_plain_npz(),), NPZ, _use_targets),
        Kind(
            "json", ".json", (b'{"a": [1, 2.5, null, "x", {"b": true}]}',), (spoil_json_bytes, spoil_bytes), _use_json
        ),
        Kind(
            "preset",
            ".json",
            (_saved(folder, _preset()),),
            (spoil_json_bytes, spoil_json_bytes, spoil_bytes),
            _use_preset,
        ),
        Kind("dataset.json", ".json", _specs(folder), (spoil_json_bytes, spoil_json_bytes, spoil_bytes), _use_spec),
        Kind("research npz", ".npz", (_research_npz(),), NPZ, _use_research),
        Kind("research pickle", ".pkl", _pickles(), (_spoil_pickle, spoil_bytes), _use_research),
        *free_kinds(folder),
        Kind("uv", ".obj", (_uv_as_obj() + _faces_as_obj(),), (spoil_lines, spoil_bytes), _use_uv),
    ]


def _saved(folder: Path, value: Any) -> bytes:
    value.save(folder / "valid")
    return (folder / "valid").read_bytes()


def _model() -> MorphableModel:
    model = synthetic_model(rings=4, segments=5, components=3)
    rng = np.random.default_rng(0)
    count = model.vertex_count
    loop = rng.integers(count, size=(6, 2))
    extra: dict[str, np.ndarray] = {}
    for name in ("waist", "hip", "chest", "belly", "thigh"):
        extra |= {f"girth/{name}/edges": loop, f"girth/{name}/weights": rng.random(6).astype(np.float32)}
    for name in ("crotch", "neck", "shoulder.L", "shoulder.R"):
        extra[f"landmark/{name}"] = rng.integers(count, size=2)
    extra |= {"span/nose/a": np.array([0, 1]), "span/nose/b": np.array([2]), "span/nose/axis": np.array([0, 1.0, 0])}
    extra |= {"trait/muscle": rng.normal(size=10).astype(np.float32), "action/smile": rng.normal(size=3)}
    extra |= {"separation/lips/upper": np.array([1, 2]), "separation/lips/lower": np.array([3, 4])}
    extra |= rig_arrays(("torso", "upperarm.L"), np.array([-1, 0]), rng.random((count, 2)))
    for part in ("joint", "tail"):
        extra[f"rig/{part}s"] = rng.random((2, 3)).astype(np.float32)
        extra[f"rig/{part}_basis"] = rng.random((3, 2, 3)).astype(np.float16)
    framing = {"height": 2.3, "floor": True, "turn": 20.0}
    return replace(model, extra=extra, metadata={**model.metadata, "framing": framing, "views": ["front", "az:30"]})


def _keys_model() -> MorphableModel:
    model = synthetic_model(rings=4, segments=5, components=3)
    keys = KeySet(("smile_L", "smile_R", "jaw"), ("a" * 16, "b" * 16, "c" * 16), "d" * 16)
    texture = np.frombuffer(_png(), np.uint8)
    colours = {name: [0.5, 0.25, 0.125] for name in model.regions}
    metadata = {"family": "shape-keys", "region_colours": colours, **keys.metadata()}
    ranges = np.array([[0, 1], [0, 1], [-1, 2]], np.float32)
    extra = {"twins": np.array([1, 0, 2], np.int32), "texture": texture}
    return replace(model, name="keys", extra=extra, metadata=metadata, ranges=ranges)


def _png() -> bytes:
    from semantify_blender.core.pictures.png import png_bytes

    return png_bytes(np.arange(300, dtype=np.uint8).reshape(10, 10, 3))


def _mapper(model: MorphableModel) -> Mapper:
    mapper = replace(
        synthetic_mapper(model),
        figures={"fit": {"mse": 0.5}, "coverage": 0.7},
        provenance={"clip": "small", "templates": ["{}"], "recipe": {"validation": 0.2, "seed": 0}, "seed": 3},
    )
    if model.people is not None:
        return replace(mapper, inside=model.people.inside)
    if model.ranges is None:
        return mapper
    return replace(mapper, limits=model.ranges, bound=None, keys=KeySet.of(model.metadata))


def _preset() -> Preset:
    return Preset(
        name="Sailor",
        subject="person",
        sliders={"body": {"tall": 0.5, "fat": -1.25}, "face": {"big forehead": 1.0}, "expression": {}},
        mapper="synthetic",
        keep_natural=frozenset({"body"}),
        outfit="casual",
        colours={"skin": (0.5, 0.25, 1.0), "belly fur": (0.0, 0.0, 0.0)},
        fits={"body": Fit("a" * 64, (0.5, -2.0, 0.0), "sailor.jpg")},
    )


def _encoder() -> ImageEncoder:
    rng = np.random.default_rng(1)
    layers = (
        Convolution(rng.normal(0, 0.3, (4, 3, 4, 4)).astype(np.float32), np.zeros(4, np.float32), 4),
        Convolution(rng.normal(0, 0.3, (4, 4, 3, 3)).astype(np.float32), np.zeros(4, np.float32), 1, 1, True),
    )
    texts = rng.normal(size=(3, 6))
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    head = rng.normal(0, 0.3, (6, 4 * 4 * 4)).astype(np.float32)
    return ImageEncoder("tiny", 16, "small", "c" * 64, ("tall", "fat", "big hips"), texts.astype(np.float32), layers,
                        head, np.zeros(6, np.float32), {"pictures": 3})  # fmt: skip


def _fitter() -> Fitter:
    rng = np.random.default_rng(2)
    k, d = 3, 6
    outputs = k + k * (k + 1) // 2 + ANGLES
    layers = tuple(
        (rng.normal(0, 0.3, shape).astype(np.float32), np.zeros(shape[0], np.float32))
        for shape in ((8, d + JOINT_INPUTS), (outputs, 8))
    )
    takes = np.zeros(d + JOINT_INPUTS, np.float32)
    prior = np.eye(k, dtype=np.float32) + 0.1
    return Fitter("synthetic", "a", "tiny", "b", takes, takes + 1, layers,
                  np.zeros(k, np.float32), prior, np.zeros(d, np.float32), np.ones((d, k), np.float32),
                  np.array([6.0, 3.0], np.float32), 1.5, True, {"fitted": {"height": (1.2, 0.01)}}, {"mm": 3.0},
                  {"seed": 0})  # fmt: skip


def _finder() -> Graph:
    rng = np.random.default_rng(4)

    def drawn(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    whole = {"stride": 1, "padding": [1, 1, 1, 1]}
    nodes = (
        Node("convolution", (0,), 1, (drawn(3, 3, 3, 4), drawn(4), drawn(4)), {**whole, "activation": "prelu"}),
        Node("depthwise convolution", (1,), 2, (drawn(3, 3, 4), drawn(4)), {**whole, "activation": "hard swish"}),
        Node("add", (1, 2), 3, (), {"activation": "relu6"}),
        Node("average pool", (3,), 4, (), {"kernel": [8, 8], "stride": [8, 8]}),
        Node("multiply", (3, 4), 5),
        Node("maximum pool", (5,), 6, (), {"kernel": [2, 2], "stride": [2, 2]}),
        Node("resize", (6,), 7, (), {"size": [8, 8], "half": True}),
        Node("concatenate", (5, 7), 8, (), {"axis": 2}),
        Node("depth to space", (8,), 9, (), {"size": 2}),
        Node("transposed convolution", (9,), 10, (drawn(2, 2, 2, 1), drawn(1)), {"stride": 2}),
        Node("activation", (10,), 11, (), {"activation": "sigmoid"}),
        Node("append channels", (6,), 12, (), {"channels": 2}),
        Node("pad", (12,), 13, (), {"padding": [0, 1, 0, 1]}),
        Node("reshape", (13,), 14, (), {"shape": [150]}),
    )
    return Graph("tiny", (8, 8, 3), nodes, {"mask": 11, "points": 14}, {"package": "made up"})


def _arrays() -> tuple[bytes, ...]:
    found = []
    for array in (np.arange(12.0).reshape(3, 4), np.arange(5), np.zeros((2, 22, 3), np.float32)):
        buffer = io.BytesIO()
        np.save(buffer, array)
        found.append(buffer.getvalue())
    return tuple(found)


def _plain_npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, synthetic=np.ones((4, 3)), other=np.array(["a"]))
    return buffer.getvalue()


def _specs(folder: Path) -> tuple[bytes, ...]:
    DatasetSpec("synthetic", "c" * 64, 20, 0, "4.5").save(folder)
    return ((folder / "dataset.json").read_bytes(),)


_RESEARCH_VERTICES = 24


def _research() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    count, joints = _RESEARCH_VERTICES, 24
    return {
        "v_template": rng.normal(0, 0.3, (count, 3)),
        "f": np.stack([np.arange(count - 2), np.arange(1, count - 1), np.arange(2, count)], 1).astype(np.uint32),
        "shapedirs": rng.normal(0, 0.01, (count, 3, 10)),
        "posedirs": rng.normal(0, 0.001, (count, 3, 9 * (joints - 1))).astype(np.float32),
        "weights": rng.dirichlet(np.ones(joints), count),
        "J_regressor": rng.dirichlet(np.ones(count), joints),
        "kintree_table": np.array([[2**32 - 1, *range(joints - 1)], range(joints)], np.uint32),
    }


def _research_npz() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **_research())
    return buffer.getvalue()


def _pickles() -> tuple[bytes, ...]:
    from scipy import sparse

    content = _research()
    return pickle.dumps(content, 2), pickle.dumps(
        {**content, "J_regressor": sparse.csc_matrix(content["J_regressor"])}, 4
    )


def _spoil_pickle(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    content = pickle.loads(data)  # our own, made above
    name = str(rng.choice(sorted(content)))
    odd = (
        [],
        {},
        None,
        10**400,
        -1,
        "x" * 3000,
        [[1], [2, 3]],
        [10**400],
        float("inf"),
        b"\xff",
        (1, 2),
        [np.nan],
        True,
    )
    if rng.random() < 0.3 or not isinstance(content[name], np.ndarray):
        content[name] = odd[int(rng.integers(len(odd)))]
    else:
        content[name] = spoil_array(rng, content[name])
    return pickle.dumps(content, int(rng.integers(0, 6)))


def _uv_as_obj() -> bytes:
    # more than are used, so that not every change is one of what the mesh needs
    return b"vt 0 0\nvt 1 0\nvt 0 1\nvt 1 1\n" + b"vt 0.5 0.25\n" * 60


def _faces_as_obj() -> bytes:
    faces = _research()["f"] + 1
    return "".join("f " + " ".join(f"{v}/{1 + v % 4}" for v in face) + "\n" for face in faces.tolist()).encode()


def _use_model(path: Path, rng: np.random.Generator) -> Any:
    model = MorphableModel.load(path)
    assert load_model(path).checksum == model.checksum
    low, high = (-4.0, 4.0) if model.ranges is None else model.ranges.T
    coefficients = rng.uniform(low, high, (2, model.component_count)).astype(np.float32)
    vertices = model.vertices(coefficients)
    results = [vertices, model.triangles, model.face_regions]
    results.append(measurements.measure(model, vertices))
    results.append(measurements.measure(model, vertices, coefficients))
    results.append(model.framing.place(vertices.copy()))
    results.append(sample_shape(model, default_sampler(model), 0, 1, default_k(model)))
    if (rig := Rig.of(model)) is not None:
        results.append(rig.pose(vertices[0], limb_rotations(dict.fromkeys(rig.chains, (30.0, 20.0)))))
    KeySet.of(model.metadata)
    for outfit in (None, *Clothes.of(model.metadata).names):
        dressed = model.dressed(outfit).model
        shape = dressed.vertices(coefficients[0])
        results += [shape, dressed.triangles, dressed.face_regions]
        if (rig := Rig.of(dressed)) is not None:
            results.append(rig.pose(shape, limb_rotations(dict.fromkeys(rig.names, (30.0, 20.0)))))
    return results


def _use_mapper(path: Path, rng: np.random.Generator) -> Any:
    mapper = Mapper.load(path)
    d = len(mapper.descriptors)
    sliders = rng.uniform(-1, 1, (3, d)).astype(np.float32)
    scores = mapper.scores_from_sliders(np.concatenate([sliders, -np.ones((1, d)), np.ones((1, d))]))
    target = mapper.coefficients(scores[0])
    locked = rng.random(d) < 0.3
    weights = rng.random(mapper.component_count)
    solved = solve_sliders(mapper, target, weights, locked, sliders[0], steps=2) if d * len(weights) < 500 else ()
    return [
        scores, mapper.coefficients(scores), mapper.sliders_from_scores(scores), solved,
        mapper.natural_scores(scores[0], rng.random(d) < 0.5), offset_coefficients(mapper, scores[0], weights),
        [float(value) for value in mapper.figures.values() if isinstance(value, float)],
    ]  # fmt: skip


def _use_preset(path: Path, rng: np.random.Generator) -> Any:
    preset, words = Preset.load(path), ("Tall", "fat", "old")
    preset.unknown("body", words)
    preset.save(path)
    assert Preset.load(path).name == preset.name
    half = mixed(preset, _preset(), float(rng.random()))
    fits = [np.array(fit.values) for fit in half.fits.values()]
    return [np.array(half.values(layer, words)) for layer in half.sliders] + fits


def _use_encoder(path: Path, rng: np.random.Generator) -> Any:
    encoder = ImageEncoder.load(path)
    pixels = rng.integers(0, 256, (1, encoder.size, encoder.size, 3), np.uint8)
    return [encoder.embed(pixels), encoder.text_embeddings(encoder.words[:3]), encoder.checksum]


def _use_fitter(path: Path, rng: np.random.Generator) -> Any:
    fitter = Fitter.load(path)
    embeddings = rng.normal(size=(2, len(fitter.embedding_mean)))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    joints = rng.normal(size=(len(BODY_POINTS), 2))
    found = [fitter.estimate(embeddings[:1]), fitter.estimate(embeddings, [joints, None])]
    results: list[Any] = [(one.coefficients, one.covariance) for one in found]
    return [*results, [(v.yaw, v.pitch) for v in found[1].views], fitter.expected_scores(embeddings)]


def _use_finder(path: Path, rng: np.random.Generator) -> Any:
    files._NETWORKS[str(path)] = (8, {"mask": (32, 32, 1), "points": (150,)})
    files.forget()
    pixels = rng.uniform(-1, 1, (8, 8, 3)).astype(np.float32)
    return [files.look(str(path), pixels), files.look(str(path), -pixels)]


def _use_rigs(path: Path, rng: np.random.Generator) -> Any:
    rigs, model = RigSet.load(path), boned_model()
    found = [Skeleton.further(model, rigs, kind) for kind in rigs.rigs]
    coefficients = rng.normal(0, 2, model.component_count)
    return [(one.at(coefficients), one.weights, sorted(one.carrying)) for one in found if one is not None]


def _use_text(path: Path, rng: np.random.Generator) -> Any:
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    wanted = checksum_in(lines[0])
    return unpacked(lines[1:], wanted).low if wanted else None


def _use_npy(path: Path, rng: np.random.Generator) -> Any:
    return [load_npy(path).shape, load_npy(path, "fiubUS", mapped=True).shape]


def _use_targets(path: Path, rng: np.random.Generator) -> Any:
    found = one_array(path, "synthetic")
    return None if found is None else found.shape


def _use_json(path: Path, rng: np.random.Generator) -> Any:
    return json.dumps(read_json(path, "make it again"), ensure_ascii=False, allow_nan=False).encode()


def _use_spec(path: Path, rng: np.random.Generator) -> Any:
    folder = path.parent / "dataset"
    folder.mkdir(exist_ok=True)
    (folder / "dataset.json").write_bytes(path.read_bytes())
    spec = DatasetSpec.load(folder)
    spec.save(folder)
    spec.shard_range(spec.shard_count - 1)
    return [spec.difference(spec), float(spec.k), [view.azimuth for view in spec.views]]


def _use_research(path: Path, rng: np.random.Generator) -> Any:
    # the real ones have thousands of vertices, which would only make every case slower
    kinds, by_vertices = dict(research_model.KINDS), dict(recognise.BY_VERTICES)
    research_model.KINDS["smpl"] = replace(kinds["smpl"], vertices=_RESEARCH_VERTICES)
    recognise.BY_VERTICES[_RESEARCH_VERTICES] = "smpl"
    try:
        model = convert(path, Conversion(components=3))
    finally:
        research_model.KINDS.update(kinds)
        recognise.BY_VERTICES.clear()
        recognise.BY_VERTICES.update(by_vertices)
    return [model.vertices(rng.uniform(-2, 2, (2, 3))), model.standard_deviations, Source(path).names and 0.0]


def _use_uv(path: Path, rng: np.random.Generator) -> Any:
    return read_uv([path], _research()["f"].astype(np.int64))
