/* What stands above the charts: which modality, the view's menu, and that the charts stand still. */
import { el, say } from "../../lib/element.js";
import { menuButton } from "../../lib/menu.js";
import { address } from "../../shell/address.js";

/* Buttons that choose what is shown of each chart. */
export function focusControl(holder, modalities, several, focus, choose) {
  const options = [["", several ? "Overview" : "All"], ...modalities.map((m) => [m, m])];
  const known = JSON.stringify(options);
  holder.hidden = modalities.length < 2;
  if (holder.dataset.options !== known) {
    holder.dataset.options = known;
    holder.className = "segments";
    holder.setAttribute("role", "group");
    holder.setAttribute("aria-label", "Modality");
    holder.replaceChildren(
      ...options.map(([value, text]) =>
        el("button", {
          type: "button",
          class: "segment",
          "data-focus": value,
          onclick: () => choose(value),
        }, text)
      ),
    );
  }
  for (const button of holder.children) {
    button.setAttribute("aria-pressed", String(button.dataset.focus === focus));
  }
}

/* The menu of the whole view: its link, what was put away, and all as usual again. */
export function viewMenu(watch) {
  const items = () => {
    const away = watch.board.away();
    return [
      { text: "Copy link to this view", act: () => copy(watch) },
      away.length ? { title: "Hidden" } : null,
      ...away.map(({ name, title }) => ({
        text: `Show ${title}`,
        act: () => watch.board.set(name, { hidden: false }),
      })),
      { title: "Arrangement" },
      { text: "Reset", disabled: !watch.board.text, act: () => watch.board.reset() },
    ];
  };
  return menuButton({ class: "button button-quiet view-menu" }, ["View"], items);
}

async function copy(watch) {
  watch.share();
  address.settle();
  try {
    await navigator.clipboard.writeText(location.href);
    say(watch.board.live, "The link is copied.");
  } catch {
    prompt("Copy this link:", location.href); /* without HTTPS a page may not write to the clipboard */
  }
}
