import type { Duty } from "#lib/constructs/duty";
import type { Assets } from "./assets.ts";

/** The functions that are no operation: one a timer, and the operator's. */
export const dutiesOf = (_assets: Assets): readonly Duty[] => [];
