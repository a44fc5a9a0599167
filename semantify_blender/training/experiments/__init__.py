"""The paper's experiments: Table 1, the ablation, and the user study by simulation."""
