import { brokenDisk, cannotBreak } from "./broken-disk.ts";
import { playOutages } from "./outage.ts";
import type { Scenario } from "./scenario.ts";

/**
 * A disk that fails with EIO, in writes or in what is to make them last, and may then have lost them: calls are refused, nothing that was
 * acknowledged is lost, and the server goes on when it is well.
 */
export const eio: Scenario = {
  name: "eio",
  ...(cannotBreak !== undefined && { lacks: { what: cannotBreak, instead: undefined } }),
  play: (scene) => playOutages(scene, brokenDisk(scene.place, ["syncs lose", "writes fail", "syncs fail", "half writes"])),
};
