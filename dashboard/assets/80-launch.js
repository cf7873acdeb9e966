/* The launch form as the server gets it: the text of every field; and its complaints, back at the fields. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const MARK = "setting-";
  let marked = new Map();

  function fields() {
    return [...document.querySelectorAll(`#launch-form [id^="${MARK}"]`)].filter((f) => f.matches("input, textarea"));
  }

  /* {name: text}; a switch is "true" or "false". */
  function typed(plugins) {
    const found = {};
    for (const field of fields()) {
      const name = field.id.slice(MARK.length);
      found[name] = field.type === "checkbox" ? String(field.checked) : field.value;
    }
    return Object.assign(found, plugins);
  }

  rhoscope.typed = typed;

  /* Other plug-ins were chosen: what stands in the form stays where it still fits. */
  rhoscope.reshape = function (dataset, fusion, strategy) {
    const found = typed({ dataset, fusion, strategy });
    if (window.dash_clientside.callback_context.triggered_id === "setting-dataset") {
      for (const name of Object.keys(found)) if (name.startsWith("encoders.")) delete found[name];
    }
    rhoscope.mark({}, false); /* fields are made anew, without what was said at them */
    return found;
  };

  rhoscope.order = function (clicks, dataset, fusion, strategy) {
    return clicks ? { typed: typed({ dataset, fusion, strategy }), key: rhoscope.once() } : window.dash_clientside.no_update;
  };

  /* Messages at the fields they name; one that is mended loses its own. With `lead` the first is gone to. */
  rhoscope.mark = function (misfits, lead = true) {
    const set = window.dash_clientside.set_props;
    const found = new Map(Object.entries(misfits ?? {}).filter(([name]) => document.getElementById(MARK + name)));
    for (const name of marked.keys()) if (!found.has(name) && document.getElementById(MARK + name)) set(MARK + name, { error: null });
    for (const [name, text] of found) if (marked.get(name) !== text) set(MARK + name, { error: text });
    marked = found;
    const first = lead && found.size ? document.getElementById(MARK + [...found.keys()][0]) : null;
    const group = first?.closest("details");
    if (group) group.open = true;
    first?.focus();
    return window.dash_clientside.no_update;
  };

  rhoscope.forgetForm = () => void rhoscope.mark({}, false);

  /* How many runs the form asks for stands on its button, as the server counts them. */
  rhoscope.askedFor = function (runs) {
    const label = document.querySelector("#launch .mantine-Button-label");
    if (label) rhoscope.say(label, runs > 1 ? `Launch ${rhoscope.whole(runs)} runs` : "Launch");
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    const plain = field.matches?.(`#launch-form input[id^="${MARK}"]`) && field.type === "text" && !field.getAttribute("aria-haspopup");
    if (event.key === "Enter" && plain) document.getElementById("launch")?.click();
  });
})();
