/* What the Watch page shows of a single run beside its charts, in this order. One more is one file and one
   line here. */
import { aboutPanel } from "./about.js";
import { checkpointsPanel } from "./checkpoints.js";
import { factsPanel } from "./facts.js";
import { lineagePanel } from "./lineage.js";
import { logPanel } from "./log.js";
import { mediaPanel } from "./media.js";
import { samplesPanel } from "./samples.js";
import { settingsPanel } from "./settings.js";
import { storyPanel } from "./story.js";

/** @import { Event, Run } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */

/**
 * What panels use of the Watch page.
 * @typedef {object} PanelView
 * @property {boolean} alive whether the page is still open
 * @property {(x0: number, x1: number) => void} zoomTo
 * @property {(step: number) => void} fork opens the form of a fork at a step
 */

/**
 * A panel on the page.
 * @typedef {object} OpenPanel
 * @property {(run: Run) => void} update
 * @property {(event: Event) => void} add an event, each once
 * @property {(open: boolean) => Promise<void> | void} [opened] its fold was opened or closed; until what it
 * promises is there, what is below waits unseen
 */

/**
 * A panel.
 * @typedef {object} Panel
 * @property {string} name
 * @property {string} title
 * @property {(record: Record, root: HTMLElement, alive: () => boolean, view: PanelView) => OpenPanel} open
 */

/** @type {readonly Panel[]} */
export const panels = [
  storyPanel,
  settingsPanel,
  checkpointsPanel,
  samplesPanel,
  mediaPanel,
  logPanel,
  factsPanel,
  lineagePanel,
  aboutPanel,
];
