/* Numbers, times and elements as the page shows them. Everything of ours lives under window.rhoscope. */
(function () {
  "use strict";
  const rhoscope = (window.rhoscope = window.rhoscope || {});
  rhoscope.stats = { draws: 0, lastDrawMs: 0, drawMs: 0, reconnects: 0, connected: false, runs: {} };

  /* A number with four significant digits, or "NaN", "∞" as they are. */
  rhoscope.number = function (value) {
    if (value === null || value === undefined) return "–";
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e6 || size < 1e-3)) {
      const [digits, power] = value.toExponential(2).split("e");
      return `${digits}e${Number(power)}`.replaceAll("-", "−");
    }
    return String(Number(value.toPrecision(4))).replace("-", "−");
  };

  /* A value as an axis shows it: 1e−4 and not 1.00e−4. */
  rhoscope.tick = (value) => rhoscope.number(value).replace(/\.?0+e/, "e");

  /* A step as an axis shows it: 12.5k. */
  rhoscope.short = function (value) {
    const size = Math.abs(value);
    if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
    if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
    return String(value);
  };

  rhoscope.whole = (value) => Math.round(value).toLocaleString("en-US");
  rhoscope.percent = (share) => `${(100 * share).toFixed(1)} %`;

  /* Seconds as 0:07, 12:30, 3 h 05 min, 2 d 4 h. */
  rhoscope.duration = function (seconds) {
    const s = Math.max(0, Math.round(seconds));
    if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
    const hours = Math.floor(s / 3600);
    if (hours < 48) return `${hours} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  };

  /* Unix seconds as "2 min ago". */
  rhoscope.ago = function (time, now = Date.now() / 1000) {
    const s = Math.max(0, now - time);
    if (s < 60) return "just now";
    if (s < 3600) return `${Math.floor(s / 60)} min ago`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
    return new Date(time * 1000).toLocaleDateString(undefined, { day: "numeric", month: "short" });
  };

  /* JSON of ours writes non-finite numbers as "NaN", "Infinity", "-Infinity". */
  const ODD = { NaN, Infinity, "-Infinity": -Infinity };
  rhoscope.parsed = (value) => (typeof value === "string" && value in ODD ? ODD[value] : value);

  /* An element: properties become attributes, on* listeners; strings become text, never markup. */
  rhoscope.el = function (tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  };

  rhoscope.icon = (name) => rhoscope.el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

  /* Text only where it changed: nothing flickers, nothing is laid out twice. */
  rhoscope.say = function (element, text) {
    if (element.textContent !== text) element.textContent = text;
  };

  /* Other children, made anew; the same ones are left alone. Who is on a link or button in a part with `data-NAME` is
     then on the one of the same part, not nowhere. */
  rhoscope.refill = function (holder, children, name) {
    const same = children.length === holder.childNodes.length && children.every((child, i) => child.isEqualNode(holder.childNodes[i]));
    if (same) return;
    const at = holder.contains(document.activeElement) ? document.activeElement : null;
    const part = at?.closest(`[data-${name}]`);
    holder.replaceChildren(...children);
    if (part) holder.querySelector(`[data-${name}="${CSS.escape(part.getAttribute(`data-${name}`))}"] ${at.tagName}`)?.focus();
  };

  /* Never twice the same, for an Idempotency-Key. */
  rhoscope.once = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

  /* GET, POST, ... under /api/v1; a problem document is thrown as an Error with its detail. */
  rhoscope.ask = async function (path, options = {}) {
    const answer = await fetch(`/api/v1${path}`, options);
    const body = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (answer.ok) return body;
    const error = new Error(body?.detail ?? `The API answered ${answer.status}.`);
    error.status = answer.status;
    error.problem = body;
    throw error;
  };

  /* With a `key` the same again makes nothing twice. */
  rhoscope.send = (method, path, body, key = "") =>
    rhoscope.ask(path, {
      method,
      headers: { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
})();
