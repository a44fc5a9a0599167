"""From pictures to a shape: encoder, fitter, known facts, refinement (paper section 4.2, and past it)."""
