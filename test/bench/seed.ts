import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newKey } from "#domain/key";
import { defaultKeyPolicy } from "#domain/policy/default-policy";
import { rootFromFile } from "#roots/file";
import { openRegional, openShared, readMeta } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import type { KeyStore } from "#store/keys";
import type { MaterialMaker } from "#store/materials";

/** Makes keys in a data folder whose server does not run, through the store as CreateKey does, in the home Region. */
export async function seedKeys(folder: string, count: number): Promise<void> {
  const database = openSqlite({ folder });
  const root = await rootFromFile(join(folder, "root.key"));
  const meta = await readMeta(database);
  if (!meta) throw new Error("The folder holds no store.");
  const { home: region, account } = meta;
  const shared = await openShared(database, root);
  const regional = await openRegional(database, region, root, shared, { shards: 1, days: 90, newWriter: randomUUID });
  const { keys, material } = regional.stores({ keys: "write", material: "write" }, async () => {}) as {
    keys: KeyStore;
    material: MaterialMaker;
  };
  const created = new Date();
  const policy = defaultKeyPolicy(account, "aws");

  async function one(): Promise<void> {
    const owner = { account, id: randomUUID(), spec: "SYMMETRIC_DEFAULT" } as const;
    const materials = [await material.make(owner, created)];
    await keys.create(
      newKey({ ...owner, region, usage: "ENCRYPT_DECRYPT", description: "", created, policy, principals: {}, tags: new Map(), materials }),
    );
  }

  for (let made = 0; made < count; made += 1000) await Promise.all(Array.from({ length: Math.min(1000, count - made) }, one));
  await database.close();
}

/** The administrator's access key, as the first start left it. */
export function credentialsOf(folder: string): { readonly accessKeyId: string; readonly secretAccessKey: string } {
  const text = readFileSync(join(folder, "aws", "credentials"), "utf8");
  const value = (name: string) => new RegExp(`^${name} = (.+)$`, "m").exec(text)?.[1] ?? "";
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
}
