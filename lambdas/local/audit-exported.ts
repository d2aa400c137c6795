import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Finding } from "#domain/chain-check";
import { digestIn, signedOf } from "#domain/export-digest";
import { type ExportStatement, HOUR_MS, statementPath } from "#domain/export-file";
import type { Period, Witnessed } from "#domain/seal-check";
import { isSigned } from "#store/audit-keys";
import { statementIn } from "./audit-export.ts";
import { RECORDS, SEALS } from "./audit-rows.ts";
import { type LogToVerify, type Verified, verifyLog } from "./audit-verify.ts";
import { filesOf, hexOf, textOf } from "./export-files.ts";

export interface ExportToVerify {
  readonly folder: string;
  /** By Region: of the keys that sign seals. Everything else is in the export. */
  readonly publicKeys: LogToVerify["publicKeys"];
  readonly witness: readonly Witnessed[];
  readonly period?: Period | undefined;
}

export interface VerifiedExport extends Verified {
  /** How far the export says that it goes, by Region. */
  readonly through: Readonly<Record<string, string>>;
  readonly files: number;
}

/**
 * Derives again every chain and seal of an export, and checks each of its files against the digests, offline.
 *
 * An export that was put back to an earlier state of itself as a whole is whole: its `through`, and a witness, tell.
 */
export async function verifyExport({ folder, publicKeys, witness, period }: ExportToVerify): Promise<VerifiedExport> {
  const files = filesOf(folder);
  const unmet = new Set(files);
  const regions = existsSync(join(folder, "Trent")) ? readdirSync(join(folder, "Trent")).toSorted() : [];
  const findings: Verified["findings"][number][] = [];
  const through: Record<string, string> = {};
  const verified: Verified[] = [];
  for (const region of regions) {
    const find = (kind: Finding["kind"], what: string) => findings.push({ region, kind, what });
    unmet.delete(statementPath(region));
    const statement = await statementIn(folder, region, publicKeys.get(region) ?? []);
    if (!statement) {
      find("changed", `${statementPath(region)} is not what was signed there`);
      continue;
    }
    through[region] = new Date(statement.through).toISOString();
    verified.push(await verifyChain(folder, statement, { files, unmet, publicKeys, witness, period, find }));
    for (const account of Object.keys(statement.digests).toSorted()) await followDigests(folder, statement, account, unmet, find);
  }
  for (const region of lackingIn(regions, Math.max(...Object.values(through).map(Date.parse)), { publicKeys, witness }))
    findings.push({ region, kind: "missing", what: statementPath(region) });
  for (const path of unmet) findings.push({ region: path.split("/")[path.startsWith("Trent/") ? 1 : 3] ?? "", kind: "added", what: path });
  const sum = (of: (one: Verified) => number) => verified.reduce((total, one) => total + of(one), 0);
  return {
    findings: [...verified.flatMap((one) => one.findings), ...findings],
    records: sum((one) => one.records),
    seals: sum((one) => one.seals),
    expired: sum((one) => one.expired),
    unsealed: [],
    through,
    files: files.length,
  };
}

/** Regions that were sealed an hour and more before where the export as a whole goes, and are not in it; of an export without any, all whose key is known. */
function lackingIn(
  regions: readonly string[],
  through: number,
  { publicKeys, witness }: Omit<ExportToVerify, "folder">,
): ReadonlySet<string> {
  const sealed = witness.flatMap((line) => ("seal" in line && line.at < through - HOUR_MS ? [line.region] : []));
  return new Set([...(regions.length === 0 ? publicKeys.keys() : sealed)].filter((region) => !regions.includes(region)));
}

interface ChainFiles extends Pick<ExportToVerify, "publicKeys" | "witness" | "period"> {
  readonly files: readonly string[];
  readonly unmet: Set<string>;
  readonly find: (kind: Finding["kind"], what: string) => void;
}

/** Of a row that nobody exported, as much of its name is said. */
const LONGEST_NAME = 200;

/** Puts the rows of an export into a log that vanishes, and verifies that. */
async function verifyChain(
  folder: string,
  statement: ExportStatement,
  { files, unmet, publicKeys, witness, period, find }: ChainFiles,
): Promise<Verified> {
  const { region, since, through, seal, parts } = statement;
  const log = new DatabaseSync("");
  try {
    log.exec("CREATE TABLE log (region, pk, sk, body, PRIMARY KEY (region, pk, sk)) WITHOUT ROWID; BEGIN");
    const insert = log.prepare("INSERT INTO log VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
    const isSame = log.prepare("SELECT 1 FROM log WHERE region = ? AND pk = ? AND sk = ? AND body = ?");
    const chains = files.filter((path) => path.startsWith(`Trent/${region}/`) && path.endsWith(".jsonl.gz"));
    for (const path of chains) {
      unmet.delete(path);
      const rows = linesOf(textOf(folder, path));
      if (!rows) find("changed", `${path} is no file of an export`);
      for (const [pk, sk, body] of rows ?? []) {
        const isExported = pk === SEALS || RECORDS.test(pk);
        // A row that two seals cover may be there twice, and says the same then.
        const isNew = isExported && (insert.run(region, pk, sk, body).changes === 1 || isSame.get(region, pk, sk, body) !== undefined);
        if (!isNew) find("added", `${path}: a row ${JSON.stringify([pk, sk]).slice(0, LONGEST_NAME)}`);
      }
    }
    if (chains.length !== parts)
      find(chains.length < parts ? "missing" : "added", `parts of the chain: there are ${chains.length} of ${parts}`);
    log.exec("COMMIT");
    const told = witness.filter((line) => line.region === region && line.at < through && "seal" in line && line.seal <= seal.number);
    const newest = { at: through, region, seal: seal.number, digest: seal.digest };
    return await verifyLog({ log, publicKeys, witness: [...told, newest], now: new Date(since), within: 0, period });
  } finally {
    log.close();
  }
}

function linesOf(text: string | undefined): readonly (readonly [string, string, string])[] | undefined {
  try {
    const lines: unknown[] | undefined = text
      ?.split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
    const isRow = (line: unknown) => Array.isArray(line) && line.length === 3 && line.every((one) => typeof one === "string");
    return lines?.every(isRow) ? (lines as [string, string, string][]) : undefined;
  } catch {
    return undefined;
  }
}

/** From the newest digest of an account back to its first: each is named, with hash and signature, by the one after it. */
async function followDigests(
  folder: string,
  { region, digests, publicKey }: ExportStatement,
  account: string,
  unmet: Set<string>,
  find: (kind: Finding["kind"], what: string) => void,
): Promise<void> {
  for (let link = digests[account]; link; ) {
    const { path, hash, signature } = link;
    unmet.delete(path);
    const text = textOf(folder, path);
    const digest = digestIn(text ?? "");
    if (text === undefined || !digest || hexOf(text) !== hash || digest.path !== path) {
      find(existsSync(join(folder, path)) ? "changed" : "missing", `${path}: what it told of is not checked`);
      // Which of the others were there nobody can say now.
      for (const other of unmet) if (other.startsWith(`AWSLogs/${account}/`) && other.includes(`/${region}/`)) unmet.delete(other);
      return;
    }
    const signed = signedOf(digest.endTime, path, hash, digest.previous?.signature ?? null);
    if (!(await isSigned(publicKey, signed, Buffer.from(signature, "hex").toString("base64url"), "exports")))
      find("changed", `${path} is not what was signed there`);
    if (unmet.delete(`${path}.sig`) && textOf(folder, `${path}.sig`) !== `${signature}\n`) find("changed", `${path}.sig`);
    else if (!existsSync(join(folder, `${path}.sig`))) find("missing", `${path}.sig`);
    for (const file of digest.files) {
      unmet.delete(file.path);
      const said = textOf(folder, file.path);
      if (said === undefined || hexOf(said) !== file.hash) find(existsSync(join(folder, file.path)) ? "changed" : "missing", file.path);
    }
    link = digest.previous;
  }
}
