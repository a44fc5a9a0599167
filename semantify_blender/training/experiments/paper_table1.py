"""The paper's own Table 1, and what its text makes of it."""

OWN = "own choice"
PAPER: dict[str, dict[int | str, tuple[float, float, int]]] = {
    "SMPL-X male": {
        2: (0.386, 0.301, 2),
        5: (0.515, 0.714, 5),
        10: (0.497, 0.835, 10),
        15: (0.983, 0.805, 15),
        OWN: (0.921, 0.645, 6),
    },
    "SMPL-X female": {
        2: (0.271, 0.495, 2),
        5: (0.500, 0.671, 5),
        10: (0.474, 0.830, 10),
        15: (0.824, 0.834, 15),
        OWN: (0.497, 0.567, 4),
    },
    "SMPL-X neutral": {
        2: (0.402, 0.512, 2),
        5: (0.500, 0.671, 5),
        10: (0.519, 0.869, 10),
        15: (0.521, 0.903, 15),
        OWN: (0.520, 0.830, 8),
    },
    "SMPL male": {
        2: (0.401, 0.467, 2),
        5: (0.977, 0.665, 5),
        10: (0.983, 0.839, 10),
        15: (0.982, 0.893, 15),
        OWN: (0.975, 0.602, 4),
    },
    "SMPL female": {
        2: (0.363, 0.473, 2),
        5: (0.957, 0.686, 5),
        10: (0.978, 0.852, 10),
        15: (0.991, 0.899, 15),
        OWN: (0.957, 0.686, 5),
    },
    "SMPL neutral": {
        2: (0.804, 0.487, 2),
        5: (0.962, 0.715, 5),
        10: (0.996, 0.852, 10),
        15: (0.998, 0.908, 15),
        OWN: (0.961, 0.760, 6),
    },
    "FLAME expression": {
        2: (0.104, 0.474, 2),
        5: (0.193, 0.672, 5),
        10: (0.270, 0.773, 10),
        15: (0.344, 0.850, 15),
        OWN: (0.134, 0.568, 3),
    },
}
"""The paper's Table 1: coverage, overlap, number of descriptors. Other models, other CLIP: for orientation only."""
PAPER_SAYS = (
    "Other models, OpenAI's CLIP ViT-B/32 and slider ends 15 and 30: not to be compared one by one. Two words cover "
    "least in every row, but more are not always more: SMPL-X male and female cover less with 10 than with 5, SMPL "
    "male less with 15 than with 10. Overlap falls once, SMPL-X male from 10 to 15."
)
