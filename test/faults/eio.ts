import { type Break, brokenDisk, cannotBreak } from "./broken-disk.ts";
import { playOutages } from "./outage.ts";
import type { Scenario } from "./scenario.ts";

/** The first two are what the short form has time for. */
const WAYS: readonly Break[] = [
  "some syncs forget",
  "syncs lose",
  "some writes fail",
  "some syncs lose",
  "writes fail",
  "syncs fail",
  "half writes",
  "syncs forget",
  "some half writes",
  "some syncs fail",
];

/**
 * A disk that fails with EIO, always or now and then, in writes or in what is to make them last, and may then have lost them, at once or when the
 * power goes: calls are refused, nothing that was acknowledged is lost, and the server goes on when the disk is well.
 */
export const eio: Scenario = {
  name: "eio",
  ...(cannotBreak !== undefined && { lacks: { what: cannotBreak, instead: undefined } }),
  play: (scene) => playOutages(scene, brokenDisk(scene.place, WAYS)),
};
