/** The music map: a point for each track, to be looked around in, listened to, and drawn around. */
import { say } from "../../announcer.js";
import { enlivenEach } from "../../enliven.js";
import { playTracks } from "../../player/queue.js";
import { currentTrack, toggle } from "../../player/sound.js";
import { showProblem } from "../../problem-line.js";
import { gettext as _ } from "../../words.js";
import { Card } from "./card.js";
import { inOrder, shareOut } from "./colours.js";
import { Gestures } from "./gestures.js";
import { Grid } from "./grid.js";
import { watchKeys } from "./keys.js";
import { Legend } from "./legend.js";
import { boxOf, fetchPoints, fetchRegions, fromTheMiddle, rowOf } from "./points.js";
import { Screen } from "./screen.js";
import { Selection } from "./selection.js";
import { View } from "./view.js";

const REACH_PIXELS = 14;
const ZOOM_STEP = 1.5;
// Where somebody looked who has asked for other colours: the map comes anew with them, and stays where it was.
let placeBefore = null;

export function enlivenMaps() {
  enlivenEach("[data-map]", (element) => {
    const release = new AbortController();
    openMap(element, release.signal);
    return () => release.abort();
  });
}

async function openMap(element, signal) {
  const { map, regions, colours } = element.dataset;
  const fetchAll = () => Promise.all([fetchPoints(map, colours, signal), fetchRegions(regions, signal)]);
  // Once more: the catalog may have changed between two answers.
  const [points, named] = await fetchAll().catch(fetchAll).catch(() => []);
  if (signal.aborted) return;
  if (points?.count) {
    new MusicMap(element, points, named, signal);
    element.removeAttribute("aria-busy");
    return;
  }
  // The list of regions leads to the same tracks.
  element.hidden = true;
  showProblem(_("The map cannot be shown right now. Its regions are listed below."));
}

class MusicMap {
  #element;
  #points;
  #grid;
  #regions;
  #view;
  #screen;
  #card;
  #legend;
  #selection;
  #shown = { seed: null, near: [], current: null, path: [], hasCross: false };
  #isDrawing = false;

  constructor(element, points, regions, signal) {
    this.#element = element;
    this.#points = points;
    this.#grid = new Grid(points);
    this.#regions = regions;
    this.#view = new View(boxOf(points));
    this.#card = new Card(element.querySelector("[data-card]"));
    const isByKind = Boolean(element.dataset.colours);
    const chosen = isByKind ? inOrder() : shareOut(regions);
    this.#legend = new Legend(element.parentElement.querySelector("[data-legend]"), signal, () => this.#filter(chosen));
    this.#selection = new Selection(element.parentElement.querySelector("[data-selection]"), signal, () => this.#drawAround([]));
    this.#screen = new Screen(element, this.#view, points, () => ({ ...this.#shown, regions: isByKind ? this.#regions : this.#regions.filter(({ number }) => this.#legend.isMeant(number)) }));
    this.#screen.watch(signal, () => this.#filter(chosen));
    this.#findSeed(element.dataset);
    this.#goBack(element.parentElement.querySelector("[data-map-colours]"), signal);
    this.#filter(chosen);
    const [, top] = element.querySelectorAll("canvas");
    new Gestures(top, this, signal);
    watchKeys(top, this, signal);
    this.#watchButtons(signal);
  }

  // What hands and keys ask for.

  pan(right, down) {
    this.#view.pan(right, down);
    this.#moved();
  }

  zoom(factor, ...at) {
    this.#view.zoomAt(factor, ...at);
    this.#moved();
  }

  step(isNearer) {
    this.zoom(isNearer ? ZOOM_STEP : 1 / ZOOM_STEP);
  }

  showAll() {
    this.#view.showAll();
    this.#moved();
  }

  canZoomOut() {
    return !this.#view.isWhole;
  }

  point(left, top) {
    const row = this.#find(left, top);
    if (!this.#isDrawing) this.#screen.setCursor(row < 0 ? "" : "pointer");
    this.#show(row);
  }

  leave() {
    // The card is beside the point: whoever moves on to it wants to read it.
    if (!this.#element.matches(":has([data-card]:hover)")) this.#show(-1);
  }

  async choose(left, top) {
    const row = this.#find(left, top);
    this.#show(row);
    if (row >= 0) await this.#play(row);
  }

  isDrawing() {
    return this.#isDrawing;
  }

  draw(path) {
    this.#shown.path = path;
    this.#screen.draw();
  }

  enclose(path) {
    this.#drawAround(path);
    this.#setDrawing(false);
  }

  // By keys: what is nearest to the middle.

  setCross(hasCross) {
    this.#shown.hasCross = hasCross;
    this.#screen.draw();
  }

  async look() {
    const track = await this.#show(this.#atMiddle());
    if (track) say(`${track.title}, ${track.artist}`);
  }

  playMiddle() {
    const row = this.#atMiddle();
    if (row >= 0) this.#play(row);
  }

  letGo() {
    this.#setDrawing(false);
    this.draw([]);
    this.#show(-1);
  }

  #atMiddle() {
    return this.#find(this.#view.width / 2, this.#view.height / 2, 4 * REACH_PIXELS);
  }

  #find(left, top, reach = REACH_PIXELS) {
    return this.#grid.nearest(...this.#view.toMap(left, top), reach / this.#view.scale, this.#isMeant);
  }

  #isMeant = (row) => this.#legend.isMeant(this.#points.groups[row]);

  #placeOf(row) {
    return [this.#points.x[row], this.#points.y[row]];
  }

  #moved() {
    this.#shown.path = [];
    this.#show(-1);
    this.#screen.draw();
  }

  /** Its data once it is there, if it is still pointed to. */
  async #show(row) {
    const current = row < 0 ? null : this.#placeOf(row);
    if (String(current) !== String(this.#shown.current)) this.#screen.draw();
    this.#shown.current = current;
    if (row >= 0) return this.#card.show(this.#points.ids[row], this.#view.toScreen(...current), this.#view);
    this.#card.hide();
    return null;
  }

  async #play(row) {
    const track = await this.#card.find(this.#points.ids[row]);
    if (!track) showProblem(_("This track cannot be played any more."));
    else if (track.id === currentTrack()?.id) toggle(track);
    else playTracks([track]);
  }

  #filter(chosen) {
    this.#legend.paint(chosen, this.#screen.ground);
    this.#screen.paint(chosen, this.#legend.meant);
  }

  /** The track that the page was asked for, and those that sound like it. */
  #findSeed({ seed, near }) {
    const rows = [seed, ...near.split(" ")].map((id) => (id ? rowOf(this.#points.ids, Number(id)) : -1));
    if (rows[0] < 0) return;
    const places = rows.filter((row) => row >= 0).map((row) => this.#placeOf(row));
    [this.#shown.seed, ...this.#shown.near] = places;
    this.#view.centre(places);
  }

  /** To where it was before its colours were others, and from here the same way. */
  #goBack(choice, signal) {
    if (placeBefore) this.#view.goTo(placeBefore);
    placeBefore = null;
    const remember = ({ defaultPrevented }) => (placeBefore = defaultPrevented ? this.#view.place : null);
    choice.addEventListener("click", remember, { signal });
  }

  #drawAround(path) {
    const rows = path.length < 3 ? [] : this.#grid.inside(path.map((pixel) => this.#view.toMap(...pixel)), this.#isMeant);
    const taken = fromTheMiddle(this.#points, rows, this.#selection.most);
    this.#selection.choose(taken.map((row) => this.#points.ids[row]), rows.length);
    this.draw(rows.length ? path : []);
    if (path.length && !rows.length) say(_("There is no track inside."));
  }

  #setDrawing(isDrawing) {
    this.#isDrawing = isDrawing;
    this.#element.querySelector("[data-lasso]").setAttribute("aria-pressed", isDrawing);
    this.#screen.setCursor(isDrawing ? "crosshair" : "");
  }

  #watchButtons(signal) {
    const tools = {
      "[data-nearer]": () => this.step(true),
      "[data-further]": () => this.step(false),
      "[data-whole]": () => this.showAll(),
      "[data-lasso]": () => this.#setDrawing(!this.#isDrawing),
      "[data-in-view]": () => this.#drawAround(this.#view.frame),
    };
    for (const [selector, act] of Object.entries(tools)) {
      this.#element.querySelector(selector).addEventListener("click", act, { signal });
    }
  }
}
