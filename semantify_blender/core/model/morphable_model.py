"""A linear 3D morphable model: template plus shape basis, and the file that holds it."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..files import bounds
from ..files.names import check_name, check_words
from ..files.npz import Field, load_npz, save_npz
from .clothes import check_clothes
from .dressed import Dressed, dress
from .framing import Framing
from .key_set import KeySet
from .paint import load_paint, paint_arrays
from .parts import Part, check_faces, load_parts, narrow, part_arrays
from .population import Population, check_population

SCHEMA = "semantify.model/1"
SUFFIX = ".model.npz"

_LENGTH = (-bounds.LARGEST, bounds.LARGEST)
_COEFFICIENT = (-bounds.LARGEST_COEFFICIENT, bounds.LARGEST_COEFFICIENT)
_FIELDS = {
    "template": Field("f", ("V", 3), most=bounds.VERTICES, within=_LENGTH),
    "basis": Field("f", ("K", "V", 3), most=bounds.VERTICES, within=_LENGTH),
    "standard_deviations": Field("f", ("K",), within=(0.0, 1e6), most=bounds.COMPONENTS),
    "corner_vertices": Field("iu", ("L",), most=bounds.CORNERS),
    "face_offsets": Field("iu", (None,), most=bounds.CORNERS),
    "uv": Field("f", ("L", 2), required=False, within=_LENGTH),
    "region_names": Field("U", ("R",), required=False, most=bounds.REGIONS),
    "region_faces": Field("b", ("R", None), required=False),
    "ranges": Field("f", ("K", 2), required=False, within=_COEFFICIENT),
    "population": Field("f", ("N", "K"), required=False, within=_COEFFICIENT, most=bounds.MEMBERS),
}


@dataclass(frozen=True, eq=False)
class MorphableModel:
    """Vertices = template + Σ_k ξ_k · basis[k] (paper section 3.1).

    Space: metres, Z up, the subject faces −Y; the origin is the template's centroid unless metadata says otherwise.

    name: stable identifier, for example "anny-body-neutral".
    template: (V, 3) float32.
    basis: (K, V, 3) float32, the displacement caused by one standard deviation of each coefficient.
    standard_deviations: (K,) float32, metres: standard deviation of each component's score before scaling.
    corner_vertices: (L,) int32, vertex of every face corner, face after face.
    face_offsets: (F + 1,) int32, face f owns corners face_offsets[f]:face_offsets[f + 1].
    uv: (L, 2) float32 per corner, or None.
    regions: name -> (F,) bool; where regions overlap the later one wins.
    extra: further plain arrays kept with the model (measurement loops, attribute regressors).
    metadata: JSON: family, variant, licence, source, units and whatever the reader knows.
    ranges: (K, 2) float32, the lowest and highest value that each coefficient may take, or None when unlimited.
    A model of a mesh's own shape keys has ranges: there a coefficient is the key's value.
    parts: name -> `Part`, geometry that follows the same coefficients: teeth, gums, garments. None of `vertices`,
    `basis`, `regions` and `checksum` knows of them: fits and measurements are of the body alone; see `dressed`.
    paint: name -> (S, S) uint8, distance to the border of a painted region in the model's UVs, see `core.model.paint`.
    population: (N, K) float16, coefficients of real members of the population that the model was made of, or None. It
    says which shapes are likely and is not part of the checksum: the shapes are the same without it.
    precision: "float16" or "float32", what basis and uv are in the file; converted research models keep float32.

    >>> import semantify_blender as sb
    >>> model = sb.load_model("anny-body-neutral")
    >>> mean, taller = model.vertices(np.array([[0.0], [1.0]]))  # (V, 3) metres each
    >>> mean.shape == (model.vertex_count, 3), mean.dtype
    (True, dtype('float32'))
    """

    name: str
    template: np.ndarray
    basis: np.ndarray
    standard_deviations: np.ndarray
    corner_vertices: np.ndarray
    face_offsets: np.ndarray
    uv: np.ndarray | None = None
    regions: dict[str, np.ndarray] = field(default_factory=dict)
    extra: dict[str, np.ndarray] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    ranges: np.ndarray | None = None
    precision: str = "float16"
    parts: dict[str, Part] = field(default_factory=dict)
    paint: dict[str, np.ndarray] = field(default_factory=dict)
    population: np.ndarray | None = None

    @property
    def component_count(self) -> int:
        """K, the number of coefficients."""
        return len(self.basis)

    @property
    def vertex_count(self) -> int:
        """V, the number of vertices."""
        return len(self.template)

    @property
    def face_count(self) -> int:
        """F, the number of faces."""
        return len(self.face_offsets) - 1

    def vertices(self, coefficients: np.ndarray) -> np.ndarray:
        """Shape for coefficients.

        coefficients: (..., K) in standard deviations; fewer than K mean the rest are zero.
        Returns (..., V, 3) float32, metres.
        Raises SemantifyError when there are more coefficients than components.
        """
        coefficients = np.asarray(coefficients, np.float32)
        given = coefficients.shape[-1]
        if given > self.component_count:
            raise SemantifyError(
                f"model {self.name!r} has {self.component_count} components but {given} coefficients were given"
            )
        offsets = coefficients @ self._flat_basis[:given]
        return self.template + offsets.reshape(*coefficients.shape[:-1], self.vertex_count, 3)

    @cached_property
    def people(self) -> Population | None:
        """Its population with all that is computed from it, or None."""
        return None if self.population is None else Population(self.population)

    @cached_property
    def _flat_basis(self) -> np.ndarray:
        return np.ascontiguousarray(self.basis.reshape(self.component_count, -1))

    @cached_property
    def triangles(self) -> np.ndarray:
        """(T, 3) int32 fan triangulation of the faces."""
        counts = np.diff(self.face_offsets) - 2
        first = np.repeat(self.face_offsets[:-1], counts)
        corner = 1 + np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
        corners = np.stack([first, first + corner, first + corner + 1], 1)
        # every face's first triangle, then every second one, …
        return self.corner_vertices[corners[np.argsort(corner, kind="stable")]]

    @cached_property
    def closed(self) -> bool:
        """Whether the surface has no border, so that it encloses a volume."""
        ends = self.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
        sides = ends.min(1) * self.vertex_count + ends.max(1)
        return bool((np.unique(sides, return_counts=True)[1] > 1).all())

    @cached_property
    def face_regions(self) -> np.ndarray:
        """(F,) int32 index into `list(regions)` of the region that each face shows; −1 where none."""
        index = np.full(self.face_count, -1, np.int32)
        for i, mask in enumerate(self.regions.values()):
            index[mask] = i
        return index

    def dressed(self, outfit: str | None = None) -> "Dressed[MorphableModel]":
        """The body and the parts that it wears in one model; what they cover of the body is left out.

        outfit: one of metadata `clothes`, None for its default. A model without parts comes back as it is.
        Its girths, landmarks and points are not carried along: measure and fit the body itself.
        Raises SemantifyError, with the choice, for an outfit that is not there.
        """
        changes, rows, face_parts = dress(self, outfit)
        return Dressed(replace(self, **changes) if changes else self, rows, face_parts)

    @property
    def framing(self) -> Framing:
        """How its pictures frame it, see `Framing.of`. Raises SemantifyError for a framing that shows nothing."""
        return Framing.of(self.name, self.template, self.metadata)

    @cached_property
    def checksum(self) -> str:
        """Hex SHA-256 over what decides the shapes: template, basis as stored, faces, ranges where there are any.

        Mappers and datasets name their model by it.
        """
        digest = hashlib.sha256()
        for array, dtype in (
            (self.template, "<f4"),
            (self.basis, {"float16": "<f2", "float32": "<f4"}[self.precision]),
            (self.corner_vertices, "<i4"),
            (self.face_offsets, "<i4"),
        ):
            digest.update(np.ascontiguousarray(array, dtype).tobytes())
        if self.ranges is not None:
            digest.update(np.ascontiguousarray(self.ranges, "<f4").tobytes())
        return digest.hexdigest()

    def save(self, path: str | Path) -> None:
        """Write `*.model.npz` (a float16 basis is at most 0.5 mm off at 1 m displacement, usually far less)."""
        arrays: dict[str, np.ndarray] = {
            "template": self.template.astype(np.float32),
            "basis": self.basis.astype(self.precision),
            "standard_deviations": self.standard_deviations.astype(np.float32),
            "corner_vertices": narrow(self.corner_vertices),
            "face_offsets": narrow(self.face_offsets),
        }
        if self.uv is not None:
            arrays["uv"] = self.uv.astype(self.precision)
        if self.ranges is not None:
            arrays["ranges"] = self.ranges.astype(np.float32)
        if self.population is not None:
            arrays["population"] = self.population.astype(np.float16)
        if self.regions:
            arrays["region_names"] = np.array(list(self.regions))
            arrays["region_faces"] = np.stack(list(self.regions.values()))
        arrays |= part_arrays(self.parts, self.precision) | paint_arrays(self.paint)
        arrays |= {f"extra/{name}": array for name, array in self.extra.items()}
        save_npz(path, SCHEMA, arrays, {**self.metadata, "name": self.name})

    @classmethod
    def load(cls, path: str | Path, content: bytes | None = None) -> "MorphableModel":
        """Read `*.model.npz`. content: its bytes when they are at hand, the path is only a name for messages then.

        Raises FileFormatError naming the file and the field when anything is off.
        """
        from .checks import Contents, check_extras  # with what reads pictures: only files need it, not the class

        arrays, metadata = load_npz(path, SCHEMA, _FIELDS, content)
        name = check_name(path, "metadata.name", metadata.get("name"))
        vertex_count = len(arrays["template"])
        if vertex_count == 0 or len(arrays["basis"]) == 0:
            raise FileFormatError(path, "basis", "is empty; a model needs vertices and components")
        corners, offsets = check_faces(path, arrays["corner_vertices"], arrays["face_offsets"], vertex_count)
        regions = _load_regions(path, arrays, len(offsets) - 1)
        ranges = arrays.get("ranges")
        if ranges is not None and not (ranges[:, 1] - ranges[:, 0] >= bounds.SMALLEST).all():
            raise FileFormatError(path, "ranges", "expected low < high for every coefficient")
        population = arrays.get("population")
        check_population(path, population, len(arrays["basis"]))
        parts = load_parts(path, arrays, len(arrays["basis"]), len(offsets) - 1)
        check_clothes(path, metadata, parts)
        KeySet.load(path, metadata, len(arrays["basis"]))
        uv = arrays.get("uv")
        template = arrays["template"].astype(np.float32)
        extra = {key.removeprefix("extra/"): value for key, value in arrays.items() if key.startswith("extra/")}
        check_extras(path, Contents(name, template, len(arrays["basis"]), extra, metadata))
        return cls(
            name=name,
            template=template,
            basis=arrays["basis"].astype(np.float32),
            standard_deviations=arrays["standard_deviations"].astype(np.float32),
            corner_vertices=corners,
            face_offsets=offsets,
            uv=None if uv is None else uv.astype(np.float32),
            regions=regions,
            extra=extra,
            metadata=metadata,
            ranges=None if ranges is None else ranges.astype(np.float32),
            precision="float16" if arrays["basis"].dtype.itemsize == 2 else "float32",
            parts=parts,
            paint=load_paint(path, arrays),
            population=None if population is None else population.astype(np.float16),
        )


def _load_regions(path: str | Path, arrays: dict[str, np.ndarray], faces: int) -> dict[str, np.ndarray]:
    if ("region_names" in arrays) != ("region_faces" in arrays):
        raise FileFormatError(path, "region_faces", "go together with region_names; one of them is missing")
    if "region_names" not in arrays:
        return {}
    masks = arrays["region_faces"]
    if masks.shape[1] != faces:
        raise FileFormatError(path, "region_faces", f"has {masks.shape[1]} faces, expected {faces}")
    names = check_words(path, "region_names", arrays["region_names"].tolist(), bounds.REGIONS)
    return dict(zip(names, masks, strict=True))
