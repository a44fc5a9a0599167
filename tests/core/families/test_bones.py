"""Skeletons of research models' files: the joints that the file regresses, in every pose and shape."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.families.convert import Conversion, convert
from semantify_blender.core.families.research_model import z_up
from semantify_blender.core.model.chains import chains_of
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.skeleton import SHORTEST, Skeleton
from tests.licensed_files import JOINTS, write_flame, write_smal, write_smpl, write_smplx


@pytest.mark.parametrize(("family", "write"), [("smpl", write_smpl), ("smplx", write_smplx), ("smal", write_smal)])
def test_a_file_with_a_skeleton_gives_all_its_bones(family: str, write, tmp_path: Path) -> None:
    write(tmp_path / "file.npz", layout="npz")
    model = convert(tmp_path / "file.npz", Conversion(components=4))
    model.save(tmp_path / "kept.model.npz")
    skeleton = Skeleton.of(MorphableModel.load(tmp_path / "kept.model.npz"))
    assert skeleton is not None
    assert len(skeleton.names) == JOINTS[family]
    assert skeleton.weights.sum(1) == pytest.approx(1.0, abs=2e-3)
    ends = skeleton.at(np.array([1.0, -1.0, 0.5, 2.0]))
    assert (np.linalg.norm(ends[1] - ends[0], axis=1) > 0.99 * SHORTEST).all()
    if family != "smal":
        assert {"upperarm.L", "forearm.R", "hand.L", "thigh.L", "shin.R", "spine", "neck"} <= set(
            chains_of(skeleton.names)
        )


def test_in_the_files_own_pose_joints_are_where_its_regressor_has_them(tmp_path: Path) -> None:
    data = write_smpl(tmp_path / "SMPL.npz", layout="npz")
    model = convert(tmp_path / "SMPL.npz", Conversion(components=5, pose="t"))
    values = np.array([1.0, -2.0, 0.3, 0.0, 1.5])
    shaped = data["v_template"] + data["shapedirs"][:, :, :5] @ values
    regressor = np.asarray(
        data["J_regressor"].todense() if hasattr(data["J_regressor"], "todense") else data["J_regressor"]
    )
    moved = Skeleton.of(model).at(values)[0]
    off = moved - z_up(regressor @ shaped)
    # feet are brought to the floor
    assert np.abs(off - off[0] * [0, 0, 1]).max() < 1e-5


def test_the_pose_of_the_template_turns_bones_and_keeps_their_lengths(tmp_path: Path) -> None:
    write_smplx(tmp_path / "SMPLX.npz")
    values = np.array([0.7, -1.0, 1.2])
    found = []
    for pose in "at":
        skeleton = Skeleton.of(convert(tmp_path / "SMPLX.npz", Conversion(components=3, pose=pose)))
        heads = skeleton.at(values)[0]
        found.append(heads - heads[skeleton.parents])
    assert np.linalg.norm(found[0], axis=1) == pytest.approx(np.linalg.norm(found[1], axis=1), abs=1e-5)
    arm = skeleton.names.index("left_elbow")
    assert found[0][arm][2] < found[1][arm][2] - 0.01


def test_heads_have_none(tmp_path: Path) -> None:
    write_flame(tmp_path / "FLAME.pkl")
    model = convert(tmp_path / "FLAME.pkl", Conversion(family="flame-shape", components=3))
    assert not any(name.startswith("bones/") for name in model.extra)
