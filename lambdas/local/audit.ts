import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Period } from "#domain/seal-check";
import { type OperatorDeps, recorded } from "#operator/act";
import { auditKey, type PublicAuditKey } from "#operator/audit-key";
import { openPlace } from "#operator/place";
import { type Sealer, sealersOf } from "#store";
import { openToRead } from "#store/drivers/sqlite-schema";
import { type Exported, exportRegion } from "./audit-export.ts";
import { verifyExport } from "./audit-exported.ts";
import { evidenceOf, openLog, witnessesOf } from "./audit-log.ts";
import { keepPublicKey, publicKeysFrom, publicKeysIn } from "./audit-pub.ts";
import { lacksFirstSeals, partitionsOf } from "./audit-rows.ts";
import { searchCheck } from "./audit-search.ts";
import { itemsIn, type StateCheck, stateCheck } from "./audit-state.ts";
import { type LogToVerify, type Unsealed, type Verified, verifyLog } from "./audit-verify.ts";
import { operated, print, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";
import { sealOne } from "./sealing.ts";
import { testimony, witnessIn } from "./witness.ts";

/** `trent audit key`: the public half of the key that signs a Region's seals. */
export async function key(options: Options): Promise<void> {
  const answer = await operated<PublicAuditKey>(options, options.region, { action: "audit-key" }, auditKey);
  if (options.stack === undefined) keepPublicKey(resolve(options.data), answer.region, answer.publicKey);
  print(answer, options, ({ region, publicKey }) => [`${region} ${publicKey}`]);
}

/**
 * `trent audit verify`: whether a log is what was written, as far as that can be told; exit status 1 when it is not.
 *
 * Reads only, needs no root key, and may run beside a server.
 */
export async function verify(options: Options): Promise<void> {
  const period = periodOf(options.from, options.to);
  if (options.state && (period || options.export !== undefined))
    throw new UsageError("--state is held against the whole log of a data folder: leave out --from, --to and --export.");
  if (options.export !== undefined) return verifyExported(options, resolve(options.export), period);
  const evidence = evidenceOf(options);
  // The witness first: what is written meanwhile is in the log before it is in the witness.
  const witness = testimony(evidence.witness);
  const { publicKeys } = evidence;
  const state = options.state ? stateOf(requireFolder(options, "audit verify --state")) : undefined;
  const { log, close } = await openLog(options, evidence);
  try {
    const search = state && searchCheck(log);
    const onRow: LogToVerify["onRow"] = (region, row, link) => {
      state?.read(region, row, link);
      search?.read(region, row);
    };
    const verified = await verifyLog({ log, publicKeys, witness, now: new Date(), period, ...(state && { onRow }) });
    const items = state?.end(verified.findings.length === 0 && verified.expired === 0 && !lacksFirstSeals(log));
    const findings = [...verified.findings, ...(items?.findings ?? []), ...(search?.end() ?? [])];
    const answer = { ...verified, findings, ...(items && { state: { items: items.items, unchecked: items.unchecked } }) };
    print(answer, options, linesOf);
    if (findings.length > 0) process.exitCode = 1;
  } finally {
    close();
    state?.close();
  }
}

/** The items first: what is written meanwhile is in the log before it is in them. */
function stateOf(folder: string): StateCheck {
  const state = openToRead(folder, "state");
  try {
    const readAt = Date.now();
    state.exec("BEGIN");
    return stateCheck(itemsIn(state), readAt);
  } finally {
    state.close();
  }
}

/** @throws {UsageError} */
function periodOf(from: string | undefined, to: string | undefined): Period | undefined {
  if (from === undefined && to === undefined) return undefined;
  return { from: timeOf("from", from) ?? Number.NEGATIVE_INFINITY, to: timeOf("to", to) ?? Number.POSITIVE_INFINITY };
}

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/;

function timeOf(name: string, text: string | undefined): number | undefined {
  const time = text === undefined ? undefined : Date.parse(TIME.test(text) ? text : "");
  if (Number.isNaN(time)) throw new UsageError(`--${name} ${text} is no time: write it as 2026-01-31 or 2026-01-31T23:59:00Z.`);
  return time;
}

/** Needs nothing but the export and the public key. */
async function verifyExported(options: Options, folder: string, period: Period | undefined): Promise<void> {
  if (!existsSync(join(folder, "Trent"))) throw new UsageError(`${folder} holds no export: name the folder that audit export wrote to.`);
  const keys = options.auditKey === undefined ? publicKeysIn(resolve(options.data)) : resolve(options.auditKey);
  if (!existsSync(keys)) throw new UsageError(`${keys} is not there: give the public audit keys as --audit-key.`);
  // What lies here tells of the log whose keys lie here, and perhaps of no other.
  const near = options.auditKey === undefined ? witnessIn(resolve(options.data)) : [];
  const witness = testimony(options.witness === undefined ? near : [resolve(options.witness)]);
  const verified = await verifyExport({ folder, publicKeys: publicKeysFrom(keys), witness, period });
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
  const witness = testimony(witnessesOf(options));
  const answer = await withStore(options, undefined, async (deps) => {
    const log = openToRead(folder, "log");
    try {
      const regions: Exported[] = [];
      for (const region of new Set(partitionsOf(log).map((one) => one.region))) {
        const sealer = await sealerOf({ ...deps, region });
        keepPublicKey(folder, region, (await sealer.key()).publicKey);
        regions.push(await exportRegion({ log, folder: resolve(to), sealer, witness, now: deps.now(), evenSpoilt: options.evenSpoilt }));
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
  const folder = resolve(options.data);
  const evidence = evidenceOf(options);
  const witness = testimony(evidence.witness);
  const { log, close } = await openLog(options, evidence);
  const now = new Date();
  const { findings, unsealed } = await verifyLog({ log, publicKeys: evidence.publicKeys, witness, now }).finally(close);
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

function requireFolder({ data, table, stack }: Options, command: string): string {
  const folder = resolve(data);
  if (stack !== undefined || table.kind !== "sqlite") throw new UsageError(`${command} is for a data folder in this version.`);
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

type Answer = Verified & { readonly state?: { readonly items: number; readonly unchecked: number } };

function linesOf({ findings, records, seals, expired, unsealed, state }: Answer): readonly string[] {
  const more = findings.length - SHOWN;
  return [
    ...findings.slice(0, SHOWN).map(({ kind, region, what }) => `${kind.padEnd(9)} ${region}  ${what}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...unsealed.map(
      ({ region, writer, from, to }) => `unsealed  ${region}  records ${from} to ${to} of ${writer}: no seal vouches for them`,
    ),
    ...(state
      ? [`state     ${state.items} items are as the log has them; unchecked, because it does not tell of them: ${state.unchecked}`]
      : []),
    `${findings.length === 0 ? "whole" : "NOT WHOLE"}: ${records} records, ${seals} seals, ${expired} expired`,
  ];
}
