import {
  BufferGeometry,
  DoubleSide,
  Float32BufferAttribute,
  Mesh,
  OrthographicCamera,
  PlaneGeometry,
  ShaderMaterial,
  WebGLRenderTarget,
} from "three";

const SIDE = 256;
/** Height above the floor, in sizes of the subject, that darkens it no more. */
const REACH = 0.16;

const DEPTH = {
  vertexShader:
    "varying float up; void main() { vec4 p = modelViewMatrix * vec4(position, 1.0); up = -p.z;" +
    " gl_Position = projectionMatrix * p; }",
  fragmentShader:
    "varying float up; uniform float reach; void main() { float near = clamp(1.0 - up / reach, 0.0, 1.0);" +
    " gl_FragColor = vec4(0.0, 0.0, 0.0, near * near); }",
};
const FLOOR = {
  vertexShader:
    "varying vec2 at; void main() { at = uv; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }",
  fragmentShader:
    "varying vec2 at; uniform sampler2D map; void main() { gl_FragColor = vec4(vec3(0.0), 0.62 * texture2D(map, at).a); }",
};
const BLUR = {
  vertexShader: "varying vec2 at; void main() { at = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }",
  fragmentShader: `varying vec2 at; uniform sampler2D map; uniform vec2 step;
    void main() { float sum = 0.0, all = 0.0;
      for (int i = -8; i <= 8; i++) {
        float weight = exp(-float(i * i) / 28.0); all += weight;
        sum += weight * texture2D(map, at + float(i) * step).a; }
      gl_FragColor = vec4(0.0, 0.0, 0.0, sum / all); }`,
};

/** The darkness where the subject touches the floor: it is seen from below, blurred, and laid on the floor. */
export class Contact extends Mesh {
  constructor() {
    super(
      new PlaneGeometry(1, 1).rotateX(Math.PI / 2),
      new ShaderMaterial({
        ...FLOOR,
        transparent: true,
        depthWrite: false,
        side: DoubleSide,
        uniforms: { map: { value: null } },
      }),
    );
    this.renderOrder = -1;
    this.targets = [0, 1].map(() => new WebGLRenderTarget(SIDE, SIDE, { depthBuffer: true }));
    /** @type {ShaderMaterial} */ (this.material).uniforms.map.value = this.targets[0].texture;
    this.below = new OrthographicCamera();
    this.below.rotation.x = Math.PI / 2;
    this.depth = new ShaderMaterial({ ...DEPTH, side: DoubleSide, uniforms: { reach: { value: 1 } } });
    this.blur = new ShaderMaterial({
      ...BLUR,
      depthTest: false,
      uniforms: { map: { value: null }, step: { value: [0, 0] } },
    });
    const whole = new BufferGeometry();
    whole.setAttribute("position", new Float32BufferAttribute([-1, -1, 0, 3, -1, 0, -1, 3, 0], 3));
    whole.setAttribute("uv", new Float32BufferAttribute([0, 0, 2, 0, 0, 2], 2));
    this.screen = new Mesh(whole, this.blur);
    this.screen.frustumCulled = false;
  }

  /** @param {number} radius metres, of a sphere around the subject */
  fit(radius) {
    const side = 2.2 * radius;
    this.scale.set(side, 1, side);
    Object.assign(this.below, { left: -side / 2, right: side / 2, top: side / 2, bottom: -side / 2, near: 0 });
    this.below.far = this.depth.uniforms.reach.value = REACH * radius;
    this.below.updateProjectionMatrix();
  }

  /**
   * Drawn anew for a shape.
   * @param {import("three").WebGLRenderer} renderer
   * @param {import("three").Scene} scene
   */
  draw(renderer, scene) {
    const [first, second] = this.targets;
    scene.overrideMaterial = this.depth;
    renderer.setRenderTarget(first);
    renderer.clear();
    renderer.render(scene, this.below);
    scene.overrideMaterial = null;
    const { map, step } = this.blur.uniforms;
    for (const [from, to, way] of /** @type {const} */ ([
      [first, second, [1, 0]],
      [second, first, [0, 1]],
    ])) {
      map.value = from.texture;
      step.value = [(way[0] * 1.4) / SIDE, (way[1] * 1.4) / SIDE];
      renderer.setRenderTarget(to);
      renderer.render(this.screen, this.below);
    }
    renderer.setRenderTarget(null);
  }
}
