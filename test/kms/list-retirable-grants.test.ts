import {
  type KMSClient,
  ListKeysCommand,
  ListRetirableGrantsCommand,
  type ListRetirableGrantsCommandInput,
  RevokeGrantCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, HOME } from "../service.ts";
import { create, storedGrant } from "./granting.ts";
import { itAnswersInPages } from "./pages.ts";
import { itNeedsPermissionOnEverything } from "./permissions.ts";
import { ADMINISTRATOR, allowing, members, OTHER_ACCOUNT, OTHER_REGION, startKms, type TestKey, type TestUser } from "./start.ts";

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const list = (client: KMSClient, rest: Partial<ListRetirableGrantsCommandInput>) => client.send(new ListRetirableGrantsCommand(rest));

describe("ListRetirableGrants", () => {
  const kms = startKms();
  let alice: TestUser;
  let keys: TestKey[];
  const ids: string[] = [];
  const of = async (RetiringPrincipal: string, rest: Partial<ListRetirableGrantsCommandInput> = {}, client = kms.client) =>
    (await list(client, { RetiringPrincipal, ...rest })).Grants?.map(({ GrantId }) => GrantId);

  beforeAll(async () => {
    alice = await kms.someone();
    keys = [await kms.key(), await kms.key(), await kms.key()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const key of keys) {
      const made = [
        await create(kms.client, key.id, { RetiringPrincipal: alice.arn }),
        await create(kms.client, key.id, { RetiringPrincipal: alice.arn }),
      ];
      await create(kms.client, key.id);
      ids.push(...made.map(({ GrantId }) => GrantId ?? "").sort());
    }
  });

  it("answers the grants on all keys that a principal may retire", async () => {
    expect(await of(alice.arn)).toEqual(ids);
    expect(await of(ROOT)).toEqual([]);
    expect(await of(ACCOUNT)).toEqual([]);
  });

  it("shows them as ListGrants does", async () => {
    const { Grants, ...page } = members(await list(kms.client, { RetiringPrincipal: alice.arn, Limit: 1 }));
    const entry = { GrantId: ids[0], Name: "", CreationDate: kms.now(), GranteePrincipal: ADMINISTRATOR, RetiringPrincipal: alice.arn };
    expect(Grants).toEqual([{ ...entry, KeyId: keys[0]?.arn, IssuingAccount: ROOT, Operations: ["Encrypt"] }]);
    expect(page).toEqual({ Truncated: true, NextMarker: expect.any(String) });
  });

  it("answers those on keys of other accounts, and of the Region that is called only", async () => {
    const theirs = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
    const { GrantId } = await create(kms.client, keys[0]?.id ?? "", { RetiringPrincipal: theirs.arn });
    expect(await of(theirs.arn, {}, theirs.client)).toEqual([GrantId]);
    expect(await of(theirs.arn, {}, kms.kms(theirs, OTHER_REGION))).toEqual([]);
  });

  it("answers none on a key that is gone, swept or not", async () => {
    const bob = await kms.someone();
    const gone = await kms.keyIn("Gone");
    await storedGrant(kms, gone.id, { retiring: { principal: bob.arn, id: bob.id } });
    expect(await of(bob.arn)).toEqual([]);
  });

  it("answers none to another user under the same name", async () => {
    const bob = await kms.someone();
    await create(kms.client, keys[0]?.id ?? "", { RetiringPrincipal: bob.arn });
    expect(await of(bob.arn)).toHaveLength(1);
    await kms.namesake(bob);
    expect(await of(bob.arn)).toEqual([]);
  });

  it("goes on where it was while grants come and go, and answers none twice", async () => {
    const [bob, key] = [await kms.someone(), await kms.key()];
    const grant = async () => (await create(kms.client, key.id, { RetiringPrincipal: bob.arn })).GrantId ?? "";
    const before = (await Promise.all(Array.from({ length: 6 }, grant))).sort();
    const first = await list(kms.client, { RetiringPrincipal: bob.arn, Limit: 2 });
    for (const GrantId of [before[1], before[3]]) await kms.client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId }));
    expect(await of(bob.arn, { Marker: first.NextMarker })).toEqual([2, 4, 5].map((at) => before[at]));
  });

  it.each([`arn:aws:iam::${ACCOUNT}:user/nobody`, `arn:aws:iam::${ACCOUNT}:group/a`, "nobody"])(
    "refuses what is no principal: %s",
    async (principal) => {
      expect(await kms.refused(list(kms.client, { RetiringPrincipal: principal }))).toBe(
        `InvalidArnException: ARN does not refer to a valid principal: ${principal}`,
      );
    },
  );

  it("refuses a principal of another account, there or not, and a service to who is none", async () => {
    const theirs = `arn:aws:iam::${OTHER_ACCOUNT}:user/nobody`;
    expect(await kms.refused(list(kms.client, { RetiringPrincipal: theirs }))).toMatch(/^AccessDeniedException: /);
    expect(await kms.refused(list(kms.client, { RetiringServicePrincipal: "logs.us-east-1.amazonaws.com" }))).toMatch(
      /^AccessDeniedException: /,
    );
  });

  it("refuses none and both of the two ways to name a principal", async () => {
    const service = "logs.us-east-1.amazonaws.com";
    for (const rest of [{}, { RetiringPrincipal: ROOT, RetiringServicePrincipal: service }])
      expect(await kms.refused(list(kms.client, rest))).toMatch(/^ValidationException: /);
  });

  it("takes a marker only for the principal that it was answered for", async () => {
    const { NextMarker: Marker } = await list(kms.client, { RetiringPrincipal: alice.arn, Limit: 1 });
    expect(await kms.refused(list(kms.client, { RetiringPrincipal: ROOT, Marker }))).toMatch(/^InvalidMarkerException: /);
  });

  it("leaves a record, about no key", async () => {
    expect(await kms.told(await list(kms.client, { RetiringPrincipal: ROOT, Limit: 2 }), HOME)).toEqual({
      event: "ListRetirableGrants",
      caller: ADMINISTRATOR,
      parameters: { retiringPrincipal: ROOT, limit: 2 },
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  itAnswersInPages(kms, {
    list: async (client, page) => {
      const answer = await list(client, { RetiringPrincipal: alice.arn, ...page });
      return { ...answer, names: (answer.Grants ?? []).map(({ GrantId }) => GrantId) };
    },
    all: () => ids,
    most: 100,
    policy: allowing("kms:ListRetirableGrants"),
    another: (page) => kms.client.send(new ListKeysCommand(page)),
  });
  itNeedsPermissionOnEverything(kms, "kms:ListRetirableGrants", (client) => list(client, { RetiringPrincipal: ROOT }));
});
