/* Moving a chart's window by hand: shift and drag, wheel and trackpad, fingers, and keys. */

const LINE_PX = 16; /* what a wheel that counts lines means by one */
const STEP = 0.2; /* a key moves by so much of what is seen */
const CLOSER = 0.7;

/* Listen on a plot whose uPlot was just made. Its view has pan(share), scale(factor, share) and follow(). */
export function gestures(plot) {
  const { over } = plot.u;
  over.addEventListener("mousedown", (event) => event.shiftKey && event.button === 0 && drag(plot, event));
  over.addEventListener("wheel", (event) => wheel(plot, event), { passive: false });
  touch(plot, over);
}

/* Keys on the plot's frame, which has the focus. */
export function gestureKeys(view, event) {
  const acts = {
    ArrowLeft: () => view.pan(-STEP),
    ArrowRight: () => view.pan(STEP),
    "+": () => view.scale(CLOSER, 0.5),
    "=": () => view.scale(CLOSER, 0.5),
    "-": () => view.scale(1 / CLOSER, 0.5),
    0: () => view.follow(),
  };
  if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
}

function drag(plot, event) {
  event.preventDefault();
  const { over } = plot.u;
  const width = over.clientWidth;
  let at = event.clientX;
  over.classList.add("panning");
  const move = (next) => {
    plot.view.pan((at - next.clientX) / width);
    at = next.clientX;
  };
  const end = () => {
    over.classList.remove("panning");
    window.removeEventListener("mousemove", move);
    window.removeEventListener("mouseup", end);
  };
  window.addEventListener("mousemove", move);
  window.addEventListener("mouseup", end);
}

/* Sideways moves; with ctrl, which is also what a trackpad's pinch says, comes closer. The rest scrolls the page. */
function wheel(plot, event) {
  const unit = event.deltaMode === 1 ? LINE_PX : 1;
  const box = plot.u.over.getBoundingClientRect();
  if (event.ctrlKey) {
    event.preventDefault();
    plot.view.scale(
      Math.exp(Math.max(-0.5, Math.min(0.5, 0.01 * unit * event.deltaY))),
      (event.clientX - box.left) / box.width,
    );
    return;
  }
  const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
  if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
  event.preventDefault();
  plot.view.pan((unit * sideways) / box.width);
}

/* One finger moves what is zoomed, two move and pinch; up and down stay the page's. */
function touch(plot, over) {
  const fingers = new Map();
  over.style.touchAction = "pan-y";
  over.addEventListener(
    "pointerdown",
    (event) => event.pointerType === "touch" && fingers.set(event.pointerId, event.clientX),
  );
  over.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const { left, width } = over.getBoundingClientRect();
    const before = [...fingers.values()];
    fingers.set(event.pointerId, event.clientX);
    const after = [...fingers.values()];
    const middle = (xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
    const apart = (xs) => Math.max(20, Math.abs(xs[0] - xs[1]));
    if (after.length === 2) plot.view.scale(apart(before) / apart(after), (middle(after) - left) / width);
    if (plot.view.zoom || after.length === 2) plot.view.pan((middle(before) - middle(after)) / width);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    over.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
}
