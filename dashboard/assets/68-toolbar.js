/* What stands above the charts: which modality, the view's menu, and that the charts stand still. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;

  /* Buttons that choose what is shown of each chart. */
  rhoscope.focusControl = function (holder, modalities, several, focus, choose) {
    const options = [["", several ? "Overview" : "All"], ...modalities.map((m) => [m, m])];
    const known = JSON.stringify(options);
    holder.hidden = modalities.length < 2;
    if (holder.dataset.options !== known) {
      holder.dataset.options = known;
      holder.className = "segments";
      holder.setAttribute("role", "group");
      holder.setAttribute("aria-label", "Modality");
      holder.replaceChildren(...options.map(([value, text]) => el("button", { type: "button", class: "segment", "data-focus": value, onclick: () => choose(value) }, text)));
    }
    for (const button of holder.children) button.setAttribute("aria-pressed", String(button.dataset.focus === focus));
  };

  /* Says that the charts stand still, and lets them follow again. */
  rhoscope.zoomPill = function (root, zoom, follow) {
    let pill = root.querySelector(".zoom-pill");
    if (!zoom) {
      pill?.remove();
      return;
    }
    if (!pill) {
      pill = el("div", { class: "zoom-pill" }, el("span", { role: "status" }), el("button", { type: "button", class: "button button-quiet", onclick: follow }, "Follow live"));
      root.append(pill);
    }
    say(pill.firstChild, `Steps ${rhoscope.whole(zoom[0])} – ${rhoscope.whole(zoom[1])}`);
  };

  /* The menu of the whole view: its link, what was put away, and all as usual again. */
  rhoscope.viewMenu = function (watch) {
    const items = () => {
      const away = watch.board.away();
      return [
        { text: "Copy link to this view", act: () => copy(watch) },
        away.length ? { title: "Hidden" } : null,
        ...away.map(({ name, title }) => ({ text: `Show ${title}`, act: () => watch.board.set(name, { hidden: false }) })),
        { title: "Arrangement" },
        { text: "Reset", disabled: !watch.board.text, act: () => watch.board.reset() },
      ];
    };
    return rhoscope.menuButton({ class: "button button-quiet view-menu" }, ["View"], items);
  };

  async function copy(watch) {
    watch.share();
    rhoscope.address.settle();
    try {
      await navigator.clipboard.writeText(location.href);
      say(watch.board.live, "The link is copied.");
    } catch {
      prompt("Copy this link:", location.href); /* without HTTPS a page may not write to the clipboard */
    }
  }
})();
