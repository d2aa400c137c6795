import { cannotMount } from "../local/small-disk.ts";
import { cannotLimit, limitedDisk, smallDisk } from "./disks.ts";
import { playOutages } from "./outage.ts";
import type { Scenario } from "./scenario.ts";

const MEGABYTES = 96;

/** A disk that is full, again and again: nothing is answered that is not recorded, and the server goes on when there is space. */
export const full: Scenario = {
  name: "full",
  ...(cannotMount !== undefined && {
    lacks: {
      what: `no disk can be mounted here (${cannotMount})`,
      instead: cannotLimit === undefined ? "a limit of file sizes" : undefined,
    },
  }),
  play: (scene) =>
    playOutages(
      scene,
      cannotMount === undefined ? smallDisk(scene.place, MEGABYTES, scene.chance) : limitedDisk(scene.place, ["no more"], scene.chance),
    ),
};
