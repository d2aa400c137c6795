import { hash } from "node:crypto";
import { partitionOf } from "#domain/arn";
import { defaultKeyPolicy } from "#domain/policy/default-policy";
import type { Tables } from "#store";
import { meanwhile, type OperatorDeps, Refusal, recorded } from "./act.ts";
import { keyNamed, openPlace } from "./place.ts";

/** What became of a key whose policy let nobody change it. */
export interface Unlocked {
  readonly key: string;
  /** False when it had the default policy already: then nothing was done, and nothing recorded. */
  readonly changed: boolean;
  /** The policy that it has now. */
  readonly policy: string;
  /** The policy that it had, which is kept nowhere; the record has its SHA-256 in hex digits. */
  readonly replaced?: { readonly policy: string; readonly sha256: string };
}

/**
 * Gives a key the default policy again, so that its account's identity policies decide: for a key that locked everybody out.
 *
 * Whether it did is the operator's to say: nobody is asked by it.
 * @throws {Refusal} when there is no such key in the Region, or somebody changes it at the same time.
 * @see AWS KMS Developer Guide, "Default key policy"
 */
export async function unlockKey(deps: OperatorDeps, named: string): Promise<Unlocked> {
  const place = await openPlace(deps);
  const { store } = place;
  const key = await keyNamed(named, place);
  if (key.manager === "AWS") throw new Refusal(`${key.arn} is an AWS managed key: its policy is nobody's to change.`);
  const policy = defaultKeyPolicy(key.account, partitionOf(key.region));
  if (key.policy === policy) return { key: key.arn, changed: false, policy };

  const sha256 = sha256Of(key.policy);
  const details = { replacedPolicySha256: sha256, policySha256: sha256Of(policy), version: key.version + 1 };
  await recorded({ log: store.log, account: key.account, event: "UnlockKey", keyArn: key.arn, details }, deps, (gate) => {
    const { keys } = store.stores({ keys: "write" }, gate) as { readonly keys: Tables["keys"]["write"] };
    return keys.replace(key, { ...key, policy, principals: {} }).catch(meanwhile("changed the key"));
  });
  return { key: key.arn, changed: true, policy, replaced: { policy: key.policy, sha256 } };
}

const sha256Of = (text: string): string => hash("sha256", text, "hex");
