import { cannotLimit, limitedDisk } from "./disks.ts";
import { playOutages } from "./outage.ts";
import type { Scenario } from "./scenario.ts";

/** Files that were opened to be written, and cannot be any more, or only so far: writes of the running server are refused, for a while. */
export const readOnly: Scenario = {
  name: "read-only",
  ...(cannotLimit !== undefined && { lacks: { what: cannotLimit, instead: undefined } }),
  play: (scene) => playOutages(scene, limitedDisk(scene.place, ["nothing", "no more"], scene.chance)),
};
