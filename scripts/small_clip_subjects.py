"""The subjects of the small CLIPs by name."""

from small_clip_animal import ANIMALS
from small_clip_body import BODY
from small_clip_face import FACE

SUBJECTS = {"body": BODY, "face": FACE, "animal": ANIMALS}
