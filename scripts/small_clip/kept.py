"""Trainings that go on where they were ended: all that the next epoch depends on, kept in one file after each."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from semantify_blender.core.files.writing import write_aside


class Kept:
    """The state of a training.

    path: its file, or None to keep nothing. parts: name -> what has state_dict and load_state_dict (modules, optimiser,
    schedule). generators: all random numbers that are drawn, beside torch's own. settings: plain values that decide the
    training; a file of others is not gone on with, since its epochs are not this training's.
    """

    def __init__(
        self,
        path: Path | None,
        parts: Mapping[str, Any],
        generators: tuple[torch.Generator | np.random.Generator, ...],
        settings: Mapping[str, str | int | float],
    ) -> None:
        self.path, self.parts, self.generators, self.settings = path, parts, generators, dict(settings)

    def resume(self) -> int:
        """Take up what is kept. Returns how many epochs are done; 0 without a file, or with one of other settings."""
        if self.path is None or not self.path.is_file():
            return 0
        saved = torch.load(self.path, weights_only=True)
        if saved["settings"] != self.settings:
            return 0
        for name, part in self.parts.items():
            part.load_state_dict(saved["parts"][name])
        torch.set_rng_state(saved["torch"])
        for generator, state in zip(self.generators, saved["generators"], strict=True):
            if isinstance(generator, torch.Generator):
                generator.set_state(state)
            else:
                generator.bit_generator.state = state
        return int(saved["epochs"])

    def keep(self, epochs: int) -> None:
        """Write the state after so many epochs; a training that is ended meanwhile leaves the former one."""
        if self.path is None:
            return
        saved = {
            "settings": self.settings,
            "epochs": epochs,
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "torch": torch.get_rng_state(),
            "generators": [_state(generator) for generator in self.generators],
        }
        with write_aside(self.path) as aside:
            torch.save(saved, aside)


def digest(array: np.ndarray) -> str:
    """A short name of an array's very numbers, for `Kept.settings`."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def _state(generator: torch.Generator | np.random.Generator) -> Any:
    return generator.get_state() if isinstance(generator, torch.Generator) else generator.bit_generator.state


class Single:
    """A lone parameter among modules: what `Kept` asks of its parts."""

    def __init__(self, parameter: torch.nn.Parameter) -> None:
        self.parameter = parameter

    def state_dict(self) -> torch.Tensor:
        """The value."""
        return self.parameter.detach()

    @torch.no_grad()
    def load_state_dict(self, value: torch.Tensor) -> None:
        """Take up a value."""
        self.parameter.copy_(value)
