"""A body with bones as game engines have them, cut out of the rig that it has: for tests of chains of joints."""

from dataclasses import replace

import numpy as np

from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, rig_arrays

BONES = {
    "Root": "", "pelvis": "Root", "spine_01": "pelvis", "spine_02": "spine_01", "spine_03": "spine_02",
    "clavicle_l": "spine_03", "upperarm_l": "clavicle_l", "lowerarm_l": "upperarm_l", "hand_l": "lowerarm_l",
    "clavicle_r": "spine_03", "upperarm_r": "clavicle_r", "lowerarm_r": "upperarm_r", "hand_r": "lowerarm_r",
    "neck_01": "spine_03", "head": "neck_01",
    "thigh_l": "pelvis", "calf_l": "thigh_l", "foot_l": "calf_l", "thigh_r": "pelvis", "calf_r": "thigh_r",
    "foot_r": "calf_r",
}  # fmt: skip


def with_bones(model: MorphableModel) -> MorphableModel:
    """The model with these bones and with joints that are linear in its coefficients."""
    rig = Rig.of(model)
    assert rig is not None
    z, at = model.template[:, 2], rig.joints(model.template)
    height = np.ptp(z)

    def ramp(values: np.ndarray, start: float, length: float = 0.03) -> np.ndarray:
        return np.clip((values - start) / (length * height) + 0.5, 0, 1)

    found = {}
    for side, low in (("L", "l"), ("R", "r")):
        arm, fore, leg, shin = (rig.part(f"{name}.{side}") for name in ("upperarm", "forearm", "thigh", "shin"))
        elbow = at[rig.chains[f"forearm.{side}"].main]
        hand = fore * ramp(np.linalg.norm(model.template - elbow, axis=1), 0.14 * height)
        foot = shin * (1 - ramp(z, z.min() + 0.05 * height))
        found |= {f"upperarm_{low}": arm - fore, f"lowerarm_{low}": fore - hand, f"hand_{low}": hand}
        found |= {f"thigh_{low}": leg - shin, f"calf_{low}": shin - foot, f"foot_{low}": foot}
        shoulder = at[rig.chains[f"upperarm.{side}"].main]
        near = np.clip(1.2 - np.linalg.norm(model.template - shoulder, axis=1) / (0.1 * height), 0, 1)
        found[f"clavicle_{low}"] = near * (1 - arm)
    head = rig.part("neck")
    low, high = at[rig.chains["thigh.L"].main][2], z[head > 0.5].min()
    found["head"] = head * ramp(z, high + 0.04 * height)
    found["neck_01"] = head - found["head"]
    left = np.clip(1 - sum(found.values()), 0, 1)
    for i in range(3):
        above = left * ramp(z, low + (0.1 + 0.28 * i) * (high - low), 0.06)
        found["pelvis" if i == 0 else f"spine_0{i}"] = left - above
        left = above
    found |= {"spine_03": left, "Root": np.zeros(len(z))}
    names = tuple(BONES)
    parents = np.array([names.index(above) if above else -1 for above in BONES.values()])
    arrays = rig_arrays(names, parents, np.stack([found[name] for name in names], 1))
    plain = replace(model, extra={name: a for name, a in model.extra.items() if not name.startswith("rig/")} | arrays)
    middles = Rig.of(plain)
    assert middles is not None
    joints = {
        "rig/joints": middles.joints(model.template),
        "rig/joint_basis": np.stack([middles.joints(shape) for shape in model.basis]),
    }
    return replace(plain, extra=plain.extra | joints)
