import { join } from "node:path";
import { Refusal } from "#operator/act";
import { alone } from "#store/drivers/sqlite-alone";

/** Rotates root or domain keys of a data folder while nobody else does. @throws {Refusal} at once, when somebody does. */
export function rotatingAlone<T>(folder: string, rotate: () => Promise<T>): Promise<T> {
  const busy = () => new Refusal("Another rotation is going on: wait until it has ended.");
  return alone(join(folder, "rotation.lock"), busy, rotate);
}
