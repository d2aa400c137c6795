/**
 * The sealing of the log where writers are function instances: what they have left since the last time is found by its rows, and sealed. A server
 * seals what it has written itself, and does not run this.
 */
import { witnessOf } from "#domain/seal-check";
import { type Stores, storesOf, timer } from "./timer.ts";

const uses = { seals: "write" } as const;

export const sealing = timer({
  name: "sealing",
  everyMinutes: 1,
  uses,

  async find({ seals }: Stores<typeof uses>, now, { after }) {
    const reached = await seals.reached(now);
    const id = JSON.stringify(reached);
    // After the last part a new stretch of time would begin: that is for the next run.
    const isOver = after !== undefined && (id === after || reached.place.at === undefined);
    return isOver ? { ids: [] } : { ids: [id], next: id };
  },

  async read({ seals }, id) {
    const reached = JSON.parse(id);
    return { reached, ...(await seals.found(reached)) };
  },

  due: (found) => found,

  async run({ reached, heads, wrong, next }, { regional, now, testify }) {
    const { seals } = storesOf(regional, uses, async () => undefined);
    for (const made of await seals.seal(heads, now)) testify?.(witnessOf(made));
    await seals.done(reached, next);
    const [first] = wrong;
    if (first !== undefined) throw new Error(`The log is not what was written, in ${wrong.length} places: ${first}. See audit verify.`);
  },
});
