"""A researcher's own licensed file, or a free model's, to a `MorphableModel`: `semantify convert`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError, is_folder
from ..files.bounds import LARGEST
from ..files.names import check_text, is_plain, plain_name
from ..files.writing import sha256_of_file
from ..model.morphable_model import MorphableModel
from . import flame, smal, smpl
from .axes import turn
from .bones import bone_arrays
from .eyes import eye_regions
from .limbs import limb_rig
from .open_kinds import OPEN
from .plausible import check_size, check_upright, lying
from .recognise import Recognised, recognise, told_as
from .research_model import KINDS, SKINNED, ResearchModel, z_up
from .shape import USUAL, Shape, check_moves
from .source import Source
from .uv_maps import pick, read_texture, read_uv

BODIES, HEADS = ("smpl", "smplx", "star", "supr", "skel"), ("flame-shape", "flame-expression")
POSED = tuple(family for family in BODIES if family in SKINNED)
_VARIANT = re.compile(r"(?<![a-z])(neutral|female|male|generic|f|m)(?![a-z])")


@dataclass(frozen=True)
class Conversion:
    """What to make of a file.

    family: a key of KINDS or OPEN, or "auto" to tell it by the file. components: coefficients to keep, by default 10,
    and all of models whose coefficients are single shapes.
    pose: of bodies, "a" or "t". jaw: add the jaw's opening to FLAME's expressions. animal, means: the SMAL family whose
    mean is the template, and the file of the means. uv: one or two files (`uv_maps.read_uv`). texture: a picture.
    masks: FLAME_masks.pkl, which knows the lips. name, variant: by default from the family and the file's name.
    scale: metres of one unit of the file. up, front: its axes (`axes.DIRECTIONS`). neutral: the mesh at rest of a
    folder's. licence: in place of what is known of the family's.

    >>> Conversion(family="smplx", components=20, pose="t").animal is None
    True
    """

    family: str = "auto"
    components: int | None = None
    pose: str | None = None
    jaw: bool = False
    animal: str | None = None
    means: Path | None = None
    uv: Sequence[Path] = ()
    texture: Path | None = None
    masks: Path | None = None
    name: str | None = None
    variant: str | None = None
    scale: float | None = None
    up: str | None = None
    front: str | None = None
    neutral: Path | None = None
    licence: str | None = None


def convert(path: str | Path, wanted: Conversion = Conversion()) -> MorphableModel:
    """Read a model's file or folder as a morphable model; nothing in it is executed. docs/families.md has the families.

    Vertices agree with the published formulas to 1e-5 m, turned to Z up and facing −Y, origin as in the file; the basis
    is kept in float32. `standard_deviations` are the lengths of the directions, √Σ|basis|² in metres: the families'
    coefficients are in standard deviations already.
    Raises FileFormatError naming file and field, SemantifyError for options that do not go with the family, and for a
    model of an implausible size or lying down.

    >>> model = convert("SMPL_FEMALE.npz", Conversion(components=4))
    >>> model.name, model.basis.shape
    ('smpl-female', (4, 6890, 3))
    """
    path = Path(path)
    found = recognise(path, wanted.family, wanted.jaw)
    _check_options(found.family, wanted)
    with told_as(found):
        return _of_shape(path, found, wanted) if found.family in OPEN else _of_research_file(found, wanted)


def _of_research_file(found: Recognised, wanted: Conversion) -> MorphableModel:
    """SMPL, SMPL-X, STAR, SUPR, SKEL, FLAME, SMAL."""
    source, family = found.opened, found.family
    assert isinstance(source, Source)  # folders and archives are of other families
    components, unit, path = wanted.components or USUAL, wanted.scale or 1.0, source.path
    if wanted.components is not None and wanted.components < 1:
        raise SemantifyError(f"{path}: shapedirs: --components asks for {wanted.components}: give at least 1")
    variant = wanted.variant or wanted.animal or _variant(path)
    name = _name(wanted.name or f"{family}-{variant}")
    model = ResearchModel(source, family, unit)
    ranges = None
    pose = (wanted.pose or "a") if family in POSED else "t"
    if family in BODIES:
        template, basis = smpl.read_body(model, components, pose)
    elif family == "flame-shape":
        template, basis = flame.read_shape(model, components)
    elif family == "flame-expression":
        template, basis = flame.read_expression(model, components, wanted.jaw)
        ranges = flame.ranges(components) if wanted.jaw else None
    else:
        template, basis = smal.read_animal(model, components, wanted.animal, wanted.means)
    if not max(np.abs(template).max(), np.abs(basis).max()) < LARGEST:
        raise FileFormatError(path, "posedirs", f"moves vertices beyond {LARGEST:g} metres in this pose")
    subject = "body" if family in BODIES else "head" if family in HEADS else "other"
    check_size(path, template, subject, unit)
    if lying(template, subject) is not None:
        raise SemantifyError(f"{path}: lies down, but a {found.title} file has Y up: give it as its authors wrote it")
    masks = _Masks(wanted.masks, len(template)) if wanted.masks else None
    extra: dict[str, np.ndarray] = limb_rig(model) if family in BODIES else {}
    extra |= bone_arrays(model, components, pose, wanted.animal, wanted.means)
    if family in HEADS:
        pairs = flame.lip_pairs(template, model.faces, masks.vertices("lips") if masks else None)
        extra["separation/lips/upper"], extra["separation/lips/lower"] = pairs
    return _model(
        path,
        wanted,
        name=name,
        template=template,
        basis=basis,
        corner_vertices=model.faces.ravel().astype(np.int32),
        face_offsets=np.arange(0, 3 * len(model.faces) + 1, 3, dtype=np.int32),
        uv=_uv(model, wanted),
        regions=_regions(model, masks),
        extra=extra,
        metadata={
            "family": family,
            "variant": variant,
            "licence": wanted.licence or KINDS[family].licence,
            "framing": _framing(subject, template, family == "smal"),
            **({"pose": pose} if family in BODIES else {}),
        },
        ranges=ranges,
    )


def _of_shape(path: Path, found: Recognised, wanted: Conversion) -> MorphableModel:
    """All other families."""
    kind, family = OPEN[found.family], found.family
    shape: Shape = kind.read(found.opened, wanted.neutral, wanted.components)
    variant = wanted.variant or _variant(path)
    name = _name(wanted.name or shape.name or f"{family}-{plain_name(path.stem) if family == 'generic' else variant}")
    template, basis = shape.placed(wanted.scale, wanted.up, wanted.front)
    check_moves(path, template, basis)
    check_size(path, template, shape.subject, wanted.scale or shape.unit)
    if wanted.up is None:
        check_upright(path, template, shape.subject, turn(shape.up, shape.front))
    polygons = shape.polygons
    return _model(
        path,
        wanted,
        name=name,
        template=template,
        basis=basis,
        corner_vertices=polygons.corner_vertices.astype(np.int32),
        face_offsets=polygons.offsets.astype(np.int32),
        uv=shape.uv,
        regions=shape.face_regions(template),
        extra=shape.extra(),
        metadata={
            "family": family,
            "variant": variant,
            "licence": wanted.licence or shape.licence or kind.licence,
            "framing": _framing(shape.subject, template),
            **shape.metadata(),
        },
        ranges=None if shape.ranges is None else shape.ranges.astype(np.float32),
    )


def _model(
    path: Path,
    wanted: Conversion,
    template: np.ndarray,
    basis: np.ndarray,
    uv: np.ndarray | None,
    extra: dict[str, np.ndarray],
    metadata: dict[str, Any],
    **parts: Any,
) -> MorphableModel:
    """What all conversions have in common. template: (V, 3), basis: (K, V, 3), float64, metres."""
    if wanted.texture:
        if uv is None:
            raise SemantifyError(f"{wanted.texture}: a texture needs UV coordinates: give their file with --uv as well")
        extra = {**extra, "texture": read_texture(wanted.texture)}
    if wanted.licence is not None:
        check_text("--licence", "text", wanted.licence, 300)
    source = {} if is_folder(path) else {"source_sha256": sha256_of_file(path)}
    return MorphableModel(
        template=template.astype(np.float32),
        basis=basis.astype(np.float32),
        standard_deviations=np.sqrt((basis**2).sum((1, 2))).astype(np.float32),
        uv=uv,
        extra=extra,
        metadata={**metadata, "source": path.name or path.resolve().name, **source, "units": "metres"},
        precision="float32",
        **parts,
    )


def _name(name: str) -> str:
    if not is_plain(name):
        raise SemantifyError(f'{name!r} cannot name a model: give --name without / \\ : * ? " < > |')
    return name


def _check_options(family: str, wanted: Conversion) -> None:
    for given, option, families in (
        (wanted.pose, "--pose", POSED),
        (wanted.jaw, "--jaw", ("flame-expression",)),
        (wanted.animal or wanted.means, "--animal", ("smal",)),
        (wanted.masks, "--masks", HEADS),
        (wanted.uv, "--uv", tuple(KINDS)),
        (wanted.up, "--up", tuple(OPEN)),
        (wanted.front, "--front", tuple(OPEN)),
        (wanted.neutral, "--neutral", ("makehuman", "generic")),
    ):
        if given and family not in families:
            raise SemantifyError(f"{option} goes with {' and '.join(families)}, but this is a {family} model")
    if wanted.scale is not None and not 1e-6 <= wanted.scale <= 1e4:
        raise SemantifyError(
            f"--scale is {wanted.scale:g}: give the metres of one unit of the file, 0.01 for centimetres"
        )


def _variant(path: Path) -> str:
    found = _VARIANT.search(path.stem.lower().replace("_", " "))
    return {"f": "female", "m": "male", "generic": "neutral"}.get(found[1], found[1]) if found else "neutral"


def _uv(model: ResearchModel, wanted: Conversion) -> np.ndarray | None:
    """(L, 2) float32 of the kept faces' corners: from the files given, else from the model's own file."""
    if wanted.uv:
        corners = read_uv(wanted.uv, model.file_faces)
    elif {"vt", "ft"} <= model.source.names:
        vt, ft = model.source.array("vt", "f", (None, 2)), model.source.array("ft", "iuf", (None, 3))
        corners = pick(vt, ft, model.file_faces, model.source.path)
    else:
        return None
    return corners[model.kept].reshape(-1, 2)


def _regions(model: ResearchModel, masks: "_Masks | None") -> dict[str, np.ndarray]:
    regions: dict[str, np.ndarray] = {}
    if model.family in (*HEADS, "smplx", "supr"):
        regions = eye_regions(z_up(model.template), model.faces)
    if masks is not None:
        regions["lips"] = np.isin(model.faces, masks.vertices("lips")).all(1)
    return {"skin": np.ones(len(model.faces), bool), **regions} if regions else {}


def _framing(subject: str, template: np.ndarray, animal: bool = False) -> dict[str, Any]:
    if subject == "head":
        return {"floor": False}
    if subject == "other" and not animal:
        return {}
    # animals of all proportions: the longest side decides, and there is room for a larger one
    return {"floor": True, **({"height": float(1.5 * np.ptp(template, 0).max())} if animal else {})}


class _Masks:
    """FLAME_masks.pkl: names -> vertex numbers."""

    def __init__(self, path: Path, count: int) -> None:
        self.source, self.count = Source(path), count

    def vertices(self, name: str) -> np.ndarray:
        """(n,) int. Raises FileFormatError unless they are vertices of the model."""
        found = self.source.array(name, "iuf", (None,)).astype(np.int64)
        if not len(found) or found.min() < 0 or found.max() >= self.count:
            raise FileFormatError(self.source.path, name, f"expected vertex numbers in 0..{self.count - 1}")
        return found
