import { expect, test } from "vitest";
import { resourcesOf } from "./aws.ts";
import { deployed, REGIONS } from "./deployment.ts";
import { destroy } from "./stack.ts";

/** What a Region has while Trent is there: each of these lists is known to work before it is believed to be empty. */
const KINDS = ["alarm", "api", "function", "layer", "log group", "role", "rule", "secret", "table"];

test("cdk destroy leaves nothing, when nothing is to be retained", { timeout: 300_000 }, async () => {
  const { ingress, ...target } = deployed();
  const kinds = KINDS.filter((kind) => kind !== "api" || ingress === "rest");
  for (const region of REGIONS) expect(Object.keys(await resourcesOf(region)).sort()).toEqual(kinds);
  destroy({ ingress, ...target });
  for (const region of REGIONS) expect(await resourcesOf(region)).toEqual({});
});
