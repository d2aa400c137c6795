import { type LogWriter, type OpenShared, openShared, readMeta } from "#store";
import { type OperatorDeps, openLog, Refusal } from "./act.ts";

/** What all Regions share, where it may be changed. */
export interface OpenHome {
  readonly shared: OpenShared;
  /** The account that the store was made with. */
  readonly first: string;
  /** A writer to the log of the home Region. */
  log(): Promise<LogWriter>;
}

/** Opens the home Region. @throws {Refusal} in another one, and when there is nothing yet. */
export async function openHome(deps: OperatorDeps): Promise<OpenHome> {
  const { database, roots, region, home } = deps;
  if (region !== home) throw new Refusal(`Principals are made in the home Region: do it in ${home}.`);
  const meta = await readMeta(database);
  if (!meta) throw new Refusal("It is not initialised: there is no account yet.");
  const shared = await openShared(database, roots);
  return { shared, first: meta.account, log: () => openLog(deps, shared) };
}
