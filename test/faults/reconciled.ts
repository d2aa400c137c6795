import { openHost } from "#local/host";
import { openStore } from "#local/open";
import { optionsOf } from "#local/options";
import { operatorLog } from "#pipeline/operator-log";
import { reconciling, runDue } from "#timers";
import { type Entry, type Intent, type Outcome, readBooks } from "./books.ts";

/** Older than what a timer takes for abandoned. */
const LATER_MS = 10 * 60_000;
const RUNS = 100;

/**
 * Lets ten minutes pass on a folder whose server has ended, and looks for intents that no event tells the end of, and for events that tell another
 * end than the items do.
 */
export async function wrongInIntents(folder: string): Promise<{ readonly found: readonly string[]; readonly reconciled: number }> {
  const found = await reconcile(folder);
  const { entries, items } = readBooks(folder);
  const outcomes = Map.groupBy(entries.filter(isOutcome), ({ sk }) => sk);
  const states = new Map(items.map((item) => [placeOf(item), item]));
  let reconciled = 0;
  for (const [id, intents] of Map.groupBy(entries.filter(isIntent), ({ sk }) => sk.slice(0, sk.indexOf("#")))) {
    const told = outcomes.get(id) ?? [];
    if (told.length === 0) found.push(`The intent ${id} has no outcome.`);
    const said = told.find(({ says }) => says.o !== undefined)?.says;
    const last = intents.toSorted((one, other) => (one.sk < other.sk ? -1 : 1)).at(-1);
    const intended = last?.says.m;
    if (!said || !intended) continue;
    reconciled += 1;
    const item = states.get(placeOf({ ...intended, ...(last.region !== undefined && { region: last.region }) }));
    const isThere = item?.version === intended.version && item.mac === intended.mac;
    const isAbsent = (item?.version ?? 0) < intended.version;
    if (isThere && said.o !== "committed") found.push(`The change ${id} was made, and its event says ${said.o}.`);
    if (isAbsent && said.o === "committed") found.push(`The change ${id} was not made, and its event says that it was.`);
  }
  return { found, reconciled };
}

const placeOf = ({ region, pk, sk }: { readonly region?: string; readonly pk: string; readonly sk: string }): string =>
  `${region} ${pk} ${sk}`;

type Said = Outcome & { readonly o?: string };
const isIntent = (entry: Entry): entry is Entry & { readonly says: Intent } => entry.says.i === 1;
const isOutcome = (entry: Entry): entry is Entry & { readonly says: Said } => entry.says.i !== 1;

/** What failed of it, in sentences. */
async function reconcile(folder: string): Promise<string[]> {
  const options = optionsOf(["--data", folder], {});
  const { database, root, meta } = await openStore(options, () => undefined);
  const operator = operatorLog("error");
  const now = () => new Date(Date.now() + LATER_MS);
  const { regions, quotas, sandbox } = options;
  try {
    const host = await openHost({ database, roots: root, home: meta.home, regions, quotas, sandbox, operator });
    for (const region of await host.regionsInUse()) {
      for (let run = 1; ; run += 1) {
        const { failed, more } = await runDue(reconciling, { ...host.timers, now }, region);
        if (failed > 0) return [`${failed} intents could not be reconciled in ${region}.`];
        if (!more) break;
        if (run === RUNS) return [`Reconciling does not end in ${region}.`];
      }
    }
    return [];
  } finally {
    await database.close();
  }
}
