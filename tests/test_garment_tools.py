"""What garments are made with: cuts along smooth lines, hems, geometry that follows coefficients."""

import numpy as np
import pytest

from scripts.anny.borders import evened
from scripts.anny.follow import Follower
from scripts.anny.hem_waves import hems, waviness
from scripts.anny.hems import ROWS, hem_faces, hemmed, with_hems
from scripts.anny.mirrored import partners, symmetric
from scripts.anny.shells import Curve, Shell, normals
from scripts.anny.skirts import ROWS as SKIRT_ROWS
from scripts.anny.skirts import Skirt, hang, loosened
from semantify_blender.core.model.parts import Part

RINGS, AROUND = 12, 16


def tube() -> Shell:
    """An open tube along Z, radius 1, as high as RINGS − 1."""
    angle = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    where = np.concatenate([np.concatenate([circle, np.full((AROUND, 1), z)], 1) for z in range(RINGS)])
    faces = [
        [r * AROUND + s, r * AROUND + (s + 1) % AROUND, (r + 1) * AROUND + (s + 1) % AROUND, (r + 1) * AROUND + s]
        for r in range(RINGS - 1)
        for s in range(AROUND)
    ]
    return Shell.of(np.array(faces), where[np.array(faces)][..., :2].astype(np.float32), where)


def slanted(shell: Shell) -> np.ndarray:
    """Distance above a plane that crosses the tube at an angle."""
    return shell.where @ np.array([0.4, 0.1, 1.0]) - 5.3


def test_a_cut_ends_in_the_line_itself() -> None:
    cut = tube().cut(slanted(tube()))
    assert np.abs(np.asarray(cut.weights.sum(1)) - 1).max() < 1e-12
    loops = cut.borders
    assert len(loops) == 2
    lower = min(loops, key=lambda loop: cut.where[loop, 2].mean())
    assert np.abs(slanted(cut)[lower]).max() < 1e-9
    assert slanted(cut).min() > -1e-9
    # no slivers: nothing is nearer to the line than the share within which vertices are slid onto it
    off = slanted(cut)
    assert off[off > 1e-9].min() > 0.2


def test_faces_keep_their_side_and_the_tube_its_area() -> None:
    whole = tube()
    above, below = whole.cut(slanted(whole)), whole.cut(-slanted(whole))

    def area(shell: Shell) -> float:
        a, b, c = (shell.where[shell.triangles[:, i]] for i in range(3))
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)

    assert area(above) + area(below) == pytest.approx(area(whole), rel=0.02)
    outward = normals(above.where[None], above.triangles)[0]
    assert ((outward[:, :2] * above.where[:, :2]).sum(1) > 0.5).all()


def test_rounding_puts_vertices_on_the_curve_between_those_of_a_border() -> None:
    rough = tube().cut(slanted(tube()))
    fine = rough.rounded()
    for before, after in zip(rough.borders, fine.borders, strict=True):
        assert len(after) == 2 * len(before)
    new = fine.where[rough.weights.shape[0] :]
    assert np.abs(np.linalg.norm(new[:, :2], axis=1) - 1).max() < 0.01  # half an edge's sagitta is 0.019
    assert sum(map(len, fine.faces)) == sum(map(len, rough.faces)) + len(new)


def test_a_curve_smooths_notches_and_leaves_smooth_borders() -> None:
    angle = np.sort(np.random.default_rng(0).uniform(0, 2 * np.pi, 60))
    ring = np.stack([np.cos(angle), 0.7 * np.sin(angle), 0.1 * np.cos(2 * angle)], 1)
    curve = Curve.of(ring)
    assert np.abs(curve.smooth @ ring - ring).max() < 0.01
    notched = ring.copy()
    notched[30] += [0, 0, 0.3]
    assert np.abs((curve.smooth @ notched - ring)[30]).max() < 0.12
    along = curve.along @ ring
    assert (np.einsum("ij,ij->i", along[:, :2], ring[:, [1, 0]] * [-1, 1]) > 0).all()


def test_hems_go_around_every_border_outwards_and_back_inside() -> None:
    shell = tube().cut(slanted(tube()))
    cloth = hemmed(shell, shell.where[None])[0]
    faces, uv = hem_faces(shell)
    count = shell.weights.shape[0]
    border = sum(map(len, shell.borders))
    assert len(cloth) == count + len(ROWS) * border
    assert sorted({v for face in faces for v in face}) == list(range(len(cloth)))
    assert [len(face) for face in faces] == [len(corners) for corners in uv]
    # the fold is thinner than the cloth is far out, and its last row lies inside the tube
    assert np.abs(np.linalg.norm(cloth[count:, :2], axis=1) - 1).max() < 0.01
    # every edge lies between two faces that go along it in opposite directions, but for the inside's border
    there = {(face[i - 1], face[i]) for face in faces for i in range(len(face))}
    assert len([edge for edge in there if edge[::-1] not in there]) == border


def test_what_follows_linearly_is_found_exactly() -> None:
    rng = np.random.default_rng(1)
    template, basis = rng.normal(size=(5, 3)), rng.normal(size=(4, 5, 3))
    follower = Follower(4)
    for _ in range(3):
        coefficients = rng.normal(size=(10, 4))
        follower.learn(coefficients, template + np.tensordot(coefficients, basis, 1))
    assert np.abs(follower.template - template).max() < 1e-9
    assert np.abs(follower.basis - basis).max() < 1e-9
    follower.test(coefficients, template + np.tensordot(coefficients, basis, 1) + [0.3, 0, 0.4])
    assert np.concatenate(follower.missed) == pytest.approx(0.5)


def test_a_skirt_goes_with_both_legs_and_its_hem_with_its_border() -> None:
    cut = tube().cut(slanted(tube()))
    loop = min(cut.borders, key=lambda one: cut.where[one, 2].mean())
    whole = cut.lengthened(loop, SKIRT_ROWS)
    skirt = Skirt(loop, 1.0, np.arange(3))
    right = (whole.where[:, 0] > 0).astype(float)
    weights = np.stack([right, 1 - right], 1)
    loose = loosened(whole, skirt, weights)
    assert np.allclose(loose.sum(1), 1)
    assert np.array_equal(loose[: cut.weights.shape[0]], weights[: cut.weights.shape[0]])
    lowest = loose[-len(loop) :, 0]
    assert np.abs(np.diff(np.append(lowest, lowest[0]))).max() < 0.2
    hemmed_weights = with_hems(whole, loose)
    assert len(hemmed_weights) == len(hemmed(whole, whole.where[None])[0])


def test_a_hem_that_tilts_and_bends_does_not_wave_and_one_that_waves_does() -> None:
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    smooth = np.stack([np.cos(angle), 0.7 * np.sin(angle), 0.1 * np.cos(angle) + 0.05 * np.sin(2 * angle)], 1)
    assert np.abs(waviness(smooth)).max() < 0.01
    waved = smooth + np.stack([0 * angle, 0 * angle, 0.03 * np.cos(6 * angle)], 1)
    assert np.abs(waviness(waved)).max() == pytest.approx(0.03, rel=0.35)


def test_the_hems_of_a_part_are_its_open_loops() -> None:
    shell = tube().cut(slanted(tube()))
    faces, _ = hem_faces(shell)
    where = hemmed(shell, shell.where[None])[0].astype(np.float32)
    offsets = np.cumsum([0, *map(len, faces)])
    part = Part(where, np.zeros((1, *where.shape), np.float32), np.concatenate(faces), offsets, "top")
    found = hems(part)
    assert sorted(map(len, found)) == sorted(map(len, shell.borders))
    assert min(v for loop in found for v in loop) >= shell.weights.shape[0]


def test_a_hem_of_cloth_that_a_belly_slants_does_not_wave() -> None:
    shell = tube().cut(tube().where[:, 2] - 5.3)
    where = shell.where
    low = np.clip(6.3 - where[:, 2], 0, 1)
    slanted_cloth = where - where * [1, 1, 0] * 0.6 * low[:, None]
    slanted_cloth[:, 2] += 0.1 * low * np.cos(6 * np.arctan2(where[:, 1], where[:, 0]))
    loop = min(shell.borders, key=lambda one: where[one, 2].mean())
    even = evened(shell, slanted_cloth[None])[0]
    assert np.abs(waviness(slanted_cloth[loop])).max() > 0.05
    assert np.abs(waviness(even[loop])).max() < 0.01


@pytest.mark.parametrize("skirted", [False, True])
def test_both_sides_of_a_garment_become_mirror_images(skirted: bool) -> None:
    shell = tube().cut(tube().where @ np.array([0.0, 0.1, 1.0]) - 5.3).rounded()
    skirt = None
    if skirted:
        loop = min(shell.borders, key=lambda one: shell.where[one, 2].mean())
        shell, skirt = hang(shell, loop, 0.5, np.arange(3))
    partner = partners(shell, skirt)
    assert (partner[partner] == np.arange(len(partner))).all()
    # faces stay faces: the mirrored one has the partners as corners
    faces = {frozenset(face) for face in hem_faces(shell)[0]}
    assert {frozenset(partner[list(face)].tolist()) for face in faces} == faces
    rng = np.random.default_rng(0)
    crooked = rng.normal(size=(4, len(partner), 3))
    even = symmetric(crooked, partner)
    assert (even[:, partner] * [-1, 1, 1] == even).all()
    np.testing.assert_allclose(symmetric(even, partner), even)


def test_a_garment_that_is_cut_slantwise_has_no_two_sides() -> None:
    with pytest.raises(ValueError, match=r"cut [\d.]+ mm apart"):
        partners(tube().cut(slanted(tube())))


def test_folds_of_a_skirt_are_the_same_on_both_sides() -> None:
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    top = np.concatenate([0.2 * circle, np.full((32, 1), 1.0)], 1)
    body = np.concatenate([np.c_[0.19 * circle, np.full(32, z)] for z in np.linspace(0.3, 1, 60)])
    ring = Skirt(list(range(32)), 1.0, np.arange(len(body))).rings(
        top[None], body[None], np.array([0.9]), np.array([0.4])
    )[0]
    other = (16 - np.arange(32)) % 32
    rows = ring.reshape(SKIRT_ROWS, 32, 3)
    assert np.abs(rows[:, other] * [-1, 1, 1] - rows).max() < 1e-9
    assert np.ptp(np.linalg.norm(rows[-1, :, :2], axis=1)) > 0.005
