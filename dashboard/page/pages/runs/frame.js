/* The frame of the first page: the launch form, and the runs beside it. */
import { rootOf, sectionOf } from "../../shell/root.js";
import { formCard } from "../launch/place.js";

/** The whole frame. */
export const frame = () =>
  rootOf({ class: "page launch-page" }, "Launch and runs", formCard(), sectionOf("Runs", "runs-list"));
