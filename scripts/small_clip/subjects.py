"""The subjects of the small CLIPs by name."""

from scripts.small_clip.animal import ANIMALS
from scripts.small_clip.body import BODY
from scripts.small_clip.face import FACE

SUBJECTS = {"body": BODY, "face": FACE, "animal": ANIMALS}
