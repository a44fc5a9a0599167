"""Choosing descriptors (paper section 3.3)."""
