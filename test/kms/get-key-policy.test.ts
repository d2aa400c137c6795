import { GetKeyPolicyCommand, type GetKeyPolicyCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const get = (client: KMSClient, KeyId: string, rest: Partial<GetKeyPolicyCommandInput> = {}) =>
  client.send(new GetKeyPolicyCommand({ KeyId, ...rest }));

/** The layout is AWS's. */
const DEFAULT_POLICY = `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`;

describe("GetKeyPolicy", () => {
  const kms = startKms();

  it("answers the default policy of a key that was made without one, and its name", async () => {
    const key = await kms.key();
    expect(members(await get(kms.client, key.id))).toEqual({ Policy: DEFAULT_POLICY, PolicyName: "default" });
    expect(members(await get(kms.client, key.id, { PolicyName: "default" }))).toEqual({ Policy: DEFAULT_POLICY, PolicyName: "default" });
  });

  it("lays out a policy anew, and keeps what it says in its order", async () => {
    const statements = `{"Action":["kms:Decrypt","kms:Encrypt"],"Effect":"Deny","Resource":"*","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`;
    const own = `{"Effect":"Allow","Principal":{"AWS":["${ADMINISTRATOR}"]},"Action":"kms:*","Resource":["*"]}`;
    const key = await kms.key({ Policy: `{"Statement":[${statements},\n\n${own}],   "Version":"2012-10-17"}` });
    expect((await get(kms.client, key.id)).Policy).toBe(`{
  "Statement" : [ {
    "Action" : [ "kms:Decrypt", "kms:Encrypt" ],
    "Effect" : "Deny",
    "Resource" : "*",
    "Principal" : "*",
    "Condition" : {
      "Bool" : {
        "aws:SecureTransport" : "false"
      }
    }
  }, {
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : [ "${ADMINISTRATOR}" ]
    },
    "Action" : "kms:*",
    "Resource" : [ "*" ]
  } ],
  "Version" : "2012-10-17"
}`);
  });

  it("leaves a record, without the policy", async () => {
    const key = await kms.key();
    expect(await kms.told(await get(kms.client, key.id))).toEqual({
      event: "GetKeyPolicy",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, policyName: "default" },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it.each(["backup", "Default", "AWS_RAM"])("knows no policy of the name %s", async (PolicyName) => {
    const key = await kms.key();
    expect(await kms.refused(get(kms.client, key.id, { PolicyName }))).toBe("NotFoundException: No such policy exists");
  });

  it("refuses what is no name of a policy", async () => {
    expect(await kms.refused(get(kms.client, "alias/any", { PolicyName: "invalid-name" }))).toBe(
      "ValidationException: 1 validation error detected: Value 'invalid-name' at 'policyName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]+",
    );
    expect(await kms.refused(get(kms.client, "alias/any", { PolicyName: "" }))).toContain(
      "2 validation errors detected: Value '' at 'policyName' failed to satisfy constraint: Member must have length greater than or equal to 1; ",
    );
    expect(await kms.refused(get(kms.client, "alias/any", { PolicyName: "a".repeat(129) }))).toContain(
      "Member must have length less than or equal to 128",
    );
  });

  itTakesIdsAndArns(kms, "kms:GetKeyPolicy", get);
  itFollowsKeyStates(kms, get, always);
  itNeedsPermission(kms, "kms:GetKeyPolicy", get);
  itStaysInItsAccount(kms, "kms:GetKeyPolicy", get);
  itRequires(kms, "keyId", (client) => client.send(new GetKeyPolicyCommand({} as never)));
});
