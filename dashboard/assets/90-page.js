/* Which page stands there, the colour scheme, the connection's state: what all pages share. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { say } = rhoscope;
  const KEY = "mantine-color-scheme-value";
  const QUIET_MS = 1500;
  const nothing = () => window.dash_clientside.no_update;
  let current = null;
  let shown = "";
  let path = ""; /* where one arrived last */
  let broken = 0;
  let lost = ""; /* what the banner says of the connection */

  /* Dash put a page there, or its address changed. */
  function arrive() {
    path = location.pathname;
    const root = document.querySelector("#page [data-page]");
    const page = rhoscope.pageOf(root?.dataset.page);
    const parameters = new URLSearchParams(location.search);
    const identity = [root?.dataset.page ?? "", ...(page?.keys ?? []).map((key) => parameters.get(key) ?? "")].join(" ");
    if (root && root.dataset.live === identity && shown === identity) return void current?.revisit?.();
    current?.leave();
    current = null;
    shown = identity;
    rhoscope.address.forget();
    rhoscope.forgetForm();
    rhoscope.complain("");
    rhoscope.title(page?.title ?? "Not found");
    for (const link of document.querySelectorAll(".nav-link")) {
      if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (!page) return;
    root.dataset.live = identity;
    current = page.open(root);
  }

  /* The address is written past Dash. A link that only takes away what stands there is then no other address to
     Dash, and nobody would arrive. */
  window.addEventListener("_dashprivate_pushstate", () => {
    if (path !== location.pathname || !current || current.revisit) return;
    shown = "";
    requestAnimationFrame(() => {
      arrive();
      rhoscope.keepForm();
    });
  });

  rhoscope.title = (text) => {
    document.title = `${text} · rhoscope`;
  };

  /* Open an address; the same one again is a new visit of it. */
  rhoscope.go = function (address) {
    rhoscope.address.settle();
    window.dash_clientside.set_props("url", { href: address });
  };

  /* The banner: a refusal, or that the connection is lost. */
  rhoscope.complain = function (text) {
    const banner = document.getElementById("banner");
    if (!banner) return;
    banner.hidden = !text;
    say(banner, text);
  };

  rhoscope.connection = function (up, reason) {
    const element = document.getElementById("connection");
    if (element) element.dataset.up = String(up);
    clearTimeout(broken);
    const text = document.getElementById("connection-text");
    if (up) {
      if (text) say(text, "Live");
      /* A refusal stays: that something else was answered does not take it back. */
      if (lost && document.getElementById("banner")?.textContent === lost) rhoscope.complain("");
      lost = "";
      return;
    }
    broken = setTimeout(() => {
      if (text) say(text, "Reconnecting");
      lost = reason ?? "The connection to the API is lost. Trying again; nothing is missed.";
      rhoscope.complain(lost);
    }, QUIET_MS);
  };

  function scheme() {
    let saved = null;
    try {
      saved = localStorage.getItem(KEY);
    } catch {
      saved = null;
    }
    return ["light", "dark"].includes(saved) ? saved : "auto";
  }

  function apply() {
    const chosen = scheme();
    const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    const computed = dark ? "dark" : "light";
    document.documentElement.setAttribute("data-mantine-color-scheme", computed);
    if (document.getElementById("page")) window.dash_clientside?.set_props?.("mantine", { forceColorScheme: computed });
    for (const button of document.querySelectorAll("[data-scheme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.scheme === chosen));
    }
  }

  /* The scheme that a click on a button means; a phone shows the present one's alone, which leads to the next. */
  function chosenBy(button) {
    const all = [...button.parentElement.children].map((one) => one.dataset.scheme);
    const alone = matchMedia("(max-width: 640px)").matches;
    return alone ? all[(all.indexOf(button.dataset.scheme) + 1) % all.length] : button.dataset.scheme;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-scheme]");
    if (!button) return;
    try {
      localStorage.setItem(KEY, chosenBy(button));
    } catch {
      /* a browser that stores nothing forgets the choice, no more */
    }
    apply();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  new MutationObserver(() => current?.recolour()).observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });

  window.dash_clientside = window.dash_clientside ?? {};
  window.dash_clientside.rhoscope = {
    arrive: () => {
      requestAnimationFrame(() => {
        apply();
        arrive();
      });
      return nothing();
    },
    smooth: (percent) => {
      const before = rhoscope.smoothing;
      rhoscope.smoothing = percent ?? 0;
      current?.smoothed?.(before);
      return nothing();
    },
    reshape: (...chosen) => rhoscope.reshape(...chosen),
    order: (...given) => rhoscope.order(...given),
    mark: (misfits) => rhoscope.mark(misfits),
    look: (...given) => rhoscope.look(...given),
    checked: (found) => rhoscope.checked(found),
  };
})();
