"""The faces of a character as triangles with colours, light and shade in them, ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

LIGHT = np.array([-0.35, -0.8, 0.5]) / np.linalg.norm([-0.35, -0.8, 0.5])
AMBIENT = 0.55
"""Share of a colour that is seen where no light falls."""
_HEAT = np.array([[0.17, 0.20, 0.32], [0.20, 0.42, 0.62], [0.36, 0.66, 0.56], [0.93, 0.78, 0.35], [0.86, 0.30, 0.18]])
"""sRGB of what stays to what goes farthest; it gets lighter before it gets red, so that it reads in grey, too."""


@dataclass(frozen=True, eq=False)
class Triangles:
    """corners: (T, 3) int32 vertices. colours: (T, 3) float32 sRGB of the material of each."""

    corners: np.ndarray
    colours: np.ndarray

    @classmethod
    def of(cls, mesh: bpy.types.Mesh) -> Triangles:
        """Those of a mesh as Solid view colours it."""
        mesh.calc_loop_triangles()
        count = len(mesh.loop_triangles)
        corners, materials = np.empty(3 * count, np.int32), np.empty(count, np.int32)
        mesh.loop_triangles.foreach_get("vertices", corners)
        mesh.loop_triangles.foreach_get("material_index", materials)
        known = [material.diffuse_color[:3] if material else (0.6, 0.6, 0.6) for material in mesh.materials]
        palette = np.array(known or [(0.6, 0.6, 0.6)], np.float32)
        return cls(corners.reshape(-1, 3), _srgb(palette[np.minimum(materials, len(palette) - 1)]))

    def shaded(self, points: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places (3T, 3) and RGBA (3T, 4) float32 of all corners, lit from the left. points: (V, 3).

        colours: (V, 3) of vertices, or (T, 3) of triangles, sRGB.
        """
        flat = np.cross(
            points[self.corners[:, 1]] - points[self.corners[:, 0]],
            points[self.corners[:, 2]] - points[self.corners[:, 0]],
        )
        normals = np.zeros_like(points)
        for corner in self.corners.T:
            np.add.at(normals, corner, flat)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        light = AMBIENT + (1 - AMBIENT) * np.clip(normals @ LIGHT, 0.0, 1.0)
        order = self.corners.ravel()
        of_corners = colours[order] if len(colours) == len(points) else np.repeat(colours, 3, 0)
        out = np.ones((len(order), 4), np.float32)
        out[:, :3] = of_corners * light[order, None]
        return points[order].astype(np.float32), out


def heat(shares: np.ndarray) -> np.ndarray:
    """(N, 3) float32 sRGB of (N,) shares in 0..1."""
    steps = np.linspace(0, 1, len(_HEAT))
    return np.stack([np.interp(shares, steps, channel) for channel in _HEAT.T], 1).astype(np.float32)


def _srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(np.maximum(linear, 1e-9), 1 / 2.4) - 0.055)
