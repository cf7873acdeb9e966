/* Moving a chart's window by hand: shift and drag, wheel and trackpad, fingers, and keys. */

/** @import uPlot from "uplot" */
/** @import { View } from "./card.js" */

/** @typedef {Pick<View, "pan" | "scale" | "follow" | "zoom">} Movable a view whose window can be moved */

const LINE_PX = 16; /* what a wheel that counts lines means by one */
const STEP = 0.2; /* a key moves by this share of what is in view */
const CLOSER = 0.7;
const LEAST_APART_PX = 20; /* of two fingers */

/**
 * Listen on a plot.
 * @param {uPlot} u
 * @param {Movable} view
 */
export function gestures({ over }, view) {
  over.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.button === 0) drag(over, view, event);
  });
  over.addEventListener("wheel", (event) => wheel(over, view, event), { passive: false });
  touch(over, view);
}

/**
 * Keys on the plot's frame, which has the focus.
 * @param {Movable} view
 * @param {KeyboardEvent} event
 */
export function gestureKeys(view, event) {
  const act = new Map([
    ["ArrowLeft", () => view.pan(-STEP)],
    ["ArrowRight", () => view.pan(STEP)],
    ["+", () => view.scale(CLOSER, 0.5)],
    ["=", () => view.scale(CLOSER, 0.5)],
    ["-", () => view.scale(1 / CLOSER, 0.5)],
    ["0", () => view.follow()],
  ]).get(event.key);
  if (event.ctrlKey || event.metaKey || event.altKey || !act) return;
  event.preventDefault();
  act();
}

/**
 * @param {HTMLElement} over
 * @param {Movable} view
 * @param {MouseEvent} event
 */
function drag(over, view, event) {
  event.preventDefault();
  const width = over.clientWidth;
  let at = event.clientX;
  over.classList.add("panning");
  const move = (/** @type {MouseEvent} */ next) => {
    view.pan((at - next.clientX) / width);
    at = next.clientX;
  };
  const end = () => {
    over.classList.remove("panning");
    globalThis.removeEventListener("mousemove", move);
    globalThis.removeEventListener("mouseup", end);
  };
  globalThis.addEventListener("mousemove", move);
  globalThis.addEventListener("mouseup", end);
}

/**
 * Sideways moves; with ctrl, which is also how a trackpad reports a pinch, zooms. The rest scrolls the page.
 * @param {HTMLElement} over
 * @param {Movable} view
 * @param {WheelEvent} event
 */
function wheel(over, view, event) {
  const unit = event.deltaMode === 1 ? LINE_PX : 1;
  const box = over.getBoundingClientRect();
  if (event.ctrlKey) {
    event.preventDefault();
    view.scale(
      Math.exp(Math.max(-0.5, Math.min(0.5, 0.01 * unit * event.deltaY))),
      (event.clientX - box.left) / box.width,
    );
    return;
  }
  const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
  if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
  event.preventDefault();
  view.pan((unit * sideways) / box.width);
}

/**
 * One finger moves a zoomed window, two move and pinch; up and down scroll the page.
 * @param {HTMLElement} over
 * @param {Movable} view
 */
function touch(over, view) {
  /** @type {Map<number, number>} */
  const fingers = new Map();
  over.style.touchAction = "pan-y";
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, event.clientX);
  });
  over.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = [...fingers.values()];
    fingers.set(event.pointerId, event.clientX);
    follow(over, view, before, [...fingers.values()]);
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"])) {
    over.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
}

/**
 * @param {HTMLElement} over
 * @param {Movable} view
 * @param {number[]} before where the fingers were
 * @param {number[]} after
 */
function follow(over, view, before, after) {
  const { left, width } = over.getBoundingClientRect();
  if (after.length === 2) view.scale(apart(before) / apart(after), (middle(after) - left) / width);
  if (view.zoom || after.length === 2) view.pan((middle(before) - middle(after)) / width);
}

/** @param {number[]} xs */
const middle = (xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** @param {number[]} xs */
const apart = (xs) => Math.max(LEAST_APART_PX, Math.abs(xs[0] - xs[1]));
