import { CreateAliasCommand, CreateGrantCommand, CreateKeyCommand, PutKeyPolicyCommand, TagResourceCommand } from "@aws-sdk/client-kms";
import { expect, onTestFinished, test } from "vitest";
import { ACCOUNT, startService } from "../service.ts";

const TENANT = "444455556666";
const EVERYTHING = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };

test("what was set for an account is how much it may have of a resource", async () => {
  const service = await startService();
  onTestFinished(() => service.stop());
  await service.host.shared.principals.createAccount({
    ...{ id: TENANT, name: "tenant", created: new Date(), version: 0 },
    quotas: { AliasesPerKey: 1, GrantsPerKey: 2, TagsPerKey: 3, KeyPolicySize: 40_000 },
  });
  const kms = service.kms(await service.user("tenant", [EVERYTHING], TENANT));
  const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand({}));
  const tags = (count: number) => Array.from({ length: count }, (_, n) => ({ TagKey: `tag-${n}`, TagValue: "" }));
  const policyOf = (size: number) => {
    const Statement = { Sid: "", Effect: "Allow", Principal: { AWS: `arn:aws:iam::${TENANT}:root` }, Action: "kms:*", Resource: "*" };
    const text = JSON.stringify({ Version: "2012-10-17", Statement });
    return text.replace("{", `{${" ".repeat(size - text.length)}`);
  };
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => "done",
      ({ name, message }: Error) => `${name}: ${message}`,
    );
  const alias = (name: string) => outcome(kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyId })));
  const grant = () => outcome(kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal: TENANT, Operations: ["Encrypt"] })));
  const policy = (size: number) => outcome(kms.send(new PutKeyPolicyCommand({ KeyId, Policy: policyOf(size) })));

  expect([await alias("one"), await alias("two")]).toEqual(["done", expect.stringMatching(/^LimitExceeded.* is 1 but/)]);
  expect([await grant(), await grant(), await grant()]).toEqual(["done", "done", expect.stringMatching(/ is 2 but/)]);
  expect(await outcome(kms.send(new TagResourceCommand({ KeyId, Tags: tags(3) })))).toBe("done");
  expect(await outcome(kms.send(new TagResourceCommand({ KeyId, Tags: tags(4) })))).toBe("TagException: Too many tags");
  expect(await outcome(kms.send(new CreateKeyCommand({ Tags: tags(4) })))).toBe("TagException: Too many tags");
  expect([await policy(40_000), await policy(40_001)]).toEqual(["done", expect.stringContaining("LimitExceededException")]);
});

test("how many grants a key may have is its own account's to say, whoever makes them", async () => {
  const service = await startService();
  onTestFinished(() => service.stop());
  const { principals } = service.host.shared;
  await principals.createAccount({ id: TENANT, name: "tenant", created: new Date(), version: 0, quotas: { GrantsPerKey: 1 } });
  const open = { Version: "2012-10-17", Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" } };
  const shared = { Policy: JSON.stringify(open), BypassPolicyLockoutSafetyCheck: true };
  const [tenant, other] = [service.kms(await service.user("tenant", [EVERYTHING], TENANT)), service.kms()];
  const keyOf = async (kms: typeof tenant) => (await kms.send(new CreateKeyCommand(shared))).KeyMetadata?.Arn;
  const outcomes = async (kms: typeof tenant, KeyId: string | undefined) => {
    const made = [];
    for (const Name of ["one", "two"]) {
      const grant = new CreateGrantCommand({ KeyId, GranteePrincipal: ACCOUNT, Operations: ["Encrypt"], Name });
      made.push(
        await kms.send(grant).then(
          () => "done",
          ({ name }: Error) => name,
        ),
      );
    }
    return made;
  };

  expect(await outcomes(other, await keyOf(tenant))).toEqual(["done", "LimitExceededException"]);
  expect(await outcomes(tenant, await keyOf(other))).toEqual(["done", "done"]);
});
