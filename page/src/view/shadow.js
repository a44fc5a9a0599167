import {
  DepthTexture,
  DoubleSide,
  LessEqualCompare,
  LinearFilter,
  Matrix4,
  OrthographicCamera,
  ShaderMaterial,
  Vector3,
  WebGLRenderTarget,
} from "three";
import { KEY } from "./surface.js";

const SIDE = 1024;
const DEPTH = {
  vertexShader: "void main() { gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }",
  fragmentShader: "void main() { gl_FragColor = vec4(1.0); }",
};
/** From clip space to places in the picture. */
const TO_PLACE = new Matrix4().set(0.5, 0, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0, 1);

/** The shadow that a figure casts on itself: how far the key light reaches, as a picture. */
export class Shadow {
  /** @param {ReturnType<typeof import("./surface.js").sharedUniforms>} shared where the picture is told */
  constructor(shared) {
    this.shared = shared;
    const depth = new DepthTexture(SIDE, SIDE);
    depth.compareFunction = LessEqualCompare;
    depth.minFilter = depth.magFilter = LinearFilter;
    this.target = new WebGLRenderTarget(SIDE, SIDE, { depthTexture: depth });
    this.light = new OrthographicCamera();
    this.material = new ShaderMaterial({ ...DEPTH, colorWrite: false, side: DoubleSide });
    shared.shadow.value = depth;
    shared.texel.value = 1 / SIDE;
  }

  /**
   * @param {Vector3} centre of a sphere around the subject
   * @param {number} radius metres
   */
  aim(centre, radius) {
    const { light, shared } = this;
    light.position
      .set(KEY[0], KEY[1], KEY[2])
      .normalize()
      .multiplyScalar(2 * radius)
      .add(centre);
    light.lookAt(centre);
    light.left = light.bottom = -radius;
    light.right = light.top = radius;
    light.near = 0.5 * radius;
    light.far = 3.5 * radius;
    light.updateProjectionMatrix();
    light.updateMatrixWorld();
    shared.toShadow.value.multiplyMatrices(TO_PLACE, light.projectionMatrix).multiply(light.matrixWorldInverse);
    shared.bias.value = 0.009 * radius;
  }

  /**
   * Drawn anew for a shape.
   * @param {import("three").WebGLRenderer} renderer
   * @param {import("three").Scene} scene
   */
  draw(renderer, scene) {
    // a picture cannot be drawn into and looked at together
    this.shared.shadow.value = null;
    scene.overrideMaterial = this.material;
    renderer.setRenderTarget(this.target);
    renderer.clear();
    renderer.render(scene, this.light);
    renderer.setRenderTarget(null);
    scene.overrideMaterial = null;
    this.shared.shadow.value = this.target.depthTexture;
  }
}
