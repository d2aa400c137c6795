import { fingerprint } from "@trent/crypto";
import { DomainKeysMissing, ensureDomainKeys, ensureMeta, type Meta, type OpenShared, openShared, readMeta } from "#store";
import { type OperatorDeps, openLog, Refusal, recorded } from "./act.ts";
import { ADMINISTRATOR, type AdministratorKey, administratorArn, makeAdministrator } from "./administrator.ts";

/** What a Region is when it is initialised. */
export interface Initialised {
  readonly region: string;
  readonly home: string;
  readonly account: string;
  /** Fingerprints of the control root and the material root: the same in every Region. */
  readonly root: string;
  /** In the home Region, in the one answer that shows it. */
  readonly administrator?: AdministratorKey;
}

/**
 * Makes of deployed tables a Trent.
 *
 * - In the home Region: the domain keys, the account, its first administrator. It refuses a second time, because the answer is lost or known.
 * - In another Region: that Region's domain keys. As often as one likes, once what the home Region made has been replicated.
 *
 * What an earlier try left half done is finished; of any number at once, one shows a key, and it is the key that works.
 * @throws {Refusal}
 */
export async function init(deps: OperatorDeps, account: string): Promise<Initialised> {
  const { database, roots, region, home, now } = deps;
  const root = await fingerprintOf(deps);
  if (region !== home) {
    const { meta } = await replicated(deps);
    await ensureDomainKeys(database, region, roots, now());
    return { region, home, account: meta.account, root };
  }
  const meta = await ensureMeta(database, roots, { home, account }, now());
  if (meta.home !== home) throw new Refusal(`This store was made with the home Region ${meta.home}, not ${home}.`);
  await ensureDomainKeys(database, region, roots, now());
  const shared = await openShared(database, roots);
  const administrator = await firstAdministrator(deps, shared, meta.account);
  return { region, home, account: meta.account, root, administrator };
}

async function firstAdministrator(deps: OperatorDeps, shared: OpenShared, account: string): Promise<AdministratorKey> {
  const { home, now } = deps;
  const already = () =>
    new Refusal(
      `It is initialised already: the account ${account} has an administrator, whose access key was shown once. If it is lost, account-recover makes another.`,
    );
  if (await shared.principals.user(account, ADMINISTRATOR)) throw already();
  const log = await openLog(deps, shared);
  const userArn = administratorArn(home, account, ADMINISTRATOR);
  return recorded({ log, account, event: "Init", userArn }, deps, async () => {
    const made = await makeAdministrator({ shared, home, account, name: ADMINISTRATOR, now: now() });
    if (!made) throw already();
    return made;
  });
}

/** What the home Region has made, as far as it has come here. @throws {Refusal} */
async function replicated({ database, roots, home }: OperatorDeps): Promise<{ readonly meta: Meta; readonly shared: OpenShared }> {
  const missing = new Refusal(
    `The home Region ${home} is not initialised, or that has not been replicated to here yet. Begin there, then try again.`,
  );
  const meta = await readMeta(database);
  if (!meta) throw missing;
  try {
    return { meta, shared: await openShared(database, roots) };
  } catch (cause) {
    throw cause instanceof DomainKeysMissing ? missing : cause;
  }
}

/** @throws {Refusal} when both roots are the same: whoever may read the one could read what is under the other. */
export async function fingerprintOf({ roots }: Pick<OperatorDeps, "roots">): Promise<string> {
  const [control, material] = [fingerprint(await roots.control()), fingerprint(await roots.material())];
  if (control === material) throw new Refusal("The control root and the material root are the same: give them two values.");
  return `${control}-${material}`;
}
