import { digest } from "@trent/crypto";

/** A file of an export: its path below the export's folder, and what it says before it is compressed. */
export interface ExportFile {
  readonly path: string;
  readonly text: string;
}

/** A digest that is there: what the next one names. */
export interface DigestLink {
  readonly path: string;
  /** Of what it says, uncompressed: SHA-256, hex. */
  readonly hash: string;
  /** Hex. */
  readonly signature: string;
}

export const HOUR_MS = 3_600_000;

/** Records in one file at the most. */
export const EVENTS_IN_FILE = 5000;
/** Rows in one part of a chain. */
export const ROWS_IN_PART = 50_000;

/** `yyyymmddThh59Z`: an hour is told by its last minute, so that all of its files stand under its day. */
const stampOf = (hour: number): string => `${new Date(hour).toISOString().slice(0, 13).replaceAll("-", "")}59Z`;
const dayOf = (hour: number): string => new Date(hour).toISOString().slice(0, 10).replaceAll("-", "/");

/**
 * A file of events, named as CloudTrail names it. What is unique in the name comes of what the file says: the same events make the same file.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-names.html
 */
export function logFileOf(account: string, region: string, hour: number, events: readonly object[]): ExportFile {
  const text = JSON.stringify({ Records: events });
  const unique = digest(text).replaceAll(/[-_]/g, "").slice(0, 16);
  const folder = `AWSLogs/${account}/CloudTrail/${region}/${dayOf(hour)}`;
  return { path: `${folder}/${account}_CloudTrail_${region}_${stampOf(hour)}_${unique}.json.gz`, text };
}

/** Where the digest of an hour stands. */
export const digestPath = (account: string, region: string, hour: number): string =>
  `AWSLogs/${account}/CloudTrail-Digest/${region}/${dayOf(hour)}/${account}_CloudTrail-Digest_${region}_trent_${region}_${stampOf(hour)}.json.gz`;

/** Where rows and seals of an hour stand, of which the chain is derived again; in parts, from 0. */
export const chainPath = (region: string, hour: number, part: number): string =>
  `Trent/${region}/${dayOf(hour)}/${region}_Chain_${stampOf(hour)}_${String(part).padStart(6, "0")}.jsonl.gz`;

/** Where it stands how far a Region is exported. */
export const statementPath = (region: string): string => `Trent/${region}/export.json`;

/** What a Region's export says of itself, signed as a seal is. */
export interface ExportStatement {
  readonly region: string;
  /** When it was begun: what had expired by then is not in it. In milliseconds, as the next. */
  readonly since: number;
  /** The end of the last hour that is in it. */
  readonly through: number;
  /** The newest seal that is in it. */
  readonly seal: { readonly number: number; readonly digest: string };
  /** Of the key that signs digests: SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  /** The newest digest of each account. */
  readonly digests: Readonly<Record<string, DigestLink>>;
  /** How many parts of chains it has. */
  readonly parts: number;
}
