import { type KMSClient, ListGrantsCommand, type ListGrantsCommandInput, ListKeysCommand, RevokeGrantCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT } from "../service.ts";
import { create, newGrantId } from "./granting.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itAnswersInPages } from "./pages.ts";
import { itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, allowing, members, startKms, type TestKey, type TestUser } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const list = (client: KMSClient, KeyId: string, rest: Partial<ListGrantsCommandInput> = {}) =>
  client.send(new ListGrantsCommand({ KeyId, ...rest }));

describe("ListGrants", () => {
  const kms = startKms();
  let key: TestKey;
  let alice: TestUser;
  const ids: string[] = [];
  const grant = async (rest = {}, KeyId = key.id) => (await create(kms.client, KeyId, rest)).GrantId ?? "";
  const listed = async (rest: Partial<ListGrantsCommandInput> = {}, KeyId = key.id) => {
    const { Grants, ...page } = await list(kms.client, KeyId, rest);
    return { ...page, names: (Grants ?? []).map(({ GrantId }) => GrantId) };
  };

  beforeAll(async () => {
    key = await kms.key();
    await kms.key();
    await kms.key();
    alice = await kms.someone();
    for (let made = 0; made < 6; made += 1) ids.push(await grant(made < 2 ? { GranteePrincipal: alice.arn } : {}));
    ids.sort();
  });

  it("shows everything that a grant says", async () => {
    const other = await kms.key();
    const Constraints = { EncryptionContextSubset: { a: "1", __proto__x: "é" } };
    const asked = {
      GranteePrincipal: alice.arn,
      RetiringPrincipal: ROOT,
      Constraints,
      Name: "n",
      Operations: ["Decrypt", "CreateGrant"],
    } as const;
    const GrantId = await grant(asked, other.id);
    expect(members(await list(kms.client, other.arn))).toEqual({
      Grants: [{ ...asked, KeyId: other.arn, GrantId, CreationDate: kms.now(), IssuingAccount: ROOT }],
      Truncated: false,
    });
  });

  it("shows an empty name, and no constraint and nobody to retire it, where there is none", async () => {
    const other = await kms.key();
    const GrantId = await grant({}, other.id);
    const entry = { KeyId: other.arn, GrantId, Name: "", CreationDate: kms.now(), IssuingAccount: ROOT };
    expect((await list(kms.client, other.id)).Grants).toEqual([{ ...entry, GranteePrincipal: ADMINISTRATOR, Operations: ["Encrypt"] }]);
  });

  it("answers no grants of a key that has none", async () => {
    expect(members(await list(kms.client, (await kms.key()).id))).toEqual({ Grants: [], Truncated: false });
  });

  it("answers the grant with an id", async () => {
    expect((await listed({ GrantId: ids[3] })).names).toEqual([ids[3]]);
  });

  it("answers the grants to one principal", async () => {
    const { names } = await listed({ GranteePrincipal: alice.arn });
    expect(names).toHaveLength(2);
    const first = await listed({ GranteePrincipal: alice.arn, Limit: 1 });
    const second = await listed({ GranteePrincipal: alice.arn, Limit: 1, Marker: first.NextMarker });
    expect([...first.names, ...second.names]).toEqual(names);
    expect(second.Truncated).toBe(false);
    expect((await listed({ GranteePrincipal: alice.arn, GrantId: names[0] })).names).toEqual([names[0]]);
    expect((await listed({ GranteePrincipal: ROOT, GrantId: names[0] })).names).toEqual([]);
    expect((await listed({ GranteePrincipal: ROOT })).names).toEqual([]);
  });

  it("answers the grants to one service", async () => {
    const other = await kms.key();
    const GranteeServicePrincipal = "logs.us-east-1.amazonaws.com";
    const Constraints = { SourceArn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:a` };
    const [id] = [await grant({ GranteeServicePrincipal, Constraints, RetiringPrincipal: ROOT }, other.id), await grant({}, other.id)];
    expect((await listed({ GranteeServicePrincipal }, other.id)).names).toEqual([id]);
  });

  it("shows a grantee whose name is another user's by now by its unique id", async () => {
    const [other, bob] = [await kms.key(), await kms.someone()];
    await grant({ GranteePrincipal: bob.arn }, other.id);
    expect((await list(kms.client, other.id)).Grants).toMatchObject([{ GranteePrincipal: bob.arn }]);
    await kms.namesake(bob);
    expect((await list(kms.client, other.id)).Grants).toMatchObject([{ GranteePrincipal: bob.id }]);
  });

  it("goes on where it was while grants come and go, and answers none twice", async () => {
    const other = await kms.key();
    const before = (await Promise.all(Array.from({ length: 8 }, () => grant({}, other.id)))).sort();
    const first = await listed({ Limit: 3 }, other.id);
    for (const GrantId of [before[0], before[2], before[5]]) await kms.client.send(new RevokeGrantCommand({ KeyId: other.id, GrantId }));
    const added = (await Promise.all(Array.from({ length: 4 }, () => grant({}, other.id)))).filter((id) => id > (before[2] ?? ""));
    const rest = await listed({ Limit: 100, Marker: first.NextMarker }, other.id);
    expect(first.names).toEqual(before.slice(0, 3));
    expect(rest.names).toEqual([...[3, 4, 6, 7].map((at) => before[at]), ...added].sort());
  });

  it("answers fifty at a time unless it is told otherwise", async () => {
    const other = await kms.key();
    await Promise.all(Array.from({ length: 51 }, () => grant({}, other.id)));
    const first = await listed({}, other.id);
    expect({ count: first.names.length, Truncated: first.Truncated }).toEqual({ count: 50, Truncated: true });
    expect((await listed({ Limit: 100 }, other.id)).names).toHaveLength(51);
  });

  it.each(["nothing", "A".repeat(64), newGrantId()])("refuses the id of no grant: %s", async (GrantId) => {
    expect(await kms.refused(list(kms.client, key.id, { GrantId }))).toBe(`InvalidGrantIdException: Invalid grant ID '${GrantId}'`);
  });

  it("refuses as grantee what is no principal", async () => {
    expect(await kms.refused(list(kms.client, key.id, { GranteePrincipal: "nobody" }))).toBe(
      "InvalidArnException: ARN does not refer to a valid principal: nobody",
    );
  });

  it("takes a marker only for the key and the filter that it was answered for", async () => {
    const { NextMarker: Marker } = await listed({ Limit: 1 });
    for (const [KeyId, rest] of [
      [(await kms.key()).id, {}],
      [key.id, { GranteePrincipal: alice.arn }],
    ] as const)
      expect(await kms.refused(list(kms.client, KeyId, { ...rest, Marker }))).toMatch(/^InvalidMarkerException: /);
  });

  it("leaves a record", async () => {
    expect(await kms.told(await list(kms.client, key.id, { Limit: 2 }))).toEqual({
      event: "ListGrants",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, limit: 2 },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  itAnswersInPages(kms, {
    list: async (client, page) => {
      const answer = await list(client, key.id, page);
      return { ...answer, names: (answer.Grants ?? []).map(({ GrantId }) => GrantId) };
    },
    all: () => ids,
    most: 100,
    policy: allowing("kms:ListGrants"),
    another: (page) => kms.client.send(new ListKeysCommand(page)),
  });
  itTakesIdsAndArns(kms, "kms:ListGrants", list);
  itFollowsKeyStates(kms, list, always);
  itNeedsPermission(kms, "kms:ListGrants", list);
  itWorksAcrossAccounts(kms, "kms:ListGrants", list);
  itRequires(kms, "keyId", (client) => client.send(new ListGrantsCommand({} as never)));
});
