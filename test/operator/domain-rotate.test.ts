import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateMacCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, test } from "vitest";
import { rotateDomainKeys } from "#operator/domain-rotate";
import { operatorLog } from "#pipeline/operator-log";
import { ensureMeta, GLOBAL, inspectRows, type Roots } from "#store";
import { ensureAuditKey } from "#store/audit-keys";
import { domainKeys } from "#store/domain-keys";
import { materialsOf } from "#store/materials";
import { requestId } from "#wire/request-id";
import { EXTERNAL, FOR_EVER, importInto, newMaterial, parametersFor, wrapped } from "../kms/imported.ts";
import { ACCOUNT, HOME, type Service, startService, testRoot } from "../service.ts";
import { mortal } from "../timers/mortal.ts";
import { type Asked, anotherServer } from "./another-server.ts";

const REGIONS = [HOME, "eu-west-1"];
const MESSAGE = Buffer.from("kept");
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const another = ({ database, root, service: { administrator } }: Pick<Made, "database" | "root" | "service">): Promise<Asked> =>
  anotherServer({ database, roots: root, regions: REGIONS, administrator }, (stop) => void stops.push(stop));

const asked = (service: Service): Asked => ({
  kms: (region) => service.kms(service.administrator, region),
  sts: (credentials) => service.sts(credentials),
});

/** A store with something of each kind that is under a domain key, and what is to hold for it whatever happens. */
async function made() {
  const store = mortal();
  const { database } = store;
  stops.push(() => database.close());
  const root = testRoot();
  await ensureMeta(database, root, { home: HOME, account: ACCOUNT }, new Date());
  const service = await startService({ database, root, regions: REGIONS });
  stops.push(() => service.stop());
  const held: ((now: Asked) => Promise<void>)[] = [];
  for (const region of REGIONS) held.push(...(await heldIn(region, service)));
  held.push(await heldInBoth(service));
  const user = await service.user("somebody");
  held.push(async (now) => void (await now.sts(user).send(new GetCallerIdentityCommand({}))));
  for (const region of REGIONS) {
    const shared = domainKeys(database, GLOBAL, root);
    const { publicKey } = await ensureAuditKey(database.table("log", region), region, shared);
    held.push(async () => {
      const again = domainKeys(database, GLOBAL, root);
      expect((await ensureAuditKey(database.table("log", region), region, again)).publicKey).toBe(publicKey);
    });
  }
  return { store, database, root, service, requireHeld: (now: Asked) => Promise.all(held.map((holds) => holds(now))) };
}
type Made = Awaited<ReturnType<typeof made>>;

async function heldIn(region: string, service: Service) {
  const kms = service.kms(service.administrator, region);
  const key = async (input = {}) => (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? "";
  const decrypts = async (KeyId: string) => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
    return async (now: Asked) => {
      const { Plaintext } = await client(now).send(new DecryptCommand({ CiphertextBlob }));
      expect(Buffer.from(Plaintext ?? [])).toEqual(MESSAGE);
    };
  };
  const client = (now: Asked): KMSClient => now.kms(region);

  const rotated = await key();
  const held = [await decrypts(rotated)];
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: rotated }));
  held.push(await decrypts(rotated));

  const imported = await key(EXTERNAL);
  await importInto(kms, imported, newMaterial("SYMMETRIC_DEFAULT"));
  held.push(await decrypts(imported));
  // Material that waits for its rotation.
  await importInto(kms, imported, newMaterial("SYMMETRIC_DEFAULT"), { ...FOR_EVER, ImportType: "NEW_KEY_MATERIAL" });

  const pair = await key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const signed = { KeyId: pair, Message: MESSAGE, SigningAlgorithm: "ECDSA_SHA_256" } as const;
  const { Signature } = await kms.send(new SignCommand(signed));
  held.push(async (now) => {
    await client(now).send(new SignCommand(signed));
    expect((await client(now).send(new VerifyCommand({ ...signed, Signature }))).SignatureValid).toBe(true);
  });
  const authenticated = { KeyId: await key({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" }), Message: MESSAGE } as const;
  const { Mac } = await kms.send(new GenerateMacCommand({ ...authenticated, MacAlgorithm: "HMAC_SHA_256" }));
  held.push(async (now) => {
    await client(now).send(new VerifyMacCommand({ ...authenticated, MacAlgorithm: "HMAC_SHA_256", Mac }));
  });

  // An import that has been begun.
  const awaited = await key(EXTERNAL);
  const parameters = await parametersFor(kms, awaited);
  const material = newMaterial("SYMMETRIC_DEFAULT");
  held.push(async (now) => {
    const EncryptedKeyMaterial = wrapped(parameters, "RSAES_OAEP_SHA_256", material);
    const input = { KeyId: awaited, ImportToken: parameters.ImportToken, EncryptedKeyMaterial, ...FOR_EVER };
    await client(now).send(new ImportKeyMaterialCommand(input));
  });
  return held;
}

/** A key that is in both Regions: what the one encrypts the other decrypts. */
async function heldInBoth(service: Service): Promise<(now: Asked) => Promise<void>> {
  const [here = HOME, there = HOME] = REGIONS;
  const kms = (region: string, now = asked(service)) => now.kms(region);
  const { KeyMetadata } = await kms(here).send(new CreateKeyCommand({ MultiRegion: true }));
  const KeyId = KeyMetadata?.KeyId ?? "";
  await kms(here).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: there }));
  await service.host.settle();
  const encrypt = new EncryptCommand({ KeyId, Plaintext: MESSAGE });
  const sealed = (await kms(here).send(encrypt)).CiphertextBlob;
  return async (now) => {
    for (const CiphertextBlob of [sealed, (await kms(here, now).send(encrypt)).CiphertextBlob]) {
      const { Plaintext = [] } = await kms(there, now).send(new DecryptCommand({ CiphertextBlob }));
      expect(Buffer.from(Plaintext)).toEqual(MESSAGE);
    }
  };
}

function rotate({ database, root }: Pick<Made, "database"> & { readonly root: Roots }, settle = async () => {}) {
  const now = () => new Date();
  const place = { region: HOME, home: HOME, shards: 1 };
  const parts = { now, newId: () => requestId(now()), operator: operatorLog("error", () => undefined) };
  return rotateDomainKeys({ database, roots: root, ...place, ...parts }, { settle, regions: () => REGIONS });
}

const domainRows = async ({ database }: Made): Promise<string[]> => {
  const tables = [
    ["shared-domains", GLOBAL],
    ["domains", HOME],
    ["domains", "eu-west-1"],
  ] as const;
  const pages = await Promise.all(tables.map(([name, region]) => database.table(name, region).scan({ limit: 100 })));
  return pages.flatMap(({ rows }, index) => rows.map(({ pk, sk }) => `${tables[index]?.[1]} ${pk} ${sk}`));
};

async function requireWhole({ database, root }: Made): Promise<void> {
  for (const region of [GLOBAL, ...REGIONS])
    for await (const row of inspectRows(database, region, root)) expect(row).not.toHaveProperty("wrong");
}

describe("a rotation of domain keys", () => {
  test("wraps anew all that is under one, beside a server that goes on, and destroys the former", async () => {
    const site = await made();
    // Of each Region four keys and three imports; two access keys; the key that signs the log of each Region.
    expect(await rotate(site)).toEqual({ domainKeys: 4, items: 2 * (4 + 3) + 2 + 2 + 3 });
    expect((await domainRows(site)).sort()).toEqual([
      "eu-west-1 DOMAIN#mac V#1",
      "eu-west-1 DOMAIN#material V#2",
      "global DOMAIN#mac V#1",
      "global DOMAIN#material V#2",
      "global DOMAIN#secret V#2",
      "global DOMAIN#token V#1",
      "us-east-1 DOMAIN#mac V#1",
      "us-east-1 DOMAIN#material V#2",
    ]);
    await requireWhole(site);
    // One that was there before, and one that starts now.
    await site.requireHeld(asked(site.service));
    await site.requireHeld(await another(site));
    const { KeyMetadata } = await site.service.kms().send(new CreateKeyCommand({}));
    const row = await site.database.table("keys", HOME).get({ pk: `K#${KeyMetadata?.KeyId}`, sk: "KEY" });
    expect(JSON.parse(row?.body ?? "").materials[0].d).toBe(2);
  });

  test("may be done again, and each time makes the next version", async () => {
    const site = await made();
    for (const version of [2, 3, 4]) {
      await rotate(site);
      expect((await domainRows(site)).filter((row) => row.includes("#material V#") && row.startsWith(HOME))).toEqual([
        `${HOME} DOMAIN#material V#${version}`,
      ]);
    }
    await site.requireHeld(await another(site));
  });

  test("makes a deletion final: a row that somebody kept does not open when it is put back", async () => {
    const site = await made();
    const kms = site.service.kms();
    const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand({}));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
    const table = site.database.table("keys", HOME);
    const at = { pk: `K#${KeyId}`, sk: "KEY" };
    const kept = await table.get(at);
    if (!kept) throw new Error("There is no such row.");
    await table.delete(at, kept.version);
    await rotate(site);
    await table.put(kept);
    const again = (await another(site)).kms(HOME);
    await expect(again.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });

  test("finds what was wrapped under the former key and is written late", async () => {
    const site = await made();
    const kms = site.service.kms();
    const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand({}));
    const table = site.database.table("keys", HOME);
    const at = { pk: `K#${KeyId}`, sk: "KEY" };
    const late = await table.get(at);
    if (!late) throw new Error("There is no such row.");
    await table.delete(at, late.version);
    await rotate(site, () => table.put(late));
    const again = (await another(site)).kms(HOME);
    await again.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
  });

  test("destroys nothing while something does not open, or cannot be wrapped anew", async () => {
    const site = await made();
    const before = await domainRows(site);
    const table = site.database.table("keys", HOME);
    const { rows } = await table.scan({ limit: 1000 });
    const row = rows.find(({ body, sk }) => sk === "KEY" && body.includes('"w":"'));
    if (!row) throw new Error("There is no key.");
    await table.put({ ...row, body: row.body.replace(/"w":"../, '"w":"AA') }, row.version);
    await expect(rotate(site)).rejects.toThrow(/is not what was written there/);
    expect(await domainRows(site)).toEqual(expect.arrayContaining(before));
    await table.put(row, row.version);
    await rotate(site);
    await site.requireHeld(await another(site));
  });

  test("is written down, with its outcome", async () => {
    const site = await made();
    await rotate(site);
    const told = (await site.service.log()).filter(({ record }) => record.e === "RotateDomainKeys");
    expect(told.map(({ id }) => id.endsWith("#I")).sort()).toEqual([false, true]);
  });
});

test("a rotation that ends at any write leaves a store that works, and is ended by the next", { timeout: 300_000 }, async () => {
  let survived = false;
  for (let writes = 0; !survived; writes += 1) {
    const site = await made();
    site.store.dieAfter(writes);
    await rotate(site).catch(() => undefined);
    survived = site.store.survived();
    site.store.recover();
    const again = await another(site);
    if (writes % 2 === 0) await site.requireHeld(again);
    await requireWhole(site);
    await rotate(site);
    expect((await domainRows(site)).filter((row) => /#(material|secret) V#/.test(row))).toHaveLength(4);
    await site.requireHeld(await another(site));
    await requireWhole(site);
    for (const stop of stops.splice(0).reverse()) await stop();
  }
});

test("a server that is told of no rotation wraps under the newest domain key there is", async () => {
  const site = await made();
  const keys = domainKeys(site.database, HOME, site.root);
  expect((await keys.current("material")).version).toBe(1);
  await rotate(site);
  expect((await keys.current("material")).version).toBe(2);
  // And has forgotten what was destroyed.
  expect(await keys.version("material", 1)).toBeUndefined();
  expect(await materialsOf(keys, keys).make({ account: ACCOUNT, id: "x", spec: "SYMMETRIC_DEFAULT" }, new Date())).toMatchObject({
    domainKey: 2,
  });
});
