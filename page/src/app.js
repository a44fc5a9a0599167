import { loadModel } from "./data/model.js";
import { Desk } from "./desk.js";
import { Display } from "./display.js";
import { lookOf, takeLook } from "./look.js";
import { readLook, writeLook } from "./state.js";
import { about } from "./ui/about.js";
import { make } from "./ui/dom.js";
import { looks, presets } from "./ui/looks.js";
import { measured } from "./ui/measured.js";
import { overlay } from "./ui/overlay.js";
import { share } from "./ui/share.js";
import { sheet } from "./ui/sheet.js";
import { tabs } from "./ui/tabs.js";
import { tools } from "./ui/tools.js";
import { words } from "./ui/words.js";
import { Studio } from "./view/studio.js";

/** Milliseconds after the last change: browsers take offence at an address that changes all the time. */
const ADDRESS_AFTER = 250;
const KEYS = "Arrow keys turn it, plus and minus bring it nearer and farther, Home looks at it as before.";

/**
 * @typedef {object} Place a model that was opened
 * @property {Desk} desk
 * @property {Display | null} display
 */

/** The page: a view, and beside it the panel of the model that is open. */
export class App {
  /**
   * @param {HTMLElement} root
   * @param {import("./data/header.js").Header} header
   */
  constructor(root, header) {
    this.header = header;
    /** @type {Map<number, Promise<Place>>} */
    this.places = new Map();
    this.number = -1;
    /** @type {Place | null} the one that is seen */
    this.place = null;
    this.written = "";
    /** A page within a report, `about:srcdoc`, has no address of its own. */
    this.addressed = location.protocol !== "about:";
    this.view = make("div", { class: "view", tabindex: 0, role: "application", "aria-label": `The figure. ${KEYS}` });
    this.stage = make("section", { class: "stage", "aria-label": "Figure" }, this.view);
    this.over = make("div", {});
    this.panel = make("div", {});
    this.tabs = tabs(
      header.models.map(({ label }) => label),
      (i) => this.open(i),
    );
    const top = make("header", {}, make("h1", {}, header.title), this.tabs?.element ?? null);
    const panel = make("section", { class: "panel", "aria-label": "Words" }, top, this.panel);
    /** @type {Studio | null | undefined} null where there is no WebGL */
    this.studio = undefined;
    root.append(make("main", { class: "desk" }, this.stage, panel));
    this.listen(root);
  }

  /** A studio, or null where there is no WebGL. */
  light() {
    const canvas = make("canvas", { "aria-hidden": "true" });
    try {
      const studio = new Studio(canvas, this.view);
      this.view.append(canvas);
      return studio;
    } catch {
      return null;
    }
  }

  /** @param {HTMLElement} root */
  listen(root) {
    root.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLInputElement && event.target.type !== "range";
      if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || typing) return;
      event.preventDefault();
      this.place?.desk.undo();
    });
    if (this.addressed) addEventListener("hashchange", () => location.hash.slice(1) !== this.written && this.follow());
  }

  /** As the address says, or as the page was made. */
  async begin() {
    const named = this.numberOf(this.asked().model);
    await this.open(named ?? Math.min(this.header.open, this.header.models.length - 1));
  }

  /** The data could not be unpacked: an old browser, or a file that is cut off. */
  fail() {
    const why =
      "The shapes in this page could not be read: the file may be cut off, or the browser too old (one of 2023 or later does).";
    this.panel.replaceChildren(make("p", { role: "alert" }, why));
  }

  /** @param {string | undefined} model */
  numberOf(model) {
    const found = this.header.models.findIndex(({ name }) => name === model);
    return found < 0 ? null : found;
  }

  /** The look in the address. */
  asked() {
    return readLook(this.addressed ? location.hash : "");
  }

  /** @param {number} number of the model */
  async open(number) {
    this.number = number;
    this.tabs?.choose(number);
    let opened = this.places.get(number);
    if (!opened) this.places.set(number, (opened = this.unpack(number)));
    const place = await opened;
    if (this.number !== number || this.place === place) return;
    this.place = place;
    this.show(place);
    this.write();
  }

  /** @param {number} number @returns {Promise<Place>} */
  async unpack(number) {
    const loading = loadModel(this.header.models[number], this.header.data);
    // while the data is unpacked
    if (this.studio === undefined) this.studio = this.light();
    const model = await loading;
    const desk = new Desk(model);
    this.arrange(desk);
    const display = this.studio && model.geometry ? new Display(desk, model.geometry, this.studio) : null;
    for (const what of ["sliders", "outfit", "colours"])
      desk.addEventListener(what, () => this.place?.desk === desk && this.later());
    return { desk, display };
  }

  /** The look that a model begins with: that of the address where it speaks of this model. @param {Desk} desk */
  arrange(desk) {
    const look = this.asked();
    const meant = look.model === undefined ? this.place === null : look.model === desk.header.name;
    const says = look.outfit !== undefined || Object.keys(look.sliders).length + Object.keys(look.colours).length > 0;
    const { opening } = desk.header;
    if (meant && says) takeLook(desk, look);
    else if (opening) {
      const { outfit, colours } = desk.usual();
      for (const [region, colour] of Object.entries(opening.colours)) colours.set(region, colour);
      const offset = opening.offset ? Float64Array.from(opening.offset) : null;
      desk.restore({ sliders: Float64Array.from(opening.sliders), outfit: opening.outfit ?? outfit, colours, offset });
    }
    desk.beginHere();
  }

  /** The address was changed by hand, or a link was followed. */
  async follow() {
    const look = this.asked();
    await this.open(this.numberOf(look.model) ?? this.number);
    if (!this.place) return;
    takeLook(this.place.desk, look);
    this.place.desk.keep();
  }

  /** The panel of a model, and its figure. @param {Place} place */
  show({ desk, display }) {
    const { header } = desk;
    const parts = [
      tools(desk),
      words(desk, display),
      presets(desk),
      display ? looks(display) : null,
      share(display, this.addressed ? () => this.address() : null),
      measured(header),
      about(this.header, header),
    ];
    this.panel.replaceChildren(...parts.filter((part) => part !== null));
    this.over.remove();
    this.over = display ? overlay(display) : sheet(header, Boolean(this.studio));
    this.stage.append(this.over);
    this.view.hidden = display === null;
    display?.enter();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), ADDRESS_AFTER);
  }

  /** The look into the address. */
  write() {
    if (!this.addressed || !this.place) return;
    this.written = this.look();
    if (location.hash.slice(1) !== this.written) history.replaceState(null, "", this.address());
  }

  /** The address with the look in it. */
  address() {
    const look = this.look();
    return location.href.replace(/#.*$/, "") + (look ? `#${look}` : "");
  }

  look() {
    return this.place ? writeLook(lookOf(this.place.desk, this.header.models.length > 1)) : "";
  }
}
