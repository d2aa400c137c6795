import { type KMSClient, ListKeyPoliciesCommand, type ListKeyPoliciesCommandInput } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const list = (client: KMSClient, KeyId: string, rest: Partial<ListKeyPoliciesCommandInput> = {}) =>
  client.send(new ListKeyPoliciesCommand({ KeyId, ...rest }));

describe("ListKeyPolicies", () => {
  const kms = startKms();

  it("answers the one policy that a key has", async () => {
    const key = await kms.key();
    expect(members(await list(kms.client, key.id))).toEqual({ PolicyNames: ["default"], Truncated: false });
    expect(members(await list(kms.client, key.id, { Limit: 1 }))).toEqual({ PolicyNames: ["default"], Truncated: false });
    expect(members(await list(kms.client, key.id, { Limit: 1000 }))).toEqual({ PolicyNames: ["default"], Truncated: false });
  });

  it("leaves a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await list(kms.client, key.id))).toEqual({
      event: "ListKeyPolicies",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it.each([
    [0, "greater than or equal to 1"],
    [1001, "less than or equal to 1000"],
  ])("refuses a Limit of %i", async (Limit, rule) => {
    const key = await kms.key();
    expect(await kms.refused(list(kms.client, key.id, { Limit }))).toBe(
      `ValidationException: 1 validation error detected: Value '${Limit}' at 'limit' failed to satisfy constraint: Member must have value ${rule}`,
    );
  });

  it("refuses every marker, for it answers none", async () => {
    const key = await kms.key();
    expect(await kms.refused(list(kms.client, key.id, { Marker: "default" }))).toMatch(/^InvalidMarkerException: /);
  });

  itTakesIdsAndArns(kms, "kms:ListKeyPolicies", list);
  itFollowsKeyStates(kms, list, always);
  itNeedsPermission(kms, "kms:ListKeyPolicies", list);
  itStaysInItsAccount(kms, "kms:ListKeyPolicies", list);
  itRequires(kms, "keyId", (client) => client.send(new ListKeyPoliciesCommand({} as never)));
});
