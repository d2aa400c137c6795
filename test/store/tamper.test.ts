import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { REGIONS } from "#domain/regions";
import { openHost } from "#local/host";
import { operatorLog } from "#pipeline/operator-log";
import { ensureMeta, Tampered, WrongRoot } from "#store";
import { call } from "../pipeline/signed-request.ts";
import { ACCOUNT, HOME } from "../service.ts";
import { type Change, flipped, positions, type Stored, startTampered } from "./tampering.ts";

let store: Awaited<ReturnType<typeof startTampered>>;
const keyIds: string[] = [];
const blobs: string[] = [];
const PLAINTEXTS = ["first plaintext", "second plaintext"];

const api = async (operation: string, body: object) => {
  const answer = await call(store.service, operation, body);
  return { ...answer, json: answer.text === "" ? undefined : JSON.parse(answer.text) };
};

beforeAll(async () => {
  store = await startTampered();
  await ensureMeta(store.database, store.root, { home: HOME, account: ACCOUNT }, new Date());
  for (const [number, plaintext] of PLAINTEXTS.entries()) {
    const { KeyId } = (await api("CreateKey", { Description: `é key ${number}`, Tags: [{ TagKey: "team", TagValue: "a" }] })).json
      .KeyMetadata;
    await api("CreateAlias", { AliasName: `alias/${number}`, TargetKeyId: KeyId });
    blobs.push((await api("Encrypt", { KeyId, Plaintext: Buffer.from(plaintext).toString("base64") })).json.CiphertextBlob);
    keyIds.push(KeyId);
  }
});
afterAll(() => store.stop());

const key = (number: number): Stored => store.row("KEY", keyIds[number]);
const alias = (number: number): Stored => store.row(`ALIAS#alias/${number}`);
const user = (): Stored => store.row("U#administrator");

/** What a call that meets a changed item is: refused without a detail, and told to the operator by the item's name. */
async function requireLoud(operation: string, body: object, { pk, sk }: Stored, what: unknown): Promise<void> {
  const before = store.service.logged.length;
  const answer = await api(operation, body);
  expect({ what, status: answer.status, text: answer.text }).toEqual({ what, status: 500, text: '{"__type":"KMSInternalException"}' });
  const said = store.service.logged.slice(before).join("");
  expect(said).toContain("Tampered");
  expect(said).toContain(`${pk} ${sk}`);
}

/** Every use of an item, and all of them fail while it is not as it was; afterwards all is well. */
type Use = readonly [operation: string, body: object];
const usesOfKey = (number: number): readonly Use[] => [
  ["Decrypt", { CiphertextBlob: blobs[number] }],
  ["Encrypt", { KeyId: keyIds[number], Plaintext: "YQ==" }],
  ["GetKeyPolicy", { KeyId: keyIds[number] }],
  ["TagResource", { KeyId: keyIds[number], Tags: [{ TagKey: "b", TagValue: "c" }] }],
];
const useOfAlias = (number: number): readonly Use[] => [["Encrypt", { KeyId: `alias/${number}`, Plaintext: "YQ==" }]];
const useOfUser: readonly Use[] = [["GenerateRandom", { NumberOfBytes: 1 }]];

async function requireAllLoud(row: Stored, change: Change, uses: readonly Use[], what: unknown, named = row): Promise<void> {
  await store.changed(row, change, async () => {
    for (const [operation, body] of uses) await requireLoud(operation, body, named, what);
  });
}

/** Flips a bit of every byte: the store refuses each; the calls that use the item, in turns, are tried for every eleventh. */
async function flipAll(row: Stored, read: () => Promise<unknown>, uses: readonly Use[]): Promise<void> {
  for (const at of positions(row.body.length, 1)) {
    const change = { body: flipped(row.body, at, 1 << (at % 8)) };
    await store.changed(row, change, () => expect(read()).rejects.toThrow(Tampered));
    if (at % 11 === 0 && uses.length > 0) await requireAllLoud(row, change, [uses[(at / 11) % uses.length] as Use], at);
  }
  expect(await read()).toBeDefined();
  for (const [operation, body] of uses) expect((await api(operation, body)).status).toBe(200);
}

describe("a byte of an item's body that is flipped is detected by the next call that uses it", () => {
  const reader = () => store.service.host.region(HOME);
  const principals = () => store.service.host.shared.principals;

  test.each([0, 1])("of a key", async (number) => {
    const { keys } = await reader();
    await flipAll(key(number), () => keys.get(keyIds[number] ?? ""), usesOfKey(number));
  });

  test("of an alias", async () => {
    const { aliases } = await reader();
    await flipAll(alias(0), () => aliases.get(ACCOUNT, "alias/0"), useOfAlias(0));
  });

  test("of a user", () => flipAll(user(), () => principals().user(ACCOUNT, "administrator"), useOfUser));
  test("of an access key", () => flipAll(store.row("AK"), () => principals().accessKey(store.row("AK").pk.slice(3)), useOfUser));
  test("of an account", () => flipAll(store.row("ACCOUNT"), () => principals().account(ACCOUNT), []));
  test("of a unique id", () => flipAll(store.row("ID"), () => principals().arnOf(store.row("ID").pk.slice(3)), []));
});

describe("so is", () => {
  test.each([
    ["key", () => key(0), () => usesOfKey(0)],
    ["alias", () => alias(0), () => useOfAlias(0)],
    ["user", user, () => useOfUser],
    ["access key", () => store.row("AK"), () => useOfUser],
  ] as const)("any other change of a row: %s", async (_, rowOf, usesOf) => {
    const row = rowOf();
    const tag = row.tag as Buffer;
    const changes: Change[] = [
      ...positions(tag.length, 1).map((at) => ({ tag: flipped(tag, at, 1 << (at % 8)) })),
      ...[0, 1, 16, 31].map((length) => ({ tag: tag.subarray(0, length) })),
      { tag: Buffer.concat([tag, Buffer.alloc(1)]) },
      { tag: null },
      ...[0, 2, 7, -1, null].map((mac_key) => ({ mac_key })),
      ...[-1, 1, 2, 1000, 2 ** 40].map((by) => ({ version: row.version + by })),
      ...[0, 1, 10, row.body.length - 1].map((length) => ({ body: row.body.subarray(0, length) })),
      { body: Buffer.concat([row.body, Buffer.from(" ")]) },
      { body: Buffer.from(row.body.toString().replace("{", "{ ")) },
    ];
    for (const change of changes) await requireAllLoud(row, change, usesOf(), change);
  });

  test("a body that is bytes, not text", async () => {
    const row = key(0);
    store.file.prepare('UPDATE "keys" SET body = CAST(body AS BLOB) WHERE pk = ? AND sk = ?').run(row.pk, row.sk);
    for (const [operation, body] of usesOfKey(0)) await requireLoud(operation, body, row, "blob");
    store.file.prepare('UPDATE "keys" SET body = CAST(body AS TEXT) WHERE pk = ? AND sk = ?').run(row.pk, row.sk);
    expect((await api("Decrypt", { CiphertextBlob: blobs[0] })).status).toBe(200);
  });

  test("an item in the place of another, with its version and MAC", async () => {
    const held = ({ body, tag, mac_key, version }: Stored) => ({ body, tag, mac_key, version });
    const [first, second] = [key(0), key(1)];
    await store.changed(first, held(second), () => requireAllLoud(second, held(first), usesOfKey(1), "swapped"));
    await requireAllLoud(first, held(second), usesOfKey(0), "copied");
    await requireAllLoud(alias(0), held(alias(1)), useOfAlias(0), "alias copied");
    await requireAllLoud(alias(0), held(second), useOfAlias(0), "a key as an alias");
  });

  test("an item moved to where none was", async () => {
    const id = "00000000-1111-4222-8333-444444444444";
    const moved = { ...key(0), pk: `K#${id}` };
    store.insert(moved);
    await requireLoud("Encrypt", { KeyId: id, Plaintext: "YQ==" }, moved, "moved");
    store.remove(moved);
    const renamed = { ...alias(0), sk: "ALIAS#alias/admin" };
    store.insert(renamed);
    await requireLoud("Encrypt", { KeyId: "alias/admin", Plaintext: "YQ==" }, renamed, "renamed");
    store.remove(renamed);
  });

  test("an item moved to another Region", async () => {
    const elsewhere = (body: object) => call(store.service, "Encrypt", { Plaintext: "YQ==", ...body }, { region: "eu-west-1" });
    expect((await elsewhere({ KeyId: keyIds[0] })).error.name).toBe("NotFoundException");
    const moved = { ...key(0), region: "eu-west-1" };
    store.insert(moved);
    expect(await elsewhere({ KeyId: keyIds[0] })).toMatchObject({ status: 500, error: { name: "KMSInternalException", text: undefined } });
    store.remove(moved);
  });

  test("a policy that somebody put back into an item of a later version", async () => {
    const before = key(1);
    const { Policy } = (await api("GetKeyPolicy", { KeyId: keyIds[1] })).json;
    await api("PutKeyPolicy", {
      KeyId: keyIds[1],
      Policy: Policy.replace('"kms:*"', '["kms:*"]'),
      BypassPolicyLockoutSafetyCheck: true,
    });
    const { body, tag } = before;
    await requireAllLoud(key(1), { body, tag }, usesOfKey(1), "rolled back under the new version");
    await requireAllLoud(key(1), { version: before.version }, usesOfKey(1), "the old version's number");
  });
});

describe("a list", () => {
  test("of aliases fails on one that was changed, rather than show it or leave it out", async () => {
    for (const at of positions(alias(1).body.length, 7)) {
      await requireAllLoud(alias(1), { body: flipped(alias(1).body, at, 1) }, [["ListAliases", {}]], at);
    }
  });

  test("by an index believes the item, not the index", async () => {
    const { pk, sk } = alias(1);
    const point = store.file.prepare('UPDATE "keys" SET i1pk = ? WHERE pk = ? AND sk = ?');
    point.run(`T#${keyIds[0]}`, pk, sk);
    const { Aliases } = (await api("ListAliases", { KeyId: keyIds[0] })).json;
    expect(Aliases.map(({ AliasName }: { AliasName: string }) => AliasName)).toEqual(["alias/0"]);
    point.run(`T#${keyIds[1]}`, pk, sk);
  });
});

describe("a start is refused when", () => {
  const start = () =>
    openHost({
      database: store.database,
      roots: store.root,
      home: HOME,
      regions: REGIONS,
      quotas: QUOTA_PROFILES.off,
      sandbox: false,
      operator: operatorLog("error", () => {}),
    });
  const domainKeys = () => store.rows().filter(({ pk }) => pk.startsWith("DOMAIN#"));

  test("any byte of a domain key is not what was written", async () => {
    const rows = domainKeys().filter(({ region }) => region === HOME || region === "global");
    expect(rows.map(({ pk }) => pk).sort()).toEqual([
      "DOMAIN#mac",
      "DOMAIN#mac",
      "DOMAIN#material",
      "DOMAIN#material",
      "DOMAIN#secret",
      "DOMAIN#token",
    ]);
    for (const row of rows) {
      for (const at of positions(row.body.length, 1)) {
        const name = row.pk.slice("DOMAIN#".length);
        const refused = expect.objectContaining({
          name: "WrongRoot",
          message: expect.stringContaining(`domain key ${name} 1 of ${row.region}`),
        });
        await store.changed(row, { body: flipped(row.body, at, 1 << (at % 8)) }, () => expect(start()).rejects.toEqual(refused));
      }
    }
    await start();
  }, 60_000);

  test("a domain key has another's body, or another version", async () => {
    const [one, other] = domainKeys().filter(({ region }) => region === "global") as [Stored, Stored];
    await store.changed(one, { body: other.body }, () => expect(start()).rejects.toThrow(WrongRoot));
    await store.changed(one, { version: 2 }, () => expect(start()).rejects.toThrow(WrongRoot));
  });

  test("a domain key is gone while one that was made after it is there", async () => {
    const [first] = domainKeys().filter(({ region, pk }) => region === HOME && pk === "DOMAIN#material") as [Stored];
    store.remove(first);
    await expect(start()).rejects.toThrow(`The domain key material 1 of ${HOME} is missing.`);
    store.insert(first);
    await start();
  });

  test("what was fixed when the store was made is not what was written", async () => {
    const row = store.row("FORMAT");
    const meta = () => ensureMeta(store.database, store.root, { home: HOME, account: "999999999999" }, new Date());
    for (const at of positions(row.body.length, 1)) {
      await store.changed(row, { body: flipped(row.body, at, 1 << (at % 8)) }, () => expect(meta()).rejects.toThrow(Tampered));
    }
    expect(await meta()).toEqual({ format: 1, home: HOME, account: ACCOUNT });
  });
});
