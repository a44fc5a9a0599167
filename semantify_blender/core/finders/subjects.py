"""The finder for what a model shows, a person, a head or neither, and what is said of pictures without one."""

from ..descriptors import knows_family, subject_of
from ..model.morphable_model import MorphableModel
from ..pictures.picture import Box, Picture, scaled_box
from ..pictures.seeking import Finder, NoSubjectError, Sighting
from . import face, person
from .heads import head_mask, head_window
from .masks import found_of

LIKE = 0.6
"""Someone who is at least so large beside the largest may be the one who is meant."""
_TORSO = 0.35
"""Share of the way from shoulders to hips that has to be in the picture for a body."""
_SMALL_FACE = 0.12
"""A face smaller than this share of the picture's longer side is not what the picture shows."""
BODY, HEAD, ANIMAL, OTHER = "body", "face", "animal", "other"


def kind_of(model: MorphableModel) -> str:
    """What a model shows: by its family, and where nobody knows that, a body if it stands as tall as people do."""
    family = str(model.metadata.get("family", ""))
    if knows_family(family):
        return subject_of(family)
    low, high = model.template.min(0), model.template.max(0)
    size = high - low
    standing = model.framing.floor and 1.2 < size[2] < 2.6 and size[2] > 2 * size[1] and size[2] >= size[0]
    return BODY if standing else OTHER


def finder_for(model: MorphableModel) -> Finder:
    """What looks for a model's subject in pictures. Of a model of one's own nobody knows how much of a person it is."""
    seek = {BODY: seek_body, HEAD: seek_head}.get(kind_of(model), seek_nothing)
    return Finder(seek, decides=seek is not seek_nothing and knows_family(str(model.metadata.get("family", ""))))


def seek_body(picture: Picture) -> Sighting:
    """The one person of a picture, whole or cut off. Raises NoSubjectError."""
    people = person.find_people(picture)
    if not people:
        raise NoSubjectError(f"no person was found in it: {_CROP}")
    (largest, main), *others = sorted(people, key=lambda one: -person.reach_of(one[0]))
    if any(person.reach_of(other) >= LIKE * person.reach_of(largest) for other, _ in others):
        raise NoSubjectError("it shows several people of like size: draw a crop box around one")
    if _torso_seen(picture, main) < _TORSO:
        raise NoSubjectError(
            "it shows a head and not a body, whose shape cannot be told from that: take a picture of the whole person, "
            "or fit a head to the face",
            _crop_around_face(picture),
        )
    found = found_of(picture, main.mask, main.region)
    if found is None:
        raise NoSubjectError(f"no person was found in it: {_CROP}")
    return Sighting(found, body=main.landmarks)


def seek_head(picture: Picture) -> Sighting:
    """The one face of a picture, and the head around it. Raises NoSubjectError."""
    faces = face.find_faces(picture)
    if not faces:
        raise NoSubjectError(f"no face was found in it: {_CROP}")
    (largest, points), *others = faces
    if any(one.size >= LIKE * largest.size and one.overlap(largest) < 0.1 for one, _ in others):
        raise NoSubjectError("it shows several faces of like size: draw a crop box around one")
    window = head_window(points)
    tall = max(picture.width, picture.height)
    if largest.size < _SMALL_FACE * tall:
        raise NoSubjectError(
            "it shows a whole person, of whom this mapper wants the head: use the crop around the face",
            scaled_box(_whole(window, picture), picture.scale),
        )
    mask, region = head_mask(picture, points)
    found = found_of(picture, mask, region, window)
    if found is None:
        raise NoSubjectError(f"no face was found in it: {_CROP}")
    return Sighting(found, face=points)


def seek_nothing(picture: Picture) -> Sighting:
    """For animals and whatever else no finder knows. Raises NoSubjectError."""
    raise NoSubjectError(
        "there is no finder for what this mapper shapes: draw a crop box around it, or cut it out (alpha or a plain "
        "background)"
    )


_CROP = "draw a crop box around the figure if there is one"


def _torso_seen(picture: Picture, read: person.Person) -> float:
    """Share of the line from the middle of the shoulders to the middle of the hips that is in the picture."""
    points = read.landmarks.points
    shoulders, hips = points[11:13].mean(0), points[23:25].mean(0)
    share = [shoulders + (hips - shoulders) * (i + 0.5) / 50 for i in range(50)]
    inside = [0 <= x <= picture.width and 0 <= y <= picture.height for x, y in share]
    return sum(inside) / len(inside)


def _crop_around_face(picture: Picture) -> Box | None:
    for _, points in face.find_faces(picture):
        return scaled_box(_whole(head_window(points), picture), picture.scale)
    return None


def _whole(window: Box, picture: Picture) -> Box:
    left, top, right, bottom = window
    return (
        float(max(0, round(left))),
        float(max(0, round(top))),
        float(min(picture.width, round(right))),
        float(min(picture.height, round(bottom))),
    )
