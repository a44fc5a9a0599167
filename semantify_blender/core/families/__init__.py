"""Readers of morphable models' files: SMPL and its kin, free ones, one's own; `convert` is the way in."""

from .convert import Conversion, convert

__all__ = ["Conversion", "convert"]
