"""The seven animals as parameter vectors: proportions of real animals, trunk length (shoulder to buttock) = 1 m."""

import numpy as np

SPECIES = ("hippo", "donkey", "horse", "cow", "lion", "cat", "dog")

# Sources. Shares of the trunk's length, from published measurements where they exist:
#   horse   the classical canon: withers and croup as high as the trunk is long = 2.5 heads; depth of the chest = height
#           of the hock = one head; neck 1.5 heads to the middle of the shoulder (here measured to the withers)
#   donkey  means of 44 Austrian donkeys: withers 1.16 m, trunk 1.22 m, head 0.56 m; ears at least half the head (longer
#           here), mane upright, tail like a cow's
#   cow     Holstein: withers 1.47 m, trunk about 1.7 m, chest deeper than half the height
#   hippo   shoulder 1.4 to 1.5 m, barrel of a trunk about 2.4 m, tail 0.35 to 0.5 m, muzzle 0.5 m wide (twice it here)
#   lion    shoulder 1.2 m, trunk about 1.65 m, tail 0.9 m, short rounded ears, a mane down to the chest
#   cat     shoulder 0.23 to 0.25 m, head and body 0.46 m, tail 0.3 m (shorter here, to stay in the picture)
#   dog     a hound: a little longer than tall, tucked belly, hanging ears
# "About" marks an estimate: published lengths count the head. The rest, and all of the dog, is drawn by eye. Heads of
# cat, lion and hippo are larger than life: at 224 pixels the head names the animal.
_TABLE: dict[str, tuple[float, ...]] = {
    # name: hippo, donkey, horse, cow, lion, cat, dog
    # trunk
    "withers": (0.60, 0.96, 1.00, 0.85, 0.72, 0.65, 0.90),
    "croup": (0.62, 0.97, 0.99, 0.86, 0.69, 0.66, 0.87),
    "dip": (-0.05, 0.03, 0.05, 0.02, 0.03, 0.00, 0.02),
    "tail_head_drop": (0.12, 0.07, 0.06, 0.02, 0.05, 0.05, 0.04),
    "chest_depth": (0.45, 0.41, 0.43, 0.49, 0.36, 0.29, 0.42),
    "belly_depth": (0.50, 0.43, 0.41, 0.54, 0.34, 0.31, 0.35),
    "flank_depth": (0.45, 0.36, 0.34, 0.41, 0.27, 0.27, 0.26),
    "shoulder_width": (0.24, 0.130, 0.150, 0.165, 0.150, 0.115, 0.140),
    "belly_width": (0.32, 0.180, 0.185, 0.255, 0.155, 0.135, 0.145),
    "rump_width": (0.26, 0.155, 0.185, 0.205, 0.140, 0.120, 0.125),
    "boxiness": (2.2, 2.1, 2.1, 2.7, 2.2, 2.0, 2.1),
    # neck, from the withers to the poll
    "neck_length": (0.24, 0.47, 0.56, 0.42, 0.36, 0.20, 0.33),
    "neck_angle": (0.0, 38.0, 45.0, 8.0, 18.0, 32.0, 40.0),
    "neck_arch": (0.0, 12.0, 28.0, 4.0, 10.0, 15.0, 15.0),
    "dewlap": (0.02, 0.005, 0.015, 0.045, 0.0, 0.005, 0.0),
    "neck_width": (0.215, 0.065, 0.070, 0.095, 0.105, 0.095, 0.080),
    "chest_front": (0.34, 0.27, 0.29, 0.32, 0.22, 0.19, 0.24),
    # head; lengths relative to its own length
    "head_length": (0.54, 0.43, 0.42, 0.40, 0.34, 0.275, 0.35),
    "head_angle": (20.0, 47.0, 47.0, 40.0, 20.0, 13.0, 14.0),
    "dome": (0.02, 0.04, 0.03, 0.02, 0.09, 0.16, 0.10),
    "stop": (0.09, -0.01, 0.00, 0.00, 0.03, 0.05, 0.12),
    "snout": (0.60, 0.60, 0.62, 0.58, 0.44, 0.22, 0.50),
    "nose_drop": (-0.02, 0.08, 0.08, 0.08, 0.12, 0.06, 0.04),
    "jaw_depth": (0.50, 0.46, 0.46, 0.46, 0.56, 0.56, 0.44),
    "muzzle_depth": (0.46, 0.31, 0.29, 0.32, 0.40, 0.4, 0.30),
    "skull_width": (0.27, 0.20, 0.19, 0.24, 0.34, 0.5, 0.27),
    "snout_width": (0.25, 0.16, 0.15, 0.20, 0.25, 0.3, 0.17),
    "muzzle_width": (0.37, 0.15, 0.135, 0.22, 0.22, 0.22, 0.14),
    "eye_size": (0.038, 0.055, 0.055, 0.055, 0.055, 0.082, 0.06),
    "eye_height": (0.85, 0.5, 0.5, 0.5, 0.6, 1.05, 0.6),
    "eye_front": (10.0, 12.0, 12.0, 12.0, 50.0, 68.0, 40.0),
    "nose": (0.03, 0.03, 0.03, 0.03, 0.085, 0.070, 0.075),
    "nostril": (0.050, 0.032, 0.038, 0.036, 0.012, 0.010, 0.012),
    "nostril_back": (1.2, 1.0, 1.0, 0.6, 0.1, 0.1, 0.1),
    "nostril_height": (10.0, 8.6, 8.4, 8.6, 9.6, 9.6, 9.6),
    "mouth": (0.62, 0.34, 0.34, 0.40, 0.50, 0.34, 0.58),
    "mouth_height": (4.4, 3.3, 3.3, 3.5, 3.8, 3.4, 3.8),
    # ears
    "ear_lift": (12.0, 12.0, 14.0, 0.0, 6.0, 18.0, 0.0),
    "ear_length": (0.055, 0.30, 0.16, 0.19, 0.085, 0.125, 0.18),
    "ear_width": (0.028, 0.050, 0.038, 0.050, 0.050, 0.07, 0.062),
    "ear_splay": (35.0, 14.0, 10.0, 95.0, 40.0, 10.0, 70.0),
    "ear_droop": (0.0, 5.0, 0.0, 10.0, 0.0, 0.0, 125.0),
    "ear_point": (0.2, 0.7, 0.8, 0.5, 0.0, 1.0, 0.2),
    "ear_facing": (30.0, 35.0, 30.0, 10.0, 25.0, 25.0, 80.0),
    "ear_cup": (0.6, 0.75, 0.8, 0.5, 0.5, 0.5, 0.22),
    # horns, mane, udder
    "horn_length": (0.0, 0.0, 0.0, 0.17, 0.0, 0.0, 0.0),
    "crest": (0.0, 0.065, 0.055, 0.0, 0.02, 0.0, 0.0),
    "mane_spread": (-0.6, -0.4, 0.8, -0.7, -0.3, -0.7, -0.7),
    "ruff": (0.0, 0.0, 0.0, 0.0, 0.15, 0.0, 0.0),
    "udder": (0.0, 0.0, 0.0, 0.16, 0.0, 0.0, 0.0),
    # legs: joint heights, radii along the body
    "carpus_height": (0.125, 0.31, 0.315, 0.22, 0.14, 0.12, 0.20),
    "fetlock_height": (0.09, 0.125, 0.13, 0.09, 0.07, 0.05, 0.062),
    "hock_height": (0.15, 0.38, 0.39, 0.30, 0.21, 0.19, 0.24),
    "hind_bend": (0.02, 0.075, 0.085, 0.07, 0.10, 0.10, 0.10),
    "arm": (0.120, 0.070, 0.082, 0.085, 0.088, 0.060, 0.072),
    "cannon": (0.072, 0.028, 0.030, 0.035, 0.045, 0.031, 0.032),
    "thigh": (0.155, 0.130, 0.150, 0.145, 0.135, 0.115, 0.125),
    "foot_length": (0.095, 0.047, 0.055, 0.055, 0.080, 0.056, 0.058),
    "foot_width": (0.088, 0.040, 0.048, 0.050, 0.062, 0.042, 0.043),
    "foot_height": (0.06, 0.065, 0.065, 0.055, 0.06, 0.042, 0.048),
    "toes": (0.7, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0),
    "hoof": (0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0),
    "cleft": (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0),
    "stance": (0.55, 0.50, 0.50, 0.50, 0.55, 0.50, 0.52),
    # tail
    "tail_length": (0.16, 0.42, 0.56, 0.50, 0.54, 0.72, 0.44),
    "tail_angle": (-75.0, -60.0, -38.0, -78.0, -55.0, 25.0, 25.0),
    "tail_curl": (0.0, -20.0, -45.0, -8.0, 25.0, 75.0, 50.0),
    "tail_root": (0.030, 0.026, 0.040, 0.026, 0.030, 0.027, 0.030),
    "tail_tip": (0.012, 0.012, 0.030, 0.012, 0.013, 0.018, 0.012),
    "tail_hair": (0.6, 0.55, 0.10, 0.68, 0.76, 0.75, 0.75),
    "tuft": (0.006, 0.030, 0.052, 0.030, 0.034, 0.0, 0.004),
}

NAMES = tuple(_TABLE)
"""The order of a parameter vector: metres for a trunk of 1 m, degrees for angles, head_length for parts of the head."""

PROTOTYPES = {animal: np.array([row[i] for row in _TABLE.values()]) for i, animal in enumerate(SPECIES)}
