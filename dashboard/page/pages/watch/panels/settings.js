/* Every setting in force of one run, by plug-in: what differs from the defaults, what was changed during
   training. */
import { isChosen, readCatalog, schemas, settingWords } from "../../../api/catalog.js";
import { copyButton } from "../../../lib/clipboard.js";
import { el, say } from "../../../lib/element.js";
import { number, whole } from "../../../lib/numbers.js";
import { reason } from "../../../lib/reason.js";
import { yaml } from "../../../lib/yaml.js";
import { isLaunched } from "../../../runs/state.js";

/** @import { Setting } from "../../../api/catalog.js" */
/** @import { Catalog } from "../../../api/catalog.js" */
/** @import { Event, Plugin, Run } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

/** @typedef {Run["settings"]} Values */
/** @typedef {{ title: string, names: string[], schemas: { [name: string]: Setting } }} Group */

/** @type {Plugin["kind"][]} */
const ORDER = ["program", "strategy", "training", "fusion", "dataset", "encoder"];
/** @type {Plugin["kind"][]} */
const ALWAYS = ["program", "strategy", "fusion", "dataset"]; /* shown even without settings */
const KINDS = {
  program: "Program",
  strategy: "Strategy",
  fusion: "Fusion",
  dataset: "Data set",
  encoder: "Encoder",
};

/**
 * @param {unknown} a
 * @param {unknown} b
 */
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** @param {unknown} value */
function shown(value) {
  if (value === null || value === undefined) return "none";
  if (value === "") return "–";
  if (typeof value === "number") return number(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @param {Plugin} plugin */
const titleOf = ({ kind, title }) => kind === "training" ? title : `${KINDS[kind]}: ${title}`;

/**
 * Whether a run trains with a plug-in.
 * @param {Plugin} plugin
 * @param {Run} run
 */
function isUsed(plugin, { spec }) {
  if (isChosen(plugin, spec)) return true;
  if (plugin.kind === "training") return !spec.program;
  return plugin.kind === "encoder" && Object.values(spec.encoders).includes(plugin.name);
}

/**
 * The settings of a guest, whose program nobody here started.
 * @param {Run} run
 * @returns {Group}
 */
function announced({ spec: { guest }, settings }) {
  const live = /** @type {{ [name: string]: Setting }} */ (guest?.live ?? {});
  return { title: `Project: ${guest?.project || "none"}`, names: Object.keys(settings), schemas: live };
}

/**
 * The settings of a run by plug-in: those that it uses, then others that have some of them.
 * @param {Catalog} catalog
 * @param {Run} run
 */
function groupsOf(catalog, run) {
  const left = new Set(Object.keys(run.settings));
  if (!isLaunched(run)) return [announced(run)];
  const ordered = [...catalog.plugins].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const plugins = [
    ...ordered.filter((plugin) => isUsed(plugin, run)),
    ...ordered.filter((plugin) => !isUsed(plugin, run)),
  ];
  /** @type {Group[]} */
  const groups = [];
  for (const plugin of plugins) {
    const names = Object.keys(plugin.settings).filter((name) => left.delete(name));
    const always = isUsed(plugin, run) && ALWAYS.includes(plugin.kind);
    if (names.length || always) groups.push({ title: titleOf(plugin), names, schemas: schemas(plugin) });
  }
  if (left.size) groups.push({ title: "Not in the catalog", names: [...left], schemas: {} });
  return groups;
}

class Settings {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   */
  constructor(record, root, alive) {
    this.record = record;
    this.root = root;
    this.alive = alive;
    /** @type {Map<string, Event>} the last change of each setting */
    this.changes = new Map();
    this.known = ""; /* settings and specification, as one text */
    this.timer = 0;
    this.holder = el(
      "div",
      { class: "settings-groups" },
      el("p", { class: "muted" }, "Loading the catalog …"),
    );
    this.yaml = el("pre", { class: "code", tabindex: "0", "aria-label": "Specification as YAML" });
    const head = el(
      "div",
      { class: "fold-head" },
      el("h3", {}, "Specification"),
      el("span", { class: "spacer" }),
      copyButton("Copy YAML", () => this.yaml.textContent),
    );
    root.classList.add("settings-panel");
    root.replaceChildren(this.holder, el("section", { class: "settings-spec" }, head, this.yaml));
  }

  get visible() {
    return this.root.closest("details")?.open ?? false;
  }

  /** @param {boolean} open */
  async opened(open) {
    if (open) await this._fill();
  }

  /** @param {Run} run */
  update(run) {
    const known = JSON.stringify([run.settings, run.spec]);
    if (known === this.known) return;
    this.known = known;
    if (this.visible) this._fill();
  }

  /** @param {Event} event */
  add(event) {
    if (event.kind !== "setting") return;
    const name = String(event.data.setting);
    const before = this.changes.get(name);
    if (!before || before.time < event.time) this.changes.set(name, event);
    clearTimeout(this.timer);
    if (this.visible) this.timer = setTimeout(() => this._fill(), 0);
  }

  async _fill() {
    const { run } = this.record;
    if (!run) return;
    say(this.yaml, yaml(written(run)));
    try {
      const catalog = await readCatalog();
      const now = this.record.run ?? run;
      if (this.alive()) this._show(groupsOf(catalog, now).map((group) => this._group(group, now.settings)));
    } catch (error) {
      if (this.alive()) this._show([el("p", { class: "muted" }, reason(error))]);
    }
  }

  /** @param {HTMLElement[]} parts */
  _show(parts) {
    this.holder.replaceChildren(...parts);
  }

  /**
   * @param {Group} group
   * @param {Values} values
   */
  _group({ title, names, schemas }, values) {
    const head = el("h3", {}, title);
    if (!names.length) return el("section", {}, head, el("p", { class: "muted" }, "No settings"));
    const differs = (/** @type {string} */ name) =>
      name in schemas && !same(values[name], schemas[name].default ?? null);
    const rank = (/** @type {string} */ name) => differs(name) || this.changes.has(name) ? 0 : 1;
    const rows = [...names].sort((a, b) => rank(a) - rank(b)).map((name) =>
      this._row(name, values[name], schemas[name] ?? {}, differs(name))
    );
    return el("section", {}, head, el("dl", { class: "settings-list" }, ...rows));
  }

  /**
   * @param {string} name
   * @param {unknown} value
   * @param {Setting} schema
   * @param {boolean} differs whether it is not the default
   */
  _row(name, value, schema, differs) {
    const change = this.changes.get(name);
    const about = [
      ...(change ? [`was ${shown(change.data.old)} until step ${whole(change.step)}`] : []),
      ...(differs ? [`default ${shown(schema.default)}`] : []),
    ];
    const live = el("span", { class: "unit", title: "Can be changed during training" }, "live");
    return el(
      "div",
      {
        class: "settings-row",
        "data-setting": name,
        "data-differs": differs ? "true" : null,
        title: schema.description,
      },
      el("dt", {}, settingWords(name), schema.live ? live : null),
      el(
        "dd",
        {},
        el("strong", {}, shown(value)),
        about.length ? el("span", { class: "muted" }, about.join(" · ")) : null,
      ),
    );
  }
}

/** @param {unknown} value */
const isEmpty = (value) =>
  value === null || value === "" || (typeof value === "object" && !Object.keys(value).length);

/**
 * A specification as somebody would write it: with every setting in force, without what is empty.
 * @param {Run} run
 */
function written({ spec, name, tags, notes, settings }) {
  const entries = Object.entries({ ...spec, name, tags, notes, settings });
  return Object.fromEntries(entries.filter(([, value]) => !isEmpty(value)));
}

/** @type {Panel} */
export const settingsPanel = {
  name: "settings",
  title: "Settings",
  open: (record, root, alive) => new Settings(record, root, alive),
};
