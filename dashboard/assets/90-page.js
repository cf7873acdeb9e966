/* Which page stands there, the colour scheme, the connection's state: what all pages share. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { say } = rhoscope;
  const KEY = "mantine-color-scheme-value";
  const QUIET_MS = 1500;
  const SEARCHED = ["watch", "sweeps"]; /* pages whose address says what they show */
  const nothing = () => window.dash_clientside.no_update;
  let current = null;
  let shown = "";
  let broken = 0;

  /* Dash put a page there, or its address changed. */
  function arrive() {
    const root = document.querySelector("#page [data-page]");
    const address = `${root?.dataset.page ?? ""}${SEARCHED.includes(root?.dataset.page) ? location.search : ""}`;
    if (root && root.dataset.live === address && shown === address) return;
    current?.leave();
    current = null;
    shown = address;
    rhoscope.forgetForm();
    rhoscope.complain("");
    const title = { runs: "Runs", watch: "Watch", workers: "Workers", sweeps: "Sweeps" }[root?.dataset.page] ?? "Not found";
    rhoscope.title(title);
    if (!root) return;
    root.dataset.live = address;
    if (root.dataset.page === "runs") current = new rhoscope.Runs(root.querySelector("#runs-list"));
    if (root.dataset.page === "watch") watch(root);
    if (root.dataset.page === "workers") current = new rhoscope.Workers(root);
    if (root.dataset.page === "sweeps") current = sweeps(root.querySelector("#sweeps-body"));
  }

  function sweeps(body) {
    const id = new URLSearchParams(location.search).get("sweep");
    return id ? new rhoscope.Sweep(body, encodeURIComponent(id)) : new rhoscope.Sweeps(body);
  }

  function watch(root) {
    const ids = [...new Set((new URLSearchParams(location.search).get("runs") ?? "").split(",").filter(Boolean))];
    root.classList.toggle("nothing", !ids.length);
    if (ids.length) current = new rhoscope.Watch(root, ids);
  }

  rhoscope.title = (text) => {
    document.title = `${text} · rhoscope`;
  };

  rhoscope.go = (address) => window.dash_clientside.set_props("url", { href: address });

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
      rhoscope.complain("");
      return;
    }
    broken = setTimeout(() => {
      if (text) say(text, "Reconnecting");
      rhoscope.complain(reason ?? "The connection to the API is lost. Trying again; nothing is missed.");
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

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-scheme]");
    if (!button) return;
    try {
      localStorage.setItem(KEY, button.dataset.scheme);
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
      const before = rhoscope.smoothing > 0;
      rhoscope.smoothing = percent ?? 0;
      if (before !== rhoscope.smoothing > 0) current?.reshape?.();
      else current?.loop?.ask(true);
      return nothing();
    },
    reshape: (...chosen) => rhoscope.reshape(...chosen),
    order: (...given) => rhoscope.order(...given),
    mark: (misfits) => rhoscope.mark(misfits),
  };
})();
