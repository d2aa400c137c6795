import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type OperatorDeps, recorded } from "#operator/act";
import { openPlace } from "#operator/place";
import { type Sealer, sealersOf } from "#store";
import { openToRead } from "#store/drivers/sqlite-schema";
import { type Exported, exportRegion } from "./audit-export.ts";
import { verifyExport } from "./audit-exported.ts";
import { keepPublicKey, publicKeysFrom, publicKeysIn } from "./audit-pub.ts";
import { partitionsOf } from "./audit-rows.ts";
import { type Unsealed, type Verified, verifyLog } from "./audit-verify.ts";
import { print, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";
import { sealOne } from "./sealing.ts";
import { testimony, witnessIn } from "./witness.ts";

/** `trent audit key`: the public half of the key that signs a Region's seals. */
export async function key(options: Options): Promise<void> {
  const answer = await withStore(options, options.region, async (deps) => {
    const sealer = await sealerOf(deps);
    const { region } = sealer;
    const { publicKey } = await sealer.key();
    keepPublicKey(resolve(options.data), region, publicKey);
    return { region, publicKey };
  });
  print(answer, options, ({ region, publicKey }) => [`${region} ${publicKey}`]);
}

/**
 * `trent audit verify`: whether the log in a data folder is what was written, as far as that can be told; exit status 1 when it is not.
 *
 * Reads only, needs no root key, and may run beside a server.
 */
export async function verify(options: Options): Promise<void> {
  if (options.export !== undefined) return verifyExported(options, resolve(options.export));
  const folder = resolve(options.data);
  if (options.table.kind !== "sqlite") throw new UsageError("audit verify is for a data folder in this version.");
  if (!existsSync(join(folder, "log.db"))) throw new UsageError(`${folder} holds no log: name its --data folder.`);
  // The witness first: what is written meanwhile is in the log before it is in the witness.
  const witness = testimony(options.witness === undefined ? witnessIn(folder) : [...witnessIn(folder), resolve(options.witness)]);
  const publicKeys = publicKeysFrom(options.auditKey === undefined ? publicKeysIn(folder) : resolve(options.auditKey));
  const log = openToRead(folder, "log");
  try {
    const verified = await verifyLog({ log, publicKeys, witness, now: new Date() });
    print(verified, options, linesOf);
    if (verified.findings.length > 0) process.exitCode = 1;
  } finally {
    log.close();
  }
}

/** Needs nothing but the export and the public key. */
async function verifyExported(options: Options, folder: string): Promise<void> {
  if (!existsSync(join(folder, "Trent"))) throw new UsageError(`${folder} holds no export: name the folder that audit export wrote to.`);
  const keys = options.auditKey === undefined ? publicKeysIn(resolve(options.data)) : resolve(options.auditKey);
  if (!existsSync(keys)) throw new UsageError(`${keys} is not there: give the public audit keys as --audit-key.`);
  const witness = testimony(options.witness === undefined ? witnessIn(resolve(options.data)) : [resolve(options.witness)]);
  const verified = await verifyExport({ folder, publicKeys: publicKeysFrom(keys), witness });
  print(verified, options, (answer) => [
    ...linesOf(answer),
    ...Object.entries(answer.through).map(([region, time]) => `${region} is exported through ${time}`),
  ]);
  if (verified.findings.length > 0) process.exitCode = 1;
}

/** `trent audit export --to DIR`: the hours that have closed, of every Region, as CloudTrail's files. */
export async function exported(options: Options): Promise<void> {
  const { to } = options;
  if (to === undefined) throw new UsageError("audit export needs --to DIR.");
  const folder = requireFolder(options, "audit export");
  const answer = await withStore(options, undefined, async (deps) => {
    const log = openToRead(folder, "log");
    try {
      const regions: Exported[] = [];
      for (const region of new Set(partitionsOf(log).map((one) => one.region))) {
        const sealer = await sealerOf({ ...deps, region });
        keepPublicKey(folder, region, (await sealer.key()).publicKey);
        regions.push(await exportRegion({ log, folder: resolve(to), sealer, now: deps.now() }));
      }
      return { regions };
    } finally {
      log.close();
    }
  });
  print(answer, options, ({ regions }) =>
    regions.map(({ region, through = "never", records, files, missing, fingerprint }) => {
      const lost = missing > 0 ? `; ${missing} records that were sealed are not in the log` : "";
      return `${region} exported through ${through}: ${records} records in ${files} files${lost}; digests by key ${fingerprint}`;
    }),
  );
}

/** `trent audit seal`: what servers that were killed had not sealed is taken in as it is found; leaves a record of it. */
export async function sealNow(options: Options): Promise<void> {
  const folder = requireFolder(options, "audit seal");
  const log = openToRead(folder, "log");
  const witness = testimony(witnessIn(folder));
  const now = new Date();
  const { findings, unsealed } = await verifyLog({ log, publicKeys: publicKeysFrom(publicKeysIn(folder)), witness, now }).finally(() =>
    log.close(),
  );
  if (findings.some(({ kind }) => kind !== "unsealed"))
    throw new Error("The log is not what was written: see audit verify; nothing is sealed over that.");
  // A server that lives seals its own.
  const left = unsealed.filter(({ at }) => Math.abs(now.getTime() - at) > LIVES_MS);
  const answer = await withStore(options, undefined, async (deps) => {
    for (const [region = "", own = []] of Map.groupBy(left, (one) => one.region)) await takeIn({ ...deps, region }, folder, own);
    return { taken: left.map(({ region, writer, from, to }) => ({ region, writer, from, to })) };
  });
  print(answer, options, ({ taken }) => [
    ...taken.map(({ region, writer, from, to }) => `${region} records ${from} to ${to} of ${writer} are sealed as they were found`),
    `sealed: ${taken.length} writers that had ended without it`,
  ]);
}

const LIVES_MS = 150_000;

async function takeIn(deps: OperatorDeps, folder: string, left: readonly Unsealed[]): Promise<void> {
  const { store, account, region } = await openPlace(deps);
  const sealer = sealerIn(deps, region);
  const writers = left.map(({ writer, from, to }) => ({ writer, from, to }));
  const heads = left.map(({ writer, from, to, hash, at }) => ({
    ...{ writer, number: to, hash, found: true as const },
    ...(from > 1 && { since: { number: from - 1, at } }),
  }));
  await recorded({ log: store.log, account, event: "SealFoundRecords", details: { region, writers } }, deps, () =>
    sealOne(sealer, folder, deps.now(), heads),
  );
}

function requireFolder({ data, table }: Options, command: string): string {
  const folder = resolve(data);
  if (table.kind !== "sqlite") throw new UsageError(`${command} is for a data folder in this version.`);
  if (!existsSync(join(folder, "log.db"))) throw new UsageError(`${folder} holds no log: name its --data folder.`);
  return folder;
}

async function sealerOf(deps: OperatorDeps): Promise<Sealer> {
  const { region } = await openPlace(deps);
  return sealerIn(deps, region);
}

function sealerIn({ database }: OperatorDeps, region: string): Sealer {
  const sealer = [...sealersOf(database)].find((one) => one.region === region);
  if (!sealer) throw new Error(`There is no sealer of ${region}.`);
  return sealer;
}

const SHOWN = 20;

function linesOf({ findings, records, seals, expired, unsealed }: Verified): readonly string[] {
  const more = findings.length - SHOWN;
  return [
    ...findings.slice(0, SHOWN).map(({ kind, region, what }) => `${kind.padEnd(9)} ${region}  ${what}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...unsealed.map(
      ({ region, writer, from, to }) => `unsealed  ${region}  records ${from} to ${to} of ${writer}: no seal vouches for them`,
    ),
    `${findings.length === 0 ? "whole" : "NOT WHOLE"}: ${records} records, ${seals} seals, ${expired} expired`,
  ];
}
