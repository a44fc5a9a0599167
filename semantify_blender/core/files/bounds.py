"""How large what comes out of files may be: beyond it nothing real lies, and what is computed with it overflows."""

LARGEST = 1e4
"""Metres: a coordinate or a displacement."""
LARGEST_COEFFICIENT = 1e3
"""Standard deviations, or the value of a shape key."""
LARGEST_SCORE = 1e6
"""A score or its spread; cosines times 100 stay within ±100."""
LARGEST_WEIGHT = 1e6
"""Of a network."""
LARGEST_OUTPUT = 1e9
"""What a network may give at most for inputs in their range, before it is limited."""
SMALLEST = 1e-6
"""Of what is divided by: deviations, widths of ranges."""

COMPONENTS, DESCRIPTORS, LAYERS, WIDTH = 1024, 256, 32, 131072
"""Most coefficients, sliders, layers of a network, and outputs of a layer: a fitter of 400 coefficients has 80,603."""
BASIS_BYTES = 4 << 30
"""Of a shape basis while it is made of files that may say nothing of most vertices, in double precision."""
VERTICES, CORNERS, REGIONS = 4_000_000, 16_000_000, 256
PARTS, OUTFITS = 64, 64
PAINTS, PAINT_SIDE = 32, 4096
"""Most painted regions of a model, and pixels a side of each."""
JOINTS, JOINT_WEIGHTS = 256, 1 << 26
"""Most joints of a rig, and joints times vertices."""
EMBEDDING, WORDS = 8192, 20_000
"""Most numbers of an embedding, and words of a vocabulary."""
SAMPLES, VIEWS = 1_000_000, 64
MEMBERS = 100_000
"""Most members of a model's population."""
