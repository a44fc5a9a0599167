"""Morphable models: their geometry, checks, samples and measurements."""
