/**
 * How soon LookupEvents finds something among 1,000,000 records, and what it costs to have them found: `npm run bench -- --only lookup`, or
 * `node test/bench/lookup.ts [records] [calls a second …]`.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOOKUP_ATTRIBUTES } from "#domain/event-lookup";
import type { EventRecord } from "#domain/event-record";
import { openSqlite } from "#store/drivers/sqlite";
import { openToRead } from "#store/drivers/sqlite-schema";
import { logWriter } from "#store/log";
import { logReader } from "#store/log-reader";
import type { Table } from "#store/port";
import { requestId } from "#wire/request-id";
import { median } from "./median.ts";

const [ACCOUNT, REGION] = ["111122223333", "us-east-1"];
/** One call in so many is another one's: of a key, by a user, by a name. */
const SELDOM = 20_000;
const PAGES = 9;

const fixed = (number: number, digits = 1): string => number.toFixed(digits);
const arnOf = (key: string): string => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${key}`;
const keys = Array.from({ length: 100 }, () => randomUUID());
const seldomKey = randomUUID();
const material = randomUUID().replaceAll("-", "").repeat(2);

/** An Encrypt as the log keeps it, or a call that is seldom. */
function recordOf(number: number, at: Date): EventRecord {
  const isSeldom = number % SELDOM === SELDOM / 2;
  const arn = arnOf(isSeldom ? seldomKey : (keys[number % keys.length] as string));
  const user = isSeldom ? "seldom" : "administrator";
  return {
    ...{ s: "kms", e: isSeldom ? "DescribeKey" : "Encrypt", t: at.getTime() },
    c: {
      k: "user",
      a: `arn:aws:iam::${ACCOUNT}:user/${user}`,
      i: "AIDAUZV7JYQ5FDTXHAAAA",
      ak: `AKIA${user.toUpperCase().padEnd(16, "A")}`,
    },
    ...{
      ip: "127.0.0.1",
      ua: "aws-sdk-js/3.1164.0 ua/2.1 os/linux#6.12 lang/js md/nodejs#24.21.0 api/kms#3.1164.0 m/E,n",
      h: "127.0.0.1:4599",
    },
    q: { keyId: arn, encryptionContext: { purpose: "bench" }, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
    ...{ r: [arn], ro: 1, m: [material] },
  };
}

/** Fills a log as a server does, at so many calls a second; answers microseconds of processor time and bytes on disk for each. */
async function fill(folder: string, count: number, perSecond: number, isFound: boolean) {
  const database = openSqlite({ folder });
  const { search, ...bare } = database.table("log", REGION);
  const table: Table = isFound && search ? { ...bare, search } : bare;
  const log = logWriter({ table, shards: 1, days: 90, newWriter: randomUUID });
  // All of them in the past, and none so old that it is dropped meanwhile.
  const start = Date.now() - (count * 1000) / perSecond;
  const began = process.cpuUsage();
  // As many at once as a server has connections.
  for (let number = 0; number < count; number += 64)
    await Promise.all(
      Array.from({ length: Math.min(64, count - number) }, (_, next) => {
        const at = new Date(start + ((number + next) * 1000) / perSecond);
        const record = recordOf(number + next, at);
        return log.append({ account: ACCOUNT, id: requestId(at), at, body: JSON.stringify(record), record });
      }),
    );
  const { user, system } = process.cpuUsage(began);
  await database.close();
  const file = openToRead(folder, "log");
  const size = (what: string) => Number(file.prepare(`PRAGMA ${what}`).get()?.[what]);
  const bytes = (size("page_count") * size("page_size")) / count;
  const marks =
    Number(file.prepare(`SELECT (SELECT count(*) FROM "log.words") + (SELECT count(*) FROM "log.marks") AS n`).get()?.["n"]) / count;
  file.close();
  return { cpu: (user + system) / count, bytes, marks };
}

const ASKED = [
  ["ResourceName", seldomKey, "a key, one record in 20,000"],
  ["EventName", "DescribeKey", "an event name, one record in 20,000"],
  ["Username", "seldom", "a user, one record in 20,000"],
  ["AccessKeyId", `AKIA${"SELDOM".padEnd(16, "A")}`, "an access key, one record in 20,000"],
  ["ResourceName", keys[0] as string, "a key, one record in 100"],
  ["EventName", "Encrypt", "an event name, nearly all"],
  ["EventName", "CreateKey", "an event name, none"],
] as const;

async function look(folder: string): Promise<void> {
  const database = openSqlite({ folder });
  for (const [key, value, what] of ASKED) {
    const times: number[] = [];
    let found = 0;
    let isLast = false;
    for (let page = 0; page < PAGES; page += 1) {
      // As after a start: nothing is kept in mind.
      const reader = logReader(database.table("log", REGION), 1, { days: 90 });
      const { mentions, word, matches } = LOOKUP_ATTRIBUTES[key];
      // A busy machine makes it wait, not work.
      const began = process.cpuUsage();
      const wanted = {
        mentions: mentions(value),
        word: word(value),
        isWanted: (one: Parameters<typeof matches>[0]) => matches(one, value),
      };
      const { records, next } = await reader.newest(ACCOUNT, { ...wanted, limit: 50 });
      const { user, system } = process.cpuUsage(began);
      times.push((user + system) / 1000);
      found = records.length;
      isLast = next === undefined;
    }
    const [first = 0] = times;
    console.log(`    ${what.padEnd(40)} ${fixed(first)} ms, then ${fixed(median(times))} ms: ${found}${isLast ? ", all there are" : ""}`);
  }
  await database.close();
}

/** @param rates calls a second, one log for each */
export async function lookup(count: number, rates: readonly number[] = [5000, 50, 1]): Promise<void> {
  for (const perSecond of rates) {
    const place = mkdtempSync(join(tmpdir(), "trent-lookup-"));
    try {
      const few = Math.min(count, 200_000);
      // Compiled before it is measured.
      await fill(join(place, "warm"), few / 10, perSecond, true);
      const bare = await fill(join(place, "bare"), few, perSecond, false);
      const short = await fill(join(place, "short"), few, perSecond, true);
      const { marks, bytes } = await fill(join(place, "data"), count, perSecond, true);
      console.log(
        `${count} records, ${perSecond} a second: an append takes ${fixed(short.cpu)} µs of CPU, without words ${fixed(bare.cpu)} µs; ` +
          `a record ${fixed(bytes, 0)} bytes, without words ${fixed(bare.bytes, 0)}; ${fixed(marks, 2)} marks. First pages of 50, in processor time:`,
      );
      await look(join(place, "data"));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }
}

if (import.meta.main) {
  const [count = 1_000_000, ...rates] = process.argv.slice(2).map(Number);
  await (rates.length > 0 ? lookup(count, rates) : lookup(count));
}
