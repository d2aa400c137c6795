/** A data folder with many principals and keys, and what a load does with them. */
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { CreateKeyCommand, type CreateKeyCommandInput, EncryptCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { type AdministratorKey, makeAdministrator } from "#operator/administrator";
import { rootFromFile } from "#roots/file";
import { openShared, readMeta } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { credentialsOf } from "../bench/seed.ts";

export { seedKeys } from "../bench/seed.ts";

/** Makes users who may do everything, each with an access key, in a folder whose server does not run. */
export async function seedPrincipals(folder: string, count: number): Promise<readonly AdministratorKey[]> {
  const database = openSqlite({ folder });
  const meta = await readMeta(database);
  if (!meta) throw new Error("The folder holds no store.");
  const shared = await openShared(database, await rootFromFile(join(folder, "root.key")));
  const one = (number: number) => makeAdministrator({ shared, ...meta, name: `user-${number}`, now: new Date() });
  const made = await Promise.all(Array.from({ length: count }, (_, number) => one(number)));
  await database.close();
  return made.filter((key) => key !== undefined);
}

/** Keys that there are, by what they are for. */
export interface Keys {
  readonly symmetric: readonly string[];
  readonly signing: string;
  readonly mac: string;
  /** Of one of the symmetric keys. */
  readonly blob: string;
}

export interface Asked {
  readonly operation: string;
  readonly body: object;
}

/** Symmetric keys of the folder's server, so many of them, and one of each other kind, which is made. */
export async function keysAt(endpoint: string, data: string, count: number): Promise<Keys> {
  const client = new KMSClient({ endpoint, region: "us-east-1", credentials: credentialsOf(data) });
  const symmetric: string[] = [];
  for (let Marker: string | undefined; symmetric.length < count; ) {
    const page = await client.send(new ListKeysCommand({ Limit: 1000, Marker }));
    symmetric.push(...(page.Keys ?? []).flatMap(({ KeyId }) => KeyId ?? []));
    Marker = page.NextMarker;
    if (Marker === undefined) break;
  }
  const made = async (input: CreateKeyCommandInput) => (await client.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? "";
  const signing = await made({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const mac = await made({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
  const { CiphertextBlob = new Uint8Array() } = await client.send(
    new EncryptCommand({ KeyId: symmetric[0], Plaintext: Buffer.alloc(32, 1) }),
  );
  client.destroy();
  return { symmetric: symmetric.slice(0, count), signing, mac, blob: Buffer.from(CiphertextBlob).toString("base64") };
}

const PLAINTEXT = Buffer.alloc(32, 1).toString("base64");
/** How many of a hundred calls are of an operation, and what it is asked. */
const MIX: readonly (readonly [part: number, of: (keys: Keys, key: string) => Asked])[] = [
  [30, (_, KeyId) => ({ operation: "Encrypt", body: { KeyId, Plaintext: PLAINTEXT, EncryptionContext: { purpose: "load" } } })],
  [25, ({ blob: CiphertextBlob }) => ({ operation: "Decrypt", body: { CiphertextBlob } })],
  [20, (_, KeyId) => ({ operation: "GenerateDataKey", body: { KeyId, KeySpec: "AES_256" } })],
  [10, (_, KeyId) => ({ operation: "DescribeKey", body: { KeyId } })],
  [4, ({ mac: KeyId }) => ({ operation: "GenerateMac", body: { KeyId, Message: PLAINTEXT, MacAlgorithm: "HMAC_SHA_256" } })],
  [3, ({ signing: KeyId }) => ({ operation: "Sign", body: { KeyId, Message: PLAINTEXT, SigningAlgorithm: "ECDSA_SHA_256" } })],
  [3, () => ({ operation: "ListKeys", body: { Limit: 10 } })],
  [2, (_, KeyId) => ({ operation: "ListResourceTags", body: { KeyId } })],
  [2, (_, KeyId) => ({ operation: "TagResource", body: { KeyId, Tags: [{ TagKey: "load", TagValue: String(randomInt(1000)) }] } })],
  [1, (_, KeyId) => ({ operation: "UpdateKeyDescription", body: { KeyId, Description: `load ${randomInt(1000)}` } })],
];

/** One call of the mixture. */
export function askedOf(keys: Keys): Asked {
  let left = randomInt(100);
  const key = keys.symmetric[randomInt(keys.symmetric.length)] ?? "";
  for (const [part, of] of MIX) {
    if (left < part) return of(keys, key);
    left -= part;
  }
  throw new Error("The parts are not a hundred.");
}
