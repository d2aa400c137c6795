/** A policy of the guide, and what it decides: each call becomes a test. */
import { TagResourceCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { ADMINISTRATOR, type Kms, policyOf, type TestKey, type TestUser } from "../kms/start.ts";
import { ACCOUNT } from "../service.ts";
import type { Act, Context } from "./acts.ts";
import { SAID, type Why } from "./refusals.ts";

export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

/** Lets identity policies decide. @see AWS KMS Developer Guide, "Allows access to the AWS account and enables IAM policies" */
export const enablesIam = { Sid: "Enable IAM User Permissions", Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" };

/** Keeps the key governable, and leaves nothing to identity policies. */
export const administrated = {
  Sid: "Administrator",
  Effect: "Allow",
  Principal: { AWS: ADMINISTRATOR },
  Action: "kms:*",
  Resource: "*",
};

/** A statement without Principal or Resource: those of the example. */
export interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Condition?: object;
}

export interface Example {
  readonly of: string;
  /** Statements of the key policy, about the caller; without any, the key policy leaves it to the account. */
  readonly key?: readonly Statement[] | ((caller: TestUser) => readonly Statement[]);
  /** Statements of the caller's identity policy, about every resource. */
  readonly identity?: readonly Statement[];
  /** Tags of the key. */
  readonly tags?: Context;
  readonly prepare?: (key: TestKey, caller: TestUser) => Promise<unknown>;
  readonly allows: Readonly<Record<string, Act>>;
  readonly refuses: Readonly<Record<string, Act>>;
  /** Why; of an example with key statements by default that no key policy allows it, otherwise that no identity policy does. */
  readonly why?: Why;
}

/** A key with a policy of its own and a caller with policies of its own, for the calls of one example. */
export function itDecides(kms: Kms, { of, key: ofKey, identity, tags, prepare, allows, refuses, why }: Example): void {
  describe(of, () => {
    let key: TestKey;
    let caller: TestUser;

    beforeAll(async () => {
      key = await kms.key();
      caller = await kms.someone((identity ?? []).map((statement) => policyOf({ Effect: "Allow", Resource: "*", ...statement })));
      const statements = typeof ofKey === "function" ? ofKey(caller) : ofKey;
      const whole = statements?.map((statement) => ({ Effect: "Allow", Principal: { AWS: caller.arn }, Resource: "*", ...statement }));
      if (whole) await setPolicy(kms, key.id, [identity ? enablesIam : administrated, ...whole]);
      const Tags = Object.entries(tags ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
      if (tags) await kms.client.send(new TagResourceCommand({ KeyId: key.id, Tags }));
      await prepare?.(key, caller);
    });

    it.each(Object.entries(allows))("allows %s", async (_, act) => {
      const { caller: recorded, error } = await kms.told(await act.by(caller.client, key, caller));
      expect({ recorded, error }).toEqual({ recorded: caller.arn });
    });

    it.each(Object.entries(refuses))("refuses %s", async (_, act) => {
      const because = why ?? (ofKey && !identity ? "no key policy" : "no identity policy");
      const on = act.onEverything ? "*" : key.arn;
      expect(await kms.refused(act.by(caller.client, key, caller))).toBe(SAID[because]({ who: caller.arn, action: act.action, on }));
    });
  });
}

/** What lets a caller do everything where an example only denies. */
export const everything: Statement = { Action: "kms:*" };
