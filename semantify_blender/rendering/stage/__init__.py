"""One figure before a camera: scene, engines, materials, looks."""
