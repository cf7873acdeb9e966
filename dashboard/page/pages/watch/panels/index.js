/* What a page shows of one run besides its charts, in this order. One more is one file and one line here.

   Each: {name, title, open(record, root, alive, view)}, where `open` gives what lives there, with `update(run)`,
   `add(event)` and, if it likes, `opened(open)`. */
import { aboutPanel } from "./about.js";
import { checkpointsPanel } from "./checkpoints.js";
import { lineagePanel } from "./lineage.js";
import { logPanel } from "./log.js";
import { settingsPanel } from "./settings.js";
import { storyPanel } from "./story.js";

export const panels = [storyPanel, settingsPanel, checkpointsPanel, logPanel, lineagePanel, aboutPanel];
