/* Every setting in force of one run, by plug-in: what differs from the defaults, what was changed on the way. */
import { catalogue, settingWords } from "../../../api/catalog.js";
import { copyButton } from "../../../lib/clipboard.js";
import { el, say } from "../../../lib/element.js";
import { number, whole } from "../../../lib/numbers.js";
import { yaml } from "../../../lib/yaml.js";

const ORDER = ["strategy", "training", "fusion", "dataset", "encoder"];
const KINDS = {
  strategy: "Strategy",
  training: "Training",
  fusion: "Fusion",
  dataset: "Data set",
  encoder: "Encoder",
};
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const shown = (
  value,
) => (value === null || value === undefined
  ? "none"
  : value === ""
  ? "–"
  : typeof value === "number"
  ? number(value)
  : typeof value === "object"
  ? JSON.stringify(value)
  : String(value));

class Settings {
  constructor(record, root, alive) {
    Object.assign(this, { record, root, alive, changes: new Map() });
    this.holder = el(
      "div",
      { class: "settings-groups" },
      el("p", { class: "muted" }, "Reading the catalogue …"),
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

  opened(open) {
    if (open) this._fill();
  }

  update(run) {
    const now = JSON.stringify([run.settings, run.spec]);
    if (now === this.known) return;
    this.known = now;
    if (this.visible) this._fill();
  }

  add(event) {
    if (event.kind !== "setting") return;
    const before = this.changes.get(event.data.setting);
    if (!before || before.time < event.time) this.changes.set(event.data.setting, event);
    clearTimeout(this.timer);
    if (this.visible) this.timer = setTimeout(() => this._fill(), 0);
  }

  async _fill() {
    if (!this.record.run) return;
    say(this.yaml, yaml(plain(this.record.run)));
    try {
      const catalog = await catalogue();
      if (this.alive()) this.holder.replaceChildren(...this._groups(catalog, this.record.run));
    } catch (error) {
      if (this.alive()) this.holder.replaceChildren(el("p", { class: "muted" }, error.message));
    }
  }

  _groups(catalog, run) {
    const encoders = Object.values(run.spec.encoders);
    const used = (p) =>
      p.kind === "training" || run.spec[p.kind] === p.name ||
      (p.kind === "encoder" && encoders.includes(p.name));
    const left = new Set(Object.keys(run.settings));
    const groups = [];
    const take = (plugin) => {
      const names = Object.keys(plugin.settings).filter((name) => left.delete(name));
      if (names.length || ["strategy", "fusion", "dataset"].includes(plugin.kind)) {
        groups.push([plugin, names]);
      }
    };
    const ordered = [...catalog.plugins].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    ordered.filter(used).forEach(take);
    ordered.filter((p) => Object.keys(p.settings).some((name) => left.has(name))).forEach(take);
    if (left.size) groups.push([{ kind: "", title: "Not in the catalogue", settings: {} }, [...left]]);
    return groups.map(([plugin, names]) => this._group(plugin, names, run.settings));
  }

  _group(plugin, names, values) {
    const title = el(
      "h3",
      {},
      KINDS[plugin.kind] && plugin.kind !== "training"
        ? `${KINDS[plugin.kind]}: ${plugin.title}`
        : plugin.title,
    );
    if (!names.length) return el("section", {}, title, el("p", { class: "muted" }, "It has no settings."));
    const differs = (name) =>
      plugin.settings[name] && !same(values[name], plugin.settings[name].default ?? null);
    const ordered = [...names].sort((a, b) =>
      Number(differs(b) || this.changes.has(b)) - Number(differs(a) || this.changes.has(a))
    );
    const rows = ordered.map((name) =>
      this._row(name, values[name], plugin.settings[name] ?? {}, differs(name))
    );
    return el("section", {}, title, el("dl", { class: "settings-list" }, ...rows));
  }

  _row(name, value, schema, differs) {
    const change = this.changes.get(name);
    const about = [];
    if (change) about.push(`was ${shown(change.data.old)} until step ${whole(change.step)}`);
    if (differs) about.push(`default ${shown(schema.default)}`);
    return el(
      "div",
      {
        class: "settings-row",
        "data-setting": name,
        "data-differs": differs ? "true" : null,
        title: schema.description,
      },
      el(
        "dt",
        {},
        settingWords(name),
        schema.live ? el("span", { class: "unit", title: "Can be changed while it trains" }, "live") : null,
      ),
      el(
        "dd",
        {},
        el("strong", {}, shown(value)),
        about.length ? el("span", { class: "muted" }, about.join(" · ")) : null,
      ),
    );
  }
}

/* A specification as somebody would write it: with every setting in force, without what is empty. */
function plain(run) {
  const spec = { ...run.spec, name: run.name, tags: run.tags, notes: run.notes, settings: run.settings };
  return Object.fromEntries(
    Object.entries(spec).filter(([, value]) =>
      value !== null && value !== "" && !(typeof value === "object" && !Object.keys(value).length)
    ),
  );
}

export const settingsPanel = {
  name: "settings",
  title: "Settings",
  open: (...given) => new Settings(...given),
};
