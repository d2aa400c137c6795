import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { openPlace } from "#operator/place";
import { sealersOf } from "#store";
import { openToRead } from "#store/drivers/sqlite-schema";
import { keepPublicKey, publicKeysFrom, publicKeysIn } from "./audit-pub.ts";
import { type Verified, verifyLog } from "./audit-verify.ts";
import { print, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";
import { testimony, witnessIn } from "./witness.ts";

/** `trent audit key`: the public half of the key that signs a Region's seals. */
export async function key(options: Options): Promise<void> {
  const answer = await withStore(options, options.region, async (deps) => {
    const { region } = await openPlace(deps);
    const [sealer] = [...sealersOf(deps.database)].filter((one) => one.region === region);
    if (!sealer) throw new Error(`There is no sealer of ${region}.`);
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
