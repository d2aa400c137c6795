/** Every operation in every state of its key: each cell of AWS's table, through the API. */
import { describe, expect, it, test } from "vitest";
import { type Key, stateOf } from "#domain/key";
import * as operations from "#kms";
import type { AnyOperation } from "#operation";
import type { Tables } from "#store";
import { sceneOf } from "../access/every-operation-world.ts";
import { HOME } from "../service.ts";
import { learned } from "./related.ts";
import { startKms, type TestKey } from "./start.ts";
import { FOOTNOTES, type Row, STATE_TABLE, type StateName, WITHOUT_STATES } from "./state-table.ts";

const OPERATIONS = Object.values<AnyOperation>(operations);
const WORKS = "works";

test("every operation that is served has a row, and every other row its reason", () => {
  const served = OPERATIONS.map(({ name }) => name);
  expect(served.filter((name) => !STATE_TABLE.has(name) && !WITHOUT_STATES.includes(name))).toEqual([]);
  expect([...STATE_TABLE.keys()].filter((name) => !served.includes(name))).toEqual([]);
});

const kms = startKms();

/** The key, put into this state as those parts of Trent would that bring it about. */
async function impose({ id, arn }: TestKey, state: StateName): Promise<void> {
  const region = arn.split(":")[3] ?? HOME;
  const stores = (await kms.host.region(region)).stores({ keys: "write", material: "write" }, async () => undefined);
  const { keys, material } = stores as unknown as { readonly [T in "keys" | "material"]: Tables[T]["write"] };
  const read = await keys.get(id);
  if (!read) throw new Error("The key is gone.");
  const { deletionDate: _, imposed: __, ...key } = read;
  const empty = key.materials.length === 0 && state !== "PendingImport";
  const changed = inState({ ...key, ...(empty && { materials: [await material.make(key, kms.now())] }) }, state);
  expect(stateOf(changed, kms.now())).toBe(state);
  await keys.replace(read, changed);
  if (key.multiRegion) await learned(kms);
}

function inState(key: Key, state: StateName): Key {
  if (state === "Enabled" || state === "Disabled") return { ...key, enabled: state === "Enabled" };
  if (state === "PendingDeletion") return { ...key, deletionDate: new Date(kms.now().getTime() + 7 * 86_400_000) };
  if (state === "PendingImport") return { ...key, origin: "EXTERNAL", materials: key.materials.map(({ wrapped: _, ...kept }) => kept) };
  // Only keys in custom key stores can be unavailable.
  if (state === "Unavailable") return { ...key, imposed: state, origin: "AWS_CLOUDHSM" as never };
  return { ...key, imposed: state };
}

/** What a call is answered when the key of one of its targets is in this state. */
async function outcomeOf(
  operation: AnyOperation,
  target: string,
  state: StateName,
): Promise<{ readonly said: string; readonly arn: string }> {
  const scene = await sceneOf(kms, operation);
  const key = (scene.keys as Readonly<Record<string, typeof scene.keys.key>>)[target] ?? scene.keys.key;
  // What is imported again must be what was imported before.
  if (operation.name === "ImportKeyMaterial" && state !== "PendingImport") await scene.call(kms.client);
  await impose(key, state);
  const said = await scene.call(kms.client).then(
    () => WORKS,
    ({ name, message }: Error) => (message === "" || message === "UnknownError" ? name : `${name}: ${message}`),
  );
  return { said: said.replaceAll(key.arn, "<arn>"), arn: key.arn };
}

const STATES = Object.keys(STATE_TABLE.get("Encrypt") ?? {}) as StateName[];
const IN_WORDS: Partial<Record<StateName, string>> = {
  PendingDeletion: "pending deletion",
  PendingReplicaDeletion: "pending replica deletion",
};

/** What a cell asks for. Footnotes 7 and 9 apply to other keys than those called with here; 10 only to the key that an alias is moved to. */
function expectedOf(cell: string, target: string, state: StateName): string {
  const note = cell === "?10" && target === "key" ? "X3" : cell;
  if (note === "OK" || note.startsWith("?")) return WORKS;
  return (FOOTNOTES[note] ?? `no footnote ${note}`).replace("<state>", IN_WORDS[state] ?? "");
}

const ROWS = OPERATIONS.flatMap((operation) => {
  const row = STATE_TABLE.get(operation.name);
  const targets = Object.keys(operation.on ?? {});
  return row ? (targets.length > 0 ? targets : ["key"]).map((target) => [operation.name, target, operation, row] as const) : [];
});

describe.each(ROWS)("%s, by the state of its %s", (_, target, operation, row: Row) => {
  // What its Region tells of a replica is that it is made.
  const cells = STATES.filter((state) => row[state] !== "N/A" && !(target === "replica" && state === "Creating"));
  it("does what the table says in each", async () => {
    const found: Partial<Record<StateName, string>> = {};
    for (const state of cells) found[state] = (await outcomeOf(operation, target, state)).said;
    expect(found).toEqual(Object.fromEntries(cells.map((state) => [state, expectedOf(row[state], target, state)])));
  });
});
