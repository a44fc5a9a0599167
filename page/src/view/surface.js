import { Color, DataTexture, DoubleSide, FrontSide, Matrix4, ShaderMaterial, SRGBColorSpace } from "three";

/** Towards the key light, the only one that casts a shadow; Y up, the subject faces +Z. */
export const KEY = [-0.42, 0.72, 0.55];

const VERTEX = `
varying vec3 at; varying vec3 turned; varying vec3 shaded; varying vec2 place; varying vec3 warm;
attribute vec3 heat;
uniform mat4 toShadow; uniform float bias;
void main() {
  vec4 world = modelMatrix * vec4(position, 1.0);
  at = world.xyz; turned = mat3(modelMatrix) * normal; place = uv; warm = heat;
  shaded = (toShadow * vec4(at + bias * turned, 1.0)).xyz;
  gl_Position = projectionMatrix * viewMatrix * world;
}`;

/**
 * A small studio, fixed: a warm key with a soft shadow, a cool fill, a rim from behind on either side, and walls. Skin
 * lets the red of the light through, cloth has a bloom at its edges.
 */
const FRAGMENT = `
varying vec3 at; varying vec3 turned; varying vec3 shaded; varying vec2 place; varying vec3 warm;
uniform vec3 colour, soft; uniform float painted, heated, shine, gloss, bloom, texel;
uniform sampler2D picture; uniform highp sampler2DShadow shadow;
const vec3 KEY = vec3(${KEY.join(", ")});
float lit() {
  if (any(greaterThan(abs(shaded - 0.5), vec3(0.5)))) return 1.0;
  float sum = texture(shadow, shaded);
  for (int i = 0; i < 4; i++)
    sum += texture(shadow, shaded + texel * vec3(i < 2 ? -1.2 : 1.2, i == 0 || i == 2 ? -1.2 : 1.2, 0.0));
  return sum / 5.0;
}
void main() {
  vec3 base = mix(colour, warm, heated);
  if (painted > 0.5) { vec4 line = texture2D(picture, place); base = mix(base, line.rgb, line.a); }
  vec3 n = normalize(gl_FrontFacing ? turned : -turned);
  vec3 v = normalize(cameraPosition - at);
  vec3 key = normalize(KEY);
  float facing = dot(n, key), open = lit();
  vec3 through = max((vec3(facing) + soft) / (1.0 + soft), 0.0);
  vec3 light = vec3(0.70, 0.665, 0.62) * through * mix(0.12 * soft + 0.02, vec3(1.0), open);
  light += mix(vec3(0.175, 0.155, 0.14), vec3(0.42, 0.43, 0.45), 0.5 + 0.5 * n.y);
  light += vec3(0.20, 0.22, 0.25) * max(dot(n, normalize(vec3(0.85, 0.15, 0.6))), 0.0);
  light += vec3(0.26, 0.26, 0.27) * max(dot(n, normalize(vec3(0.55, 0.35, -0.75))), 0.0);
  light += vec3(0.22, 0.22, 0.24) * max(dot(n, normalize(vec3(-0.7, 0.2, -0.7))), 0.0);
  float edge = 1.0 - max(dot(n, v), 0.0);
  vec3 seen = base * (light + bloom * edge * edge * edge * (0.35 + 0.65 * max(n.y, 0.0)));
  float mirrored = max(dot(n, normalize(key + v)), 0.0);
  seen += shine * pow(mirrored, gloss) * open * (0.4 + 0.6 * edge);
  gl_FragColor = vec4(seen, 1.0);
  #include <colorspace_fragment>
}`;

/** How much each region shines, and how sharply; what is not here is skin. */
const WET = { shine: 0.85, gloss: 160, soft: 0.1, bloom: 0 };
const SKIN = { shine: 0.07, gloss: 14, soft: 1, bloom: 0.35 };
const CLOTH = { shine: 0, gloss: 8, soft: 0.25, bloom: 0.9 };
const KINDS = new Map(
  Object.entries({
    eyes: WET,
    iris: WET,
    pupil: WET,
    "animal iris": WET,
    tongue: { ...WET, shine: 0.2 },
    teeth: { shine: 0.3, gloss: 60, soft: 0.3, bloom: 0 },
    hooves: { shine: 0.12, gloss: 20, soft: 0.1, bloom: 0.1 },
    "nose pad": { shine: 0.2, gloss: 30, soft: 0.2, bloom: 0 },
    fur: { shine: 0.03, gloss: 8, soft: 0.4, bloom: 0.8 },
    mane: { shine: 0.05, gloss: 10, soft: 0.3, bloom: 0.8 },
  }),
);

const LASHES = "eyelashes";
const NOTHING = new DataTexture(new Uint8Array(4), 1, 1);

/** What all surfaces share: the picture of lines, and the shadow. */
export function sharedUniforms() {
  return {
    picture: { value: /** @type {import("three").Texture} */ (NOTHING) },
    shadow: { value: /** @type {import("three").Texture | null} */ (null) },
    toShadow: { value: new Matrix4() },
    bias: { value: 0 },
    texel: { value: 0 },
  };
}

/** How one region looks in the studio. All of them are one program. */
export class Surface extends ShaderMaterial {
  /**
   * @param {ReturnType<typeof sharedUniforms>} shared
   * @param {string} name of the region
   * @param {boolean} worn whether it is cloth
   */
  constructor(shared, name, worn) {
    const { shine, gloss, soft, bloom } = KINDS.get(name) ?? (worn ? CLOTH : SKIN);
    super({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      // one sees into sleeves and hems, and lashes are leaves
      side: worn || name === LASHES ? DoubleSide : FrontSide,
      uniforms: {
        ...shared,
        colour: { value: new Color() },
        // red goes deeper into skin than blue
        soft: { value: [0.34 * soft, 0.16 * soft, 0.1 * soft] },
        painted: { value: 0 },
        heated: { value: 0 },
        shine: { value: shine },
        gloss: { value: gloss },
        bloom: { value: bloom },
      },
    });
  }

  /** @param {string} colour "#rrggbb" */
  dye(colour) {
    this.uniforms.colour.value.setStyle(colour, SRGBColorSpace);
  }

  /** @param {boolean} painted whether lines lie on it @param {boolean} heated whether it shows heat */
  show(painted, heated) {
    this.uniforms.painted.value = Number(painted && !heated);
    this.uniforms.heated.value = Number(heated);
  }
}
