import { App } from "./app.js";
import { readHeader } from "./data/header.js";

const root = document.getElementById("app");
if (root) {
  const app = new App(root, readHeader());
  /** (N × 3) metres, Z up, not placed on the floor: all vertices of the model that is open, as its sliders say. */
  function vertices() {
    const { desk, display } = app.place ?? {};
    if (!desk || !display) return null;
    const { count } = display.geometry;
    display.shape.place(desk.sliders, desk.offset, [[0, count]]);
    return display.shape.positions.slice(0, 3 * count);
  }
  const ready = app.begin();
  ready.catch(() => app.fail());
  // for tests, and for the console of whoever is curious
  Object.assign(window, { semantify: { app, vertices, ready } });
}
