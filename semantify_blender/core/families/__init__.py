"""Readers and builders, one for each family of morphable models."""
