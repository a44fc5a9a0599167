"""A researcher's own licensed file to a `MorphableModel`: `semantify convert`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..files.bounds import LARGEST
from ..files.names import is_plain
from ..files.writing import sha256_of_file
from ..model.morphable_model import MorphableModel
from . import flame, smal, smpl
from .bones import bone_arrays
from .eyes import eye_regions
from .limbs import limb_rig
from .research_model import KINDS, ResearchModel, z_up
from .source import Source
from .uv_maps import pick, read_texture, read_uv

BODIES, HEADS = ("smpl", "smplx"), ("flame-shape", "flame-expression")
_BY_VERTICES = {6890: "smpl", 10475: "smplx", 3889: "smal"}
_VARIANT = re.compile(r"(?<![a-z])(neutral|female|male|generic|f|m)(?![a-z])")


@dataclass(frozen=True)
class Conversion:
    """What to make of a file.

    family: a key of KINDS, or "auto" to tell it by the number of vertices. components: coefficients to keep.
    pose: of bodies, "a" or "t". jaw: add the jaw's opening to FLAME's expressions. animal, means: the SMAL family whose
    mean is the template, and the file of the means. uv: one or two files (`uv_maps.read_uv`). texture: a picture.
    masks: FLAME_masks.pkl, which knows the lips. name, variant: by default from the family and the file's name.

    >>> Conversion(family="smplx", components=20, pose="t").animal is None
    True
    """

    family: str = "auto"
    components: int = 10
    pose: str | None = None
    jaw: bool = False
    animal: str | None = None
    means: Path | None = None
    uv: Sequence[Path] = ()
    texture: Path | None = None
    masks: Path | None = None
    name: str | None = None
    variant: str | None = None


def convert(path: str | Path, wanted: Conversion = Conversion()) -> MorphableModel:
    """Read a SMPL, SMPL-X, FLAME or SMAL file as a morphable model; nothing in the file is executed.

    Vertices agree with the published formulas to 1e-5 m, turned to Z up and facing −Y, origin as in the file; the basis
    is kept in float32. `standard_deviations` are the lengths of the directions, √Σ|basis|² in metres: the families'
    coefficients are in standard deviations already.
    Raises FileFormatError naming file and field, SemantifyError for options that do not go with the family.

    >>> model = convert("SMPL_FEMALE.npz", Conversion(components=4))
    >>> model.name, model.basis.shape
    ('smpl-female', (4, 6890, 3))
    """
    source = Source(path)
    family = _family(source, wanted)
    _check_options(family, wanted)
    variant = wanted.variant or wanted.animal or _variant(source.path)
    name = wanted.name or f"{family}-{variant}"
    if not is_plain(name):
        raise SemantifyError(f'{name!r} cannot name a model: give --name without / \\ : * ? " < > |')
    model = ResearchModel(source, family)
    ranges = None
    if family in BODIES:
        template, basis = smpl.read_body(model, wanted.components, wanted.pose or "a")
    elif family == "flame-shape":
        template, basis = flame.read_shape(model, wanted.components)
    elif family == "flame-expression":
        template, basis = flame.read_expression(model, wanted.components, wanted.jaw)
        ranges = flame.ranges(wanted.components) if wanted.jaw else None
    else:
        template, basis = smal.read_animal(model, wanted.components, wanted.animal, wanted.means)
    if not max(np.abs(template).max(), np.abs(basis).max()) < LARGEST:
        raise FileFormatError(path, "posedirs", f"moves vertices beyond {LARGEST:g} metres in this pose")
    masks = _Masks(wanted.masks, len(template)) if wanted.masks else None
    extra: dict[str, np.ndarray] = limb_rig(model) if family in BODIES else {}
    extra |= bone_arrays(model, wanted.components, wanted.pose or "a", wanted.animal, wanted.means)
    if family in HEADS:
        pairs = flame.lip_pairs(template, model.faces, masks.vertices("lips") if masks else None)
        extra["separation/lips/upper"], extra["separation/lips/lower"] = pairs
    uv = _uv(model, wanted)
    if wanted.texture:
        if uv is None:
            raise SemantifyError(f"{wanted.texture}: a texture needs UV coordinates: give their file with --uv as well")
        extra["texture"] = read_texture(wanted.texture)
    return MorphableModel(
        name=name,
        template=template.astype(np.float32),
        basis=basis.astype(np.float32),
        standard_deviations=np.sqrt((basis**2).sum((1, 2))).astype(np.float32),
        corner_vertices=model.faces.ravel().astype(np.int32),
        face_offsets=np.arange(0, 3 * len(model.faces) + 1, 3, dtype=np.int32),
        uv=uv,
        regions=_regions(model, masks),
        extra=extra,
        metadata={
            "family": family,
            "variant": variant,
            "licence": KINDS[family].licence,
            "source": source.path.name,
            "source_sha256": sha256_of_file(source.path),
            "units": "metres",
            "framing": _framing(family, template),
            **({"pose": wanted.pose or "a"} if family in BODIES else {}),
        },
        ranges=ranges,
        precision="float32",
    )


def _family(source: Source, wanted: Conversion) -> str:
    if wanted.family != "auto":
        if wanted.family not in KINDS:
            raise SemantifyError(f"unknown --family {wanted.family!r}: choose auto or one of {', '.join(KINDS)}")
        return wanted.family
    count = len(source.array("v_template", "f", (None, 3)))
    if count == KINDS["flame-shape"].vertices:
        if wanted.jaw:
            return "flame-expression"
        raise SemantifyError(
            f"{source.path}: is a FLAME file, which makes two models: say --family flame-shape or flame-expression"
        )
    if count not in _BY_VERTICES:
        known = ", ".join(f"{kind.title} {kind.vertices}" for kind in dict.fromkeys(KINDS.values()))
        raise FileFormatError(source.path, "v_template", f"has {count} vertices, which no known family has ({known})")
    return _BY_VERTICES[count]


def _check_options(family: str, wanted: Conversion) -> None:
    for given, option, families in (
        (wanted.pose, "--pose", BODIES),
        (wanted.jaw, "--jaw", ("flame-expression",)),
        (wanted.animal or wanted.means, "--animal", ("smal",)),
        (wanted.masks, "--masks", HEADS),
    ):
        if given and family not in families:
            raise SemantifyError(f"{option} goes with {' and '.join(families)}, but this is a {family} model")


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
    if model.family in (*HEADS, "smplx"):
        regions = eye_regions(z_up(model.template), model.faces)
    if masks is not None:
        regions["lips"] = np.isin(model.faces, masks.vertices("lips")).all(1)
    return {"skin": np.ones(len(model.faces), bool), **regions} if regions else {}


def _framing(family: str, template: np.ndarray) -> dict[str, Any]:
    if family in HEADS:
        return {"floor": False}
    # animals of all proportions: the longest side decides, and there is room for a larger one
    return {"floor": True, **({"height": float(1.5 * np.ptp(template, 0).max())} if family == "smal" else {})}


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
