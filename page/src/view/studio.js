import { Box3, Scene, Vector3, WebGLRenderer } from "three";
import { Camera } from "./camera.js";
import { Contact } from "./contact.js";
import { Shadow } from "./shadow.js";
import { sharedUniforms } from "./surface.js";

/** Milliseconds a picture may take while one drags, before it gets coarser; and the coarsest, in pixels a pixel. */
const SLOW = 45,
  COARSEST = 0.5;
const STILL = 220;

/** Draws figures side by side, only when something changed. */
export class Studio {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} view around it; it takes mouse, touch and keys
   * @throws {Error} where there is no WebGL
   */
  constructor(canvas, view) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.setClearColor(0, 0);
    this.renderer.autoClear = false;
    this.scene = new Scene();
    /** What the surfaces of all figures share. */
    this.shared = sharedUniforms();
    this.shadow = new Shadow(this.shared);
    this.contact = new Contact();
    this.scene.add(this.contact);
    this.camera = new Camera(view, () => this.changed());
    /** @type {import("./figure.js").Figure[]} */
    this.figures = [];
    this.standing = false;
    this.shown = false;
    this.view = view;
    this.ratio = 1;
    this.waiting = 0;
    this.reshaped = false;
    this.last = 0;
    this.settle = 0;
    new ResizeObserver(() => this.resize()).observe(view);
  }

  /** @param {import("./figure.js").Figure[]} figures one, or several to be seen side by side */
  stage(figures) {
    this.scene.remove(...this.figures);
    this.figures = figures;
    this.scene.add(...figures);
    this.resize();
    this.shaped();
  }

  /**
   * Looks at a subject.
   * @param {{low: number[], high: number[], floor: boolean, turn: number}} room what it fills, metres, Y up
   * @param {boolean} anew whether from the usual side, or from where it is looked at now
   */
  frame({ low, high, floor, turn }, anew) {
    const box = new Box3(new Vector3(...low), new Vector3(...high));
    const centre = box.getCenter(new Vector3()),
      size = box.getSize(new Vector3());
    const radius = size.length() / 2;
    this.shadow.aim(centre, radius);
    this.contact.fit(radius);
    this.standing = floor;
    const side = Math.max(size.x, size.z) / 2;
    this.camera.frame(centre, [side, (size.y / 2) * 1.08], turn, anew);
  }

  /** A shape has changed: shadows too. */
  shaped() {
    this.shadows = true;
    this.changed();
  }

  /** Something has changed. */
  changed() {
    if (!this.waiting) this.waiting = requestAnimationFrame((now) => this.draw(now));
  }

  resize() {
    this.reshaped = true;
    this.changed();
  }

  /** @param {number} now */
  draw(now) {
    this.waiting = 0;
    this.pace(now);
    const width = this.view.clientWidth,
      height = this.view.clientHeight;
    if (!width || !height || !this.figures.length) return;
    if (this.reshaped) {
      this.reshaped = false;
      this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2) * this.ratio);
      this.renderer.setSize(width, height, false);
      this.camera.reshape(width / Math.max(1, this.figures.length) / height);
    }
    const shadows = this.shadows || this.figures.length > 1;
    this.shadows = false;
    this.renderer.setScissorTest(false);
    this.renderer.clear();
    const share = width / this.figures.length;
    this.figures.forEach((figure, i) => {
      for (const other of this.figures) other.visible = other === figure;
      if (shadows) {
        this.contact.visible = false;
        this.shadow.draw(this.renderer, this.scene);
        if (this.standing) this.contact.draw(this.renderer, this.scene);
        this.contact.visible = this.standing;
      }
      this.renderer.setViewport(i * share, 0, share, height);
      this.renderer.setScissor(i * share, 0, share, height);
      this.renderer.setScissorTest(this.figures.length > 1);
      this.renderer.render(this.scene, this.camera);
    });
    if (!this.shown) performance.mark("shown");
    this.shown = true;
    if (this.camera.controls.update()) this.changed();
  }

  /** Coarser pictures while they come slowly, the finest as soon as nothing moves. @param {number} now */
  pace(now) {
    const took = now - this.last;
    this.last = now;
    if (took > SLOW && took < 1000 && this.ratio > COARSEST) {
      this.slow = (this.slow ?? 0) + 1;
      if (this.slow > 2) this.sharpen(Math.max(COARSEST, this.ratio * 0.8));
    } else this.slow = 0;
    clearTimeout(this.settle);
    if (this.ratio < 1) this.settle = setTimeout(() => this.sharpen(1), STILL);
  }

  /** @param {number} ratio */
  sharpen(ratio) {
    this.ratio = ratio;
    this.slow = 0;
    this.resize();
  }
}
