"""Readers of the files that researchers register for: SMPL, SMPL-X, FLAME, SMAL. `convert` is the way in."""

from .convert import Conversion, convert

__all__ = ["Conversion", "convert"]
