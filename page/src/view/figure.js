import { BufferAttribute, BufferGeometry, Color, Group, Mesh, SRGBColorSpace } from "three";
import { heatColour } from "../math/heat.js";
import { Surface } from "./surface.js";

/** What lines are painted on. */
const PAINTED = new Set(["skin", "eyes"]);

/** The drawn surface: one mesh, one material a region, so that colours meet in sharp lines and light in smooth ones. */
export class Figure extends Group {
  /**
   * @param {import("../data/header.js").ModelHeader} header
   * @param {ReturnType<typeof import("./surface.js").sharedUniforms>} shared
   * @param {Float32Array | null} uv (N × 2) where lines are painted
   */
  constructor({ regions, pieces }, shared, uv) {
    super();
    // three.js has Y up
    this.rotation.x = -Math.PI / 2;
    const worn = new Set(pieces.filter(({ covers }) => covers).map(({ region }) => region));
    this.painted = regions.map(({ name }) => uv !== null && PAINTED.has(name));
    this.surfaces = regions.map(({ name }, r) => new Surface(shared, name, worn.has(r)));
    this.geometry = new BufferGeometry();
    if (uv) this.geometry.setAttribute("uv", new BufferAttribute(uv, 2));
    this.mesh = new Mesh(this.geometry, this.surfaces);
    this.mesh.frustumCulled = false;
    this.add(this.mesh);
    this.heat(null);
  }

  /**
   * Shows other faces: another outfit.
   * @param {import("../data/drawn.js").Drawn} drawn
   */
  wear(drawn) {
    this.geometry.setIndex(new BufferAttribute(drawn.shown, 1));
    this.geometry.clearGroups();
    for (const { start, count, region } of drawn.groups) this.geometry.addGroup(start, count, region);
  }

  /**
   * Shows a shape. The arrays are kept; where they were shown before they are sent again.
   * @param {Float32Array} positions (N × 3), metres, Z up
   * @param {Float32Array} normals (N × 3)
   */
  show(positions, normals) {
    for (const [name, values] of /** @type {const} */ ([
      ["position", positions],
      ["normal", normals],
    ])) {
      const known = this.geometry.getAttribute(name);
      if (known instanceof BufferAttribute && known.array === values) known.needsUpdate = true;
      else this.geometry.setAttribute(name, new BufferAttribute(values, 3));
    }
  }

  /** Metres that lift it onto the floor. @param {number} lowest */
  stand(lowest) {
    this.position.y = -lowest;
  }

  /** @param {string[]} colours "#rrggbb" of each region */
  colour(colours) {
    this.surfaces.forEach((surface, r) => surface.dye(colours[r]));
  }

  /** Shows the heat of each vertex instead of colours; null takes it off. @param {Float32Array | null} shares (N) */
  heat(shares) {
    this.surfaces.forEach((surface, r) => surface.show(this.painted[r], shares !== null));
    if (!shares) return;
    const colours = new Float32Array(3 * shares.length);
    shares.forEach((share, v) => STEPS[Math.round(255 * share)].toArray(colours, 3 * v));
    this.geometry.setAttribute("heat", new BufferAttribute(colours, 3));
  }
}

const STEPS = Array.from({ length: 256 }, (_, i) => {
  const [red, green, blue] = heatColour(i / 255);
  return new Color().setRGB(red, green, blue, SRGBColorSpace);
});
