"""How good a mapper is: fit, coverage, overlap, reach (paper section 5), and what its sliders do when rendered."""
