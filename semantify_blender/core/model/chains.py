"""What a rig's joints are for: chains of one or more joints that turn as one part of the figure.

Rigs differ in bones and names; poses, fits and kept poses speak of chains. A spine of three bones bends as a whole,
each bone by its share; a shoulder blade goes along with its arm. A joint that is in no chain is a chain by itself,
under its own name: that is how rigs of few joints name theirs, "upperarm.L" and so on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LIMBS = ("upperarm.L", "upperarm.R", "forearm.L", "forearm.R", "thigh.L", "thigh.R", "shin.L", "shin.R")
"""Names of limbs, .L on the figure's own left (+X when it faces −Y)."""
FINGERS = ("index", "middle", "ring", "pinky")

_CLAVICLE = 0.2
"""Share of an arm's turn that collar bone and shoulder blade take. A raised arm owes them a third (Inman 1944), but
linear skinning tears the armpit with more."""

_MIDDLE = {
    "spine": (("spine_01", 1 / 3), ("spine_02", 1 / 3), ("spine_03", 1 / 3)),
    "neck": (("neck_01", 0.5), ("head", 0.5)),
}
_SIDED = {
    "upperarm": (("clavicle", _CLAVICLE), ("upperarm", 1 - _CLAVICLE)),
    "forearm": (("lowerarm", 1.0),),
    "hand": (("hand", 1.0),),
    "fingers": tuple((f"{finger}_0{i}", 1.0) for finger in FINGERS for i in (1, 2, 3)),
    "thumb": (("thumb_01", 0.4), ("thumb_02", 1.0), ("thumb_03", 1.0)),
    "thigh": (("thigh", 1.0),),
    "shin": (("calf", 1.0),),
    "foot": (("foot", 1.0),),
    "toes": (("ball", 1.0),),
}
"""Of the game-engine rig of MakeHuman, whose bones end in _l and _r. Fingers: each bone curls by the same."""
_SMPL_MIDDLE = {
    "spine": (("spine1", 1 / 3), ("spine2", 1 / 3), ("spine3", 1 / 3)),
    "neck": (("neck", 0.5), ("head", 0.5)),
}
_SMPL_SIDED = {
    "upperarm": (("collar", _CLAVICLE), ("shoulder", 1 - _CLAVICLE)),
    "forearm": (("elbow", 1.0),),
    "hand": (("wrist", 1.0),),
    "fingers": tuple((f"{finger}{i}", 1.0) for finger in FINGERS for i in (1, 2, 3)),
    "thumb": (("thumb1", 0.4), ("thumb2", 1.0), ("thumb3", 1.0)),
    "thigh": (("hip", 1.0),),
    "shin": (("knee", 1.0),),
    "foot": (("ankle", 1.0),),
    "toes": (("foot", 1.0),),
}
"""Of SMPL and SMPL-X, whose joints begin with left_ and right_."""
_FULL_MIDDLE = {
    "spine": tuple((f"spine0{i}", 0.2) for i in (5, 4, 3, 2, 1)),
    "neck": (("neck01", 0.2), ("neck02", 0.15), ("neck03", 0.15), ("head", 0.5)),
}
_FULL_SIDED = {
    "upperarm": (("clavicle", _CLAVICLE), ("upperarm01", 1 - _CLAVICLE)),
    "forearm": (("lowerarm01", 1.0),),
    "hand": (("wrist", 1.0),),
    "fingers": tuple((f"finger{finger}-{i}", 1.0) for finger in (2, 3, 4, 5) for i in (1, 2, 3)),
    "thumb": (("finger1-1", 0.4), ("finger1-2", 1.0), ("finger1-3", 1.0)),
    "thigh": (("upperleg01", 1.0),),
    "shin": (("lowerleg01", 1.0),),
    "foot": (("foot", 1.0),),
    "toes": tuple((f"toe{toe}-1", 1.0) for toe in (1, 2, 3, 4, 5)),
}
"""Of MakeHuman's rig of 163 bones, whose limbs are two bones each, for twisting: the second one goes along."""
_RIGS = {
    # a bone that tells the rig -> its chains, and what sides are called
    "left_shoulder": (_SMPL_MIDDLE, _SMPL_SIDED, ("left_{}", "right_{}")),
    "upperarm01.L": (_FULL_MIDDLE, _FULL_SIDED, ("{}.L", "{}.R")),
}


@dataclass(frozen=True)
class Chain:
    """joints: numbers in the rig, parents first. shares: of a turn of the chain, what each of them takes."""

    joints: tuple[int, ...]
    shares: tuple[float, ...]

    @property
    def main(self) -> int:
        """The joint that turns most, the first of equals: a shoulder rather than its collar bone."""
        return self.joints[self.shares.index(max(self.shares))]


def chains_of(names: Sequence[str]) -> dict[str, Chain]:
    """Chain name -> chain, of all joints of a rig, in the order of their first joints. names: of the joints."""
    told = next((bone for bone in _RIGS if bone in names), "")
    middle, sided, sides = _RIGS.get(told, (_MIDDLE, _SIDED, ("{}_l", "{}_r")))
    known = dict(middle)
    for part, bones in sided.items():
        for side, pattern in zip("LR", sides, strict=True):
            called = (pattern.format(bone) for bone, _ in bones)
            known[f"{part}.{side}"] = tuple(zip(called, (share for _, share in bones), strict=True))
    places = {name: i for i, name in enumerate(names)}
    found: dict[str, Chain] = {}
    taken: set[str] = set()
    for chain, bones in known.items():
        # a name of the rig's own comes first, and half a chain is none
        if chain not in places and all(bone in places for bone, _ in bones):
            found[chain] = Chain(tuple(places[bone] for bone, _ in bones), tuple(share for _, share in bones))
            taken |= {bone for bone, _ in bones}
    found |= {name: Chain((i,), (1.0,)) for name, i in places.items() if name not in taken}
    return dict(sorted(found.items(), key=lambda item: item[1].joints[0]))
