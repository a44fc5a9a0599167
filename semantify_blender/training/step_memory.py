"""What `semantify run` remembers of its finished steps: their inputs, and what their outputs held."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import SemantifyError
from ..core.files.json_text import read_json
from ..core.files.writing import sha256_of_file, write_json
from ..core.mapper import SUFFIX, Mapper
from .telling import Teller

STATE = "steps.json"


class StepMemory:
    """A step is done while its inputs are those of the last time and its outputs are what it wrote, byte for byte.

    A file that is cut short, damaged, swapped or edited is none of its step's, and is made again.
    """

    def __init__(self, folder: Path, teller: Teller) -> None:
        """folder: where `steps.json` is kept; one that cannot be read is as none."""
        self.path, self.teller = folder / STATE, teller
        self.done: dict[str, Any] = {}
        if self.path.is_file():
            try:
                self.done = read_json(self.path, "it is made again")
            except SemantifyError:
                teller.note(f"{STATE} cannot be read: every step is made again")

    @staticmethod
    def key(*inputs: object) -> str:
        """Hex SHA-256 of a step's inputs."""
        return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()

    def fresh(self, step: str, key: str, *outputs: Path) -> bool:
        """Whether a step is done. outputs: all files that it writes and that later steps or people rely on."""
        known = self.done.get(step)
        if not isinstance(known, dict) or known.get("key") != key:
            return False
        for path in outputs:
            held = known.get("outputs")
            if not isinstance(held, dict) or held.get(path.name) != content_key(path):
                self.teller.note(f"{path.name} is not what step {step!r} wrote: it is made again")
                return False
        return True

    def finish(self, step: str, key: str, *outputs: Path) -> None:
        """Note that a step is done with these outputs."""
        self.done[step] = {"key": key, "outputs": {path.name: content_key(path) for path in outputs}}
        write_json(self.path, self.done)

    def forget(self, step: str) -> None:
        """Have a step done again, whatever it was."""
        if self.done.pop(step, None) is not None:
            write_json(self.path, self.done)


def content_key(path: Path) -> str | None:
    """Hex SHA-256 of a file, None when it cannot be read.

    Of a mapper without its figures, which evaluations write into the file, whoever calls for them.
    """
    try:
        return _mapper_key(Mapper.load(path)) if path.name.endswith(SUFFIX) else sha256_of_file(path)
    except (SemantifyError, OSError):
        return None


def _mapper_key(mapper: Mapper) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(vars(mapper).items()):
        if name == "figures":
            continue
        parts = [part for layer in value for part in layer] if name == "layers" else [value]
        for part in parts:
            data = part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode()
            digest.update(f"{name} {len(data)} ".encode() + data)
    return digest.hexdigest()
