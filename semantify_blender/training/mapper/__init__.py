"""Training the mapper M: Ω → ξ (paper section 3.4)."""
