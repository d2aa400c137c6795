import { describe, expect, test } from "vitest";
import type { Gate, Mutation } from "#store/items";
import { together } from "#store/together";

const mutation = (pk: string): Mutation => ({ table: "keys", pk, sk: "KEY", version: 2 });

const fulfilled = (value: string) => ({ status: "fulfilled", value });

/** Actions that change these, and what has happened so far. */
function changing(...names: readonly string[]) {
  const made: string[] = [];
  const actions = names.map((name) => async (gate: Gate) => {
    if (name === "nothing") return name;
    if (name === "broken") throw new Error("It is broken.");
    await gate(mutation(name));
    if (name === "full") throw new Error("It is full.");
    made.push(name);
    return name;
  });
  return { made, actions };
}

describe("changes that are made together", () => {
  test("are announced before any of them is made, those that are none left out", async () => {
    const { made, actions } = changing("a", "nothing", "b");
    const announced: string[][] = [];
    const done = await together(actions, async (mutations, make) => {
      expect(made).toEqual([]);
      announced.push(mutations.map(({ pk }) => pk));
      expect((await make()).map(({ pk }) => pk)).toEqual(["a", "b"]);
      expect(made).toEqual(["a", "b"]);
    });
    expect({ done, announced }).toEqual({ done: ["a", "nothing", "b"].map(fulfilled), announced: [["a", "b"]] });
  });

  test.each([[[]], [["nothing", "nothing"]]])("are not announced where there are none: %j", async (names) => {
    const { actions } = changing(...names);
    const announce = async () => expect.unreachable();
    expect(await together(actions, announce)).toEqual(names.map(fulfilled));
  });

  test("are not made when they cannot be announced", async () => {
    const { made, actions } = changing("a", "b");
    const announce = async () => {
      throw new Error("The log is full.");
    };
    await expect(together(actions, announce)).rejects.toThrow("The log is full.");
    expect(made).toEqual([]);
  });

  test.each(["broken", "full"])("are made though another is %s, and are told without it", async (wrong) => {
    const { made, actions } = changing("a", wrong, "b");
    const told: string[] = [];
    const done = await together(actions, async (_, make) => void told.push(...(await make()).map(({ pk }) => pk)));
    expect(done).toEqual([fulfilled("a"), { status: "rejected", reason: new Error(`It is ${wrong}.`) }, fulfilled("b")]);
    expect({ made, told }).toEqual({ made: ["a", "b"], told: ["a", "b"] });
  });
});
