/* A new uPlot that draws once. Of itself it draws when it is made, which is too early, and once more behind
   the first drawing that somebody wants. */
import uPlot from "uplot";

/**
 * @param {uPlot.Options} options
 * @param {HTMLElement} holder
 * @returns {{ u: uPlot, begin: () => void }} `begin` belongs into the batch of its first drawing, once
 */
export function fresh(options, holder) {
  let begin = () => {};
  const u = new uPlot(options, [[], []], (self, init) => {
    holder.append(self.root);
    begin = () => {
      begin = () => {};
      init();
    };
  });
  return { u, begin: () => begin() };
}
