"""Which shape keys of which mesh a model or mapper speaks of, and how to tell that the mesh is still the same."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError


def array_checksum(values: np.ndarray) -> str:
    """First 16 hex digits of the SHA-256 of an array as float32."""
    # adding 0 makes −0 and 0 alike: they are the same place
    return hashlib.sha256(np.ascontiguousarray(np.asarray(values) + 0.0, "<f4").tobytes()).hexdigest()[:16]


@dataclass(frozen=True)
class KeySet:
    """The shape keys behind coefficients 0..K−1, in the mesh's own space: no placement of the object changes them.

    names: the keys. checksums: of each key's displacement (V, 3) at value 1. basis: checksum of the Basis (V, 3).
    """

    names: tuple[str, ...]
    checksums: tuple[str, ...]
    basis: str

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "KeySet | None":
        """From a model's or mapper's metadata ("shape_keys", "key_checksums", "basis_checksum"); None without keys.

        Raises SemantifyError naming the field that is not what it should be.
        """
        if metadata.get("shape_keys") is None:
            return None
        names, checksums = (_texts(metadata, field) for field in ("shape_keys", "key_checksums"))
        basis = metadata.get("basis_checksum")
        if not names or len(set(names)) < len(names):
            raise SemantifyError("metadata.shape_keys: expected names, each once")
        if len(checksums) != len(names):
            raise SemantifyError(f"metadata.key_checksums: has {len(checksums)} entries for {len(names)} shape keys")
        if not isinstance(basis, str):
            raise SemantifyError("metadata.basis_checksum: expected text")
        return cls(names, checksums, basis)

    @classmethod
    def load(cls, path: str | Path, metadata: Mapping[str, Any], count: int) -> "KeySet | None":
        """`of` for a file with `count` coefficients. Raises FileFormatError naming the file and the field."""
        try:
            keys = cls.of(metadata)
        except SemantifyError as error:
            field, _, problem = str(error).partition(": ")
            raise FileFormatError(path, field, problem) from error
        if keys is not None and len(keys.names) != count:
            raise FileFormatError(path, "metadata.shape_keys", f"has {len(keys.names)} names for {count} coefficients")
        return keys

    def metadata(self) -> dict[str, Any]:
        """The same as JSON values, see `of`."""
        return {
            "shape_keys": list(self.names),
            "key_checksums": list(self.checksums),
            "basis_checksum": self.basis,
        }


def _texts(metadata: Mapping[str, Any], field: str) -> tuple[str, ...]:
    values = metadata.get(field)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise SemantifyError(f"metadata.{field}: expected a list of texts")
    return tuple(values)
