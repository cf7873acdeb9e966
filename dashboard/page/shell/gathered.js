/* Many notices as one: sixty runs that end are one thing to know. Pure. */
import { whole } from "../lib/numbers.js";

/** @import { Notice } from "./notice.js" */

export const FEW = 3; /* notices that are shown one by one */
/** From the worst. @type {Notice["tone"][]} */
const TONES = ["bad", "warn", "plain", "good"];
/** In the order in which they are said. */
const KINDS = ["failed", "lost", "alert", "stopped", "completed"];

/**
 * @param {Notice[]} notices at least one
 * @returns {Notice} its words count them by kind; it leads to the runs
 */
export function gathered(notices) {
  const kinds = [...new Set([...KINDS, ...notices.map((notice) => notice.kind)])];
  const counts = kinds.flatMap((kind) => {
    const n = notices.filter((notice) => notice.kind === kind).length;
    return n ? [`${whole(n)} ${kind === "alert" && n > 1 ? "alerts" : kind}`] : [];
  });
  return {
    key: "many",
    kind: notices[0].kind,
    time: Math.max(...notices.map((notice) => notice.time)),
    tone: TONES.find((tone) => notices.some((notice) => notice.tone === tone)) ?? "plain",
    title: `${whole(notices.length)} notices`,
    words: counts.join(", "),
    href: "/",
  };
}
