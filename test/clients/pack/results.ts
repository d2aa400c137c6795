/** What the last full run of the pack said, which the README shows. */
import { readFileSync } from "node:fs";
import type { Client } from "./client.ts";
import type { Outcome } from "./play.ts";

export const RESULTS = new URL("./results.json", import.meta.url);

export type Result = Pick<Client, "name" | "version" | "does" | "refuses"> & Pick<Outcome, "outcome">;

export const resultOf = ({ name, version, does, refuses }: Client, { outcome }: Pick<Outcome, "outcome">): Result => ({
  name,
  version,
  outcome,
  does,
  refuses,
});

export const recorded = (): readonly Result[] => JSON.parse(readFileSync(RESULTS, "utf8"));
