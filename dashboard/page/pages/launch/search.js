/* All settings of the form, narrowed to those whose name or help contains every word. */

/**
 * @param {HTMLElement} setting
 * @param {string} heading
 */
const textOf = (setting, heading) =>
  `${setting.dataset.setting} ${setting.textContent} ${heading}`.toLowerCase();

/**
 * Show the settings of a group that match; how many there are.
 * @param {HTMLElement} group
 * @param {string[]} words
 */
function narrow(group, words) {
  const heading = group.querySelector("h3")?.textContent ?? "";
  /** @type {NodeListOf<HTMLElement>} */
  const settings = group.querySelectorAll(".setting");
  let count = 0;
  for (const setting of settings) {
    const text = textOf(setting, heading);
    setting.hidden = !words.every((word) => text.includes(word));
    count += setting.hidden ? 0 : 1;
  }
  group.hidden = count === 0;
  return count;
}

/** Show the settings that the search field names; again whenever others are in the form. */
export function search() {
  const text = document.querySelector("input#find-setting");
  if (!(text instanceof HTMLInputElement)) return;
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  /** @type {NodeListOf<HTMLElement>} */
  const groups = document.querySelectorAll("#all-settings .settings-group");
  const counts = [...groups].map((group) => narrow(group, words));
  document.getElementById("no-setting")?.toggleAttribute("hidden", counts.some((count) => count > 0));
}

document.addEventListener("input", ({ target }) => {
  if (target instanceof HTMLInputElement && target.id === "find-setting") search();
});
