"""Small morphable models and mappers with random content, for tests that need the format and not the looks."""

import itertools
from dataclasses import replace

import numpy as np

from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.parts import Part
from semantify_blender.core.model.population import Population


def synthetic_model(rings: int = 12, segments: int = 16, components: int = 4, seed: int = 0) -> MorphableModel:
    """A closed, body-sized lathe of quads and triangle caps whose components are smooth bulges and stretches."""
    rng = np.random.default_rng(seed)
    z = np.linspace(-0.85, 0.85, rings)
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    radius = 0.15 + 0.08 * np.cos(np.linspace(-1.2, 1.2, rings))
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    body = np.concatenate(
        [np.concatenate([r * circle, np.full((segments, 1), h)], 1) for r, h in zip(radius, z, strict=True)]
    )
    template = np.concatenate([body, [[0, 0, z[0] - 0.03], [0, 0, z[-1] + 0.03]]]).astype(np.float32)
    faces = []
    for ring in range(rings - 1):
        for s in range(segments):
            a, b = ring * segments + s, ring * segments + (s + 1) % segments
            faces.append([a, b, b + segments, a + segments])
    bottom, top = len(template) - 2, len(template) - 1
    last = (rings - 1) * segments
    for s in range(segments):
        faces.append([(s + 1) % segments, s, bottom])
        faces.append([last + s, last + (s + 1) % segments, top])
    basis = np.zeros((components, len(template), 3), np.float32)
    basis[0] = template * [0, 0, 0.05]
    for k in range(1, components):
        centre = rng.uniform(-0.7, 0.7)
        swell = 0.2 * np.exp(-(((template[:, 2] - centre) / 0.25) ** 2))
        basis[k] = template * [1, 1, 0] * swell[:, None]
    deviations = np.sqrt((basis**2).sum((1, 2)))
    sizes = np.array([len(face) for face in faces])
    heights = np.array([template[face, 2].mean() for face in faces])
    return MorphableModel(
        name="synthetic",
        template=template,
        basis=basis.astype(np.float16).astype(np.float32),
        standard_deviations=deviations.astype(np.float32),
        corner_vertices=np.concatenate(faces).astype(np.int32),
        face_offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        uv=np.stack([np.linspace(0, 1, sizes.sum()), np.linspace(1, 0, sizes.sum())], 1).astype(np.float32),
        regions={"skin": np.ones(len(faces), bool), "hair": heights > 0.7, "shorts": np.abs(heights + 0.1) < 0.2},
        metadata={"family": "synthetic", "variant": "neutral", "licence": "CC0-1.0", "units": "metres"},
    )


def dressed_model(model: MorphableModel | None = None) -> MorphableModel:
    """A model with a shirt and shorts over its middle, and a tongue that is always there; outfits bare and day."""
    model = model or synthetic_model()
    heights = np.array([model.template[face, 2].mean() for face in _faces(model)])
    rig = {
        "rig/names": np.array(["torso", "upperarm.L"]),
        "rig/parents": np.array([-1, 0], np.int16),
        "rig/weight_index": np.tile(np.array([0, 1], np.uint8), (model.vertex_count, 1)),
        "rig/weights": np.full((model.vertex_count, 2), 0.5, np.float16),
    }
    parts = {
        "shorts": _shell(model, (heights > -0.4) & (heights < 0.05), 1.04, "shorts"),
        "shirt": _shell(model, (heights > 0) & (heights < 0.4), 1.06, "top"),
        "tongue": replace(_shell(model, heights > 0.8, 0.5, "mouth"), covers=None, uv=None, rig_index=None),
    }
    clothes = {"default": "day", "outfits": {"bare": [], "day": ["shorts", "shirt"]}}
    size = 16
    paint = {"hair": np.repeat(np.arange(size, dtype=np.uint8)[:, None] * 16, size, 1)}
    return replace(
        model, parts=parts, paint=paint, extra=model.extra | rig, metadata={**model.metadata, "clothes": clothes}
    )


def _faces(model: MorphableModel) -> list[np.ndarray]:
    return [
        model.corner_vertices[first:last]
        for first, last in zip(model.face_offsets[:-1], model.face_offsets[1:], strict=True)
    ]


def _shell(model: MorphableModel, mask: np.ndarray, scale: float, region: str) -> Part:
    """The masked faces again, further out. mask: (F,) bool."""
    corners = model.corner_vertices[np.repeat(mask, np.diff(model.face_offsets))]
    used, numbers = np.unique(corners, return_inverse=True)
    grown = np.array([scale, scale, 1], np.float32)
    sizes = np.diff(model.face_offsets)[mask]
    return Part(
        template=model.template[used] * grown,
        basis=(model.basis[:, used] * grown).astype(np.float16).astype(np.float32),
        corner_vertices=numbers.ravel().astype(np.int32),
        face_offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        region=region,
        uv=np.full((len(corners), 2), 0.25, np.float32),
        covers=mask,
        rig_index=np.zeros((len(used), 1), np.int32),
        rig_weights=np.ones((len(used), 1), np.float32),
    )


def crowd(components: int = 4, count: int = 600, seed: int = 0) -> Population:
    """A population whose coefficients belong together, with a few members far out."""
    rng = np.random.default_rng(seed)
    mixing = np.eye(components) + 0.5 * rng.standard_normal((components, components)) / np.sqrt(components)
    members = rng.standard_t(6, (count, components)) @ mixing.T + 0.1
    return Population(members.astype(np.float16))


TRAINED = {"clip": "small", "clip_checksum": "c" * 64, "templates": ["{}"]}
"""Provenance of a mapper whose scores the tests' own encoders can give."""


def synthetic_mapper(
    model: MorphableModel,
    descriptors: tuple[str, ...] = ("tall", "fat", "muscular"),
    seed: int = 0,
    provenance: dict | None = None,
) -> Mapper:
    """A random but well-behaved mapper for `model`: three layers, scores around 20."""
    rng = np.random.default_rng(seed)
    d, k = len(descriptors), model.component_count
    widths = [d, 24, 16, k]
    layers = tuple(
        (
            (rng.standard_normal((o, i)) / np.sqrt(i)).astype(np.float16).astype(np.float32),
            rng.standard_normal(o).astype(np.float32) * 0.1,
        )
        for i, o in itertools.pairwise(widths)
    )
    mean = rng.uniform(18, 22, d).astype(np.float32)
    deviation = rng.uniform(0.8, 1.5, d).astype(np.float32)
    return Mapper(
        descriptors=descriptors,
        low=mean - 1.5 * deviation,
        high=mean + 2 * deviation,
        default=mean,
        score_mean=mean,
        score_deviation=deviation,
        score_covariance=np.diag(deviation**2).astype(np.float32),
        coefficient_mean=np.zeros(k, np.float32),
        coefficient_scale=np.ones(k, np.float32),
        layers=layers,
        model_name=model.name,
        model_checksum=model.checksum,
        bound=2.8,
        provenance=provenance or {},
    )


def linear_mapper(
    model: MorphableModel, matrix: np.ndarray, words: tuple[str, ...] = ("tall", "fat"), half: float = 2.0
) -> Mapper:
    """ξ = matrix · (Ω − 20); sliders from 20 − half to 20 + half."""
    d, k = len(words), model.component_count
    centre = np.full(d, 20, np.float32)
    return Mapper(
        descriptors=words,
        low=centre - half,
        high=centre + half,
        default=centre,
        score_mean=centre,
        score_deviation=np.ones(d, np.float32),
        score_covariance=np.eye(d, dtype=np.float32),
        coefficient_mean=np.zeros(k, np.float32),
        coefficient_scale=np.ones(k, np.float32),
        layers=((np.asarray(matrix, np.float32), np.zeros(k, np.float32)),),
        model_name=model.name,
        model_checksum=model.checksum,
    )


def synthetic_head(body: MorphableModel, kind: str = "shape", components: int = 3, seed: int = 5) -> MorphableModel:
    """The upper part of a body as a head's model, elsewhere in space, that says which of its vertices are the body's.

    kind: "shape" or "expression". A tongue of the body is the head's too.
    """
    rng = np.random.default_rng(seed)
    faces = [face for face in _faces(body) if body.template[face, 2].min() > 0.3]
    used, numbers = np.unique(np.concatenate(faces), return_inverse=True)
    waves = rng.normal(0, 6, (components, 3)) @ body.template[used].T + rng.uniform(0, 6, (components, 1))
    basis = 0.02 * np.sin(waves)[:, :, None] * rng.normal(0, 1, (components, 1, 3))
    tongue = body.parts.get("tongue")
    parts = {}
    if tongue is not None:
        moved = np.broadcast_to(rng.normal(0, 0.01, (components, 1, 3)), (components, tongue.vertex_count, 3))
        parts["tongue"] = replace(tongue, basis=moved.astype(np.float16).astype(np.float32), covers=None)
    return MorphableModel(
        name=f"synthetic-{kind}",
        template=(body.template[used] - [0, 0, 0.5]).astype(np.float32),
        basis=basis.astype(np.float16).astype(np.float32),
        standard_deviations=np.full(components, 0.02, np.float32),
        corner_vertices=numbers.ravel().astype(np.int32),
        face_offsets=np.concatenate([[0], np.cumsum([len(face) for face in faces])]).astype(np.int32),
        extra={"body_vertices": used.astype(np.int32)},
        metadata={"family": f"anny-face-{kind}", "framing": {"floor": False}, "units": "metres"},
        parts=parts,
    )


def undressed(model: MorphableModel) -> MorphableModel:
    """The model's own vertices alone: without clothes, teeth and lashes, and without a choice of clothes."""
    metadata = {name: value for name, value in model.metadata.items() if name != "clothes"}
    return replace(model, parts={}, metadata=metadata)
