// Builds the viewer that pages carry: `npm ci && npm run build` writes ../semantify_blender/data/page (or a folder
// that is named).
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../semantify_blender/data/page");
await mkdir(out, { recursive: true });
/**
 * The shaders of three.js that the viewer's own ones are made with. All others, 130 kB of texts, are
 * of materials that it has none of.
 */
const KEPT = ["colorspace_fragment", "colorspace_pars_fragment"];
const shaders = {
  name: "shaders",
  setup(/** @type {import("esbuild").PluginBuild} */ build) {
    build.onLoad({ filter: /three[\\/]build[\\/]three\.module\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const contents = source.replace(
        /^((?:var|const) ([\w$]+) = )"(?:[^"\\]|\\.)*\\n(?:[^"\\]|\\.)*";$/gm,
        (whole, head, name) => (KEPT.includes(name) ? whole : `${head}"";`),
      );
      return { contents, loader: "js" };
    });
  },
};
const common = {
  bundle: true,
  minify: true,
  charset: "utf8",
  target: ["chrome110", "firefox115", "safari16.4"],
  legalComments: "none",
  absWorkingDir: here,
};
await build({
  ...common,
  plugins: [shaders],
  entryPoints: ["src/main.js"],
  format: "iife",
  outfile: join(out, "viewer.js"),
});
await build({ ...common, entryPoints: ["src/viewer.css"], outfile: join(out, "viewer.css") });
const licence = await readFile(join(here, "node_modules/three/LICENSE"), "utf8");
const { version } = JSON.parse(await readFile(join(here, "node_modules/three/package.json"), "utf8"));
await writeFile(
  join(out, "LICENSES.txt"),
  `The viewer in the page contains three.js ${version}, https://threejs.org:\n\n${licence.trim()}\n`,
);
