/** @see AWS KMS Developer Guide, "Retiring and revoking grants" */
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  ListGrantsCommand,
  RetireGrantCommand,
  type RetireGrantCommandInput,
  RevokeGrantCommand,
} from "@aws-sdk/client-kms";
import { beforeEach, describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { ADMINISTRATOR, allowing, denying, OTHER_ACCOUNT, startKms, type TestKey, type TestUser } from "../kms/start.ts";
import { ACCOUNT } from "../service.ts";
import { encrypt } from "./acts.ts";
import { enablesIam, ROOT } from "./examples.ts";
import { SAID, type Why } from "./refusals.ts";

type Facts = Partial<CreateGrantCommandInput>;
interface Cast {
  readonly alice: TestUser;
  readonly bob: TestUser;
}
interface Retired {
  /** Who tries. */
  readonly by: (cast: Cast, key: TestKey) => TestUser | Promise<TestUser>;
  /** What the grant says beyond that bob may encrypt. */
  readonly grant: (cast: Cast) => Facts;
  readonly account?: string;
}

describe("a grant is retired", () => {
  const kms = startKms();
  let cast: Cast;
  let key: TestKey;

  beforeEach(async () => {
    [key, cast] = [await kms.key(), { alice: await kms.someone(), bob: await kms.someone() }];
  });

  const grantFor = async (facts: Facts, client = kms.client) => {
    const input = { KeyId: key.arn, GranteePrincipal: cast.bob.arn, Operations: ["Encrypt" as const], ...facts };
    const { GrantId, GrantToken } = await client.send(new CreateGrantCommand(input));
    return { byId: { KeyId: key.arn, GrantId }, byToken: { GrantToken } };
  };
  const retire = ({ client }: TestUser, input: RetireGrantCommandInput) => client.send(new RetireGrantCommand(input));
  const grants = async () => (await kms.client.send(new ListGrantsCommand({ KeyId: key.arn }))).Grants?.length;
  const refusedRetiring = (who: TestUser, said: string, ...whys: Why[]) =>
    expect(whys.map((why) => SAID[why]({ who: who.arn, action: "kms:RetireGrant", on: key.arn }))).toContain(said);

  const MAY: Record<string, Retired> = {
    "whom it names to retire it": { by: ({ alice }) => alice, grant: ({ alice }) => ({ RetiringPrincipal: alice.arn }) },
    "its grantee, when it says so": { by: ({ bob }) => bob, grant: () => ({ Operations: ["Encrypt", "RetireGrant"] }) },
    "its grantee, when it says so, whatever its constraint": {
      by: ({ bob }) => bob,
      grant: () => ({ Operations: ["Encrypt", "RetireGrant"], Constraints: { EncryptionContextEquals: { a: "1" } } }),
    },
    "its grantee, whom it names to retire it": { by: ({ bob }) => bob, grant: ({ bob }) => ({ RetiringPrincipal: bob.arn }) },
    "those to whom the account that may retire it leaves it": {
      by: (_, { arn }) => kms.someone([allowing("kms:RetireGrant", arn)]),
      grant: () => ({ RetiringPrincipal: ROOT }),
    },
    "those to whom the account in which it was made leaves it": {
      by: (_, { arn }) => kms.someone([allowing("kms:RetireGrant", arn)]),
      grant: () => ({}),
    },
    "somebody of another account whom it names, who has the permission over there": {
      by: async () => (foreign ??= await kms.someone([allowing("kms:RetireGrant")], OTHER_ACCOUNT)),
      grant: () => ({ RetiringPrincipal: foreign?.arn }),
      account: OTHER_ACCOUNT,
    },
  };
  let foreign: TestUser | undefined;

  describe.each(Object.entries(MAY))("by %s", (_, { by, grant, account }) => {
    it.each(["byId", "byToken"] as const)("%s, and gives nothing at the next call", async (how) => {
      const who = await by(cast, key);
      const made = (await grantFor(grant(cast)))[how];
      expect((await kms.told(await retire(who, made), undefined, account)).caller).toBe(who.arn);
      expect(await grants()).toBe(0);
      expect(await kms.refused(encrypt().by(cast.bob.client, key, cast.bob))).toBe(
        SAID["no identity policy"]({ who: cast.bob.arn, action: "kms:Encrypt", on: key.arn }),
      );
    });
  });

  const MAY_NOT: Record<string, Retired> = {
    somebody: { by: ({ alice }) => alice, grant: () => ({}) },
    "somebody, where it names another": { by: ({ alice }) => alice, grant: () => ({ RetiringPrincipal: ADMINISTRATOR }) },
    "its grantee, when it does not say so": { by: ({ bob }) => bob, grant: ({ alice }) => ({ RetiringPrincipal: alice.arn }) },
    "somebody of the account that may retire it, without the permission": {
      by: ({ alice }) => alice,
      grant: () => ({ RetiringPrincipal: ROOT }),
    },
    "who has the permission for another key": {
      by: (_, { arn }) => kms.someone([allowing("kms:RetireGrant", `${arn}0`)]),
      grant: () => ({}),
    },
    "who may revoke it": { by: () => kms.someone([allowing(["kms:RevokeGrant", "kms:CreateGrant", "kms:ListGrants"])]), grant: () => ({}) },
    "the grantee of another grant that says so": {
      by: async ({ alice }) => {
        await grantFor({ GranteePrincipal: alice.arn, Operations: ["RetireGrant", "Encrypt"] });
        return alice;
      },
      grant: () => ({}),
    },
    "whom the key policy alone allows it": {
      by: async ({ alice }, { id }) => {
        await setPolicy(kms, id, [enablesIam, { ...enablesIam, Sid: "Retire", Principal: { AWS: alice.arn }, Action: "kms:RetireGrant" }]);
        return alice;
      },
      grant: () => ({}),
    },
  };

  describe.each(Object.entries(MAY_NOT))("not by %s", (_, { by, grant }) => {
    it.each(["byId", "byToken"] as const)("%s, and stays", async (how) => {
      const who = await by(cast, key);
      const made = (await grantFor(grant(cast)))[how];
      const before = await grants();
      refusedRetiring(who, await kms.refused(retire(who, made)), "no identity policy", "no key policy");
      expect(await grants()).toBe(before);
      expect((await encrypt().by(cast.bob.client, key, cast.bob)).$metadata.httpStatusCode).toBe(200);
    });
  });

  it("not by who made it, without the permission", async () => {
    const maker = await kms.someone([allowing("kms:CreateGrant", key.arn)]);
    const { byId } = await grantFor({}, maker.client);
    refusedRetiring(maker, await kms.refused(retire(maker, byId)), "no identity policy", "no key policy");
    expect(await grants()).toBe(1);
  });

  it("not by who is named and denied it, by an identity policy or the key policy", async () => {
    const denied = await kms.someone([denying("kms:RetireGrant", key.arn)]);
    const first = await grantFor({ RetiringPrincipal: denied.arn });
    refusedRetiring(denied, await kms.refused(retire(denied, first.byToken)), "denied by identity policy");
    const { alice } = cast;
    const second = await grantFor({ RetiringPrincipal: alice.arn });
    await setPolicy(kms, key.id, [
      enablesIam,
      { ...enablesIam, Sid: "No", Effect: "Deny", Principal: { AWS: alice.arn }, Action: "kms:RetireGrant" },
    ]);
    refusedRetiring(alice, await kms.refused(retire(alice, second.byId)), "denied by key policy");
    expect(await grants()).toBe(2);
  });

  it("not by another user under the name of who may", async () => {
    const { byId, byToken } = await grantFor({ RetiringPrincipal: cast.alice.arn });
    const namesake = await kms.namesake(cast.alice);
    for (const named of [byId, byToken])
      refusedRetiring(namesake, await kms.refused(retire(namesake, named)), "no identity policy", "no key policy");
    expect(await grants()).toBe(1);
  });

  it("not by strangers, whatever their own account allows", async () => {
    const stranger = await kms.someone([allowing("*")], OTHER_ACCOUNT);
    const { byId, byToken } = await grantFor({});
    for (const named of [byId, byToken])
      refusedRetiring(stranger, await kms.refused(retire(stranger, named), undefined, OTHER_ACCOUNT), "foreign key");
    expect(await grants()).toBe(1);
  });

  it("retiring is not revoking, and neither permission is the other", async () => {
    const retirer = await kms.someone([allowing("kms:RetireGrant")]);
    const { byId } = await grantFor({ RetiringPrincipal: retirer.arn });
    const said = await kms.refused(retirer.client.send(new RevokeGrantCommand(byId)));
    expect(said).toBe(SAID["no identity policy"]({ who: retirer.arn, action: "kms:RevokeGrant", on: key.arn }));
    const revoker = await kms.someone([allowing("kms:RevokeGrant", `arn:aws:kms:*:${ACCOUNT}:key/*`)]);
    await revoker.client.send(new RevokeGrantCommand(byId));
    expect(await grants()).toBe(0);
  });
});
