/* What the back end says of its own health, in sentences. */

/** @typedef {{ ok: boolean, says: string }} Check */
/** @typedef {{ checks?: Record<string, Check>, warnings?: string[] }} Health */

const MOST = 3;

/**
 * What is not well, and what was set aside; nothing where all is well. Without workers runs wait, which is no
 * illness and is said where workers are listed.
 * @param {Health} health
 * @returns {string}
 */
export function illness({ checks = {}, warnings = [] }) {
  const ill = Object.entries(checks).filter(([part, { ok }]) => !ok && part !== "workers");
  const words = [...ill.map(([, { says }]) => says), ...warnings];
  const more = words.length > MOST ? [`And ${words.length - MOST} more.`] : [];
  return [...words.slice(0, MOST), ...more].join(" ");
}
