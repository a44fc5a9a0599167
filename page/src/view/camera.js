import { PerspectiveCamera, Spherical, Vector3 } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";

const FIELD = 24;
const STEP = Math.PI / 24;
/** A little from above. */
const TILT = Math.PI / 2 - 0.06;

/** A long lens around the subject: mouse, touch and keys turn it and bring it near. */
export class Camera extends PerspectiveCamera {
  /**
   * @param {HTMLElement} element that is dragged, and has the keys when it has the focus
   * @param {() => void} changed
   */
  constructor(element, changed) {
    super(FIELD, 1, 0.01, 100);
    this.controls = new OrbitControls(this, element);
    this.controls.enableDamping = true;
    this.controls.dampingFactor = 0.12;
    this.controls.zoomSpeed = 1.4;
    this.controls.addEventListener("change", changed);
    this.changed = changed;
    this.centre = new Vector3();
    this.half = [1, 1];
    this.turn = 0;
    element.addEventListener("keydown", (event) => {
      if (this.pressed(event.key)) event.preventDefault();
    });
    element.addEventListener("dblclick", () => this.reset());
  }

  /**
   * What is looked at.
   * @param {Vector3} centre
   * @param {number[]} half metres from the centre to the side and to the top of what must be seen
   * @param {number} turn degrees, of the subject to its left
   * @param {boolean} anew whether from the usual side, or from where it is looked at now
   */
  frame(centre, half, turn, anew) {
    const { theta, phi } = new Spherical().setFromVector3(this.position.clone().sub(this.controls.target));
    this.centre.copy(centre);
    this.half = half;
    this.turn = turn;
    this.reset();
    if (!anew) this.orbit(theta - (turn * Math.PI) / 180, TILT - phi, 1);
  }

  /** The distance from which all of it is seen. */
  get distance() {
    const [side, top] = this.half;
    const slope = Math.tan((FIELD * Math.PI) / 360);
    return Math.max(top / slope, side / (slope * this.aspect)) + side;
  }

  /** Back to where it began. */
  reset() {
    const { distance, controls, centre } = this;
    // what was still turning stops
    controls.enableDamping = false;
    controls.update();
    controls.target.copy(centre);
    controls.minDistance = 0.12 * distance;
    controls.maxDistance = 3 * distance;
    this.near = distance / 100;
    this.far = distance * 8;
    this.updateProjectionMatrix();
    this.position.setFromSpherical(new Spherical(distance, TILT, (this.turn * Math.PI) / 180)).add(centre);
    controls.update();
    controls.enableDamping = true;
    this.changed();
  }

  /** Another shape of the view keeps the share of it that the subject fills. @param {number} aspect */
  reshape(aspect) {
    const before = this.distance;
    this.aspect = aspect;
    this.position
      .sub(this.controls.target)
      .multiplyScalar(this.distance / before)
      .add(this.controls.target);
    this.updateProjectionMatrix();
    this.controls.maxDistance = 3 * this.distance;
    this.controls.update();
  }

  /** @param {string} key @returns {boolean} whether it does something */
  pressed(key) {
    const turns = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    const nearer = { "+": 0.9, "=": 0.9, "-": 1 / 0.9 };
    if (key === "Home" || key === "0") this.reset();
    else if (key in turns) this.orbit(.../** @type {[number, number]} */ (turns[/** @type {"ArrowUp"} */ (key)]), 1);
    else if (key in nearer) this.orbit(0, 0, nearer[/** @type {"+"} */ (key)]);
    else return false;
    return true;
  }

  /** @param {number} around @param {number} over @param {number} farther */
  orbit(around, over, farther) {
    const { target, minDistance, maxDistance } = this.controls;
    const at = new Spherical().setFromVector3(this.position.clone().sub(target));
    at.theta += around;
    at.phi = Math.min(Math.PI - 0.05, Math.max(0.05, at.phi - over));
    at.radius = Math.min(maxDistance, Math.max(minDistance, at.radius * farther));
    this.position.setFromSpherical(at).add(target);
    this.controls.update();
    this.changed();
  }
}
