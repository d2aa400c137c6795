/**
 * What Terraform's AWS provider calls for its KMS resources, in its order.
 *
 * After each change the provider reads until what it reads is what it wrote, 5 or 15 times in a row, and waits between the reads. Here each of
 * these reads must agree, the first one too: a plan that is applied here waits for nothing.
 * @see hashicorp/terraform-provider-aws, internal/service/kms: key.go, external_key.go, replica_key.go, replica_external_key.go, alias.go, grant.go, tags_gen.go
 */
import { isDeepStrictEqual } from "node:util";
import {
  type AliasListEntry,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type GrantListEntry,
  type KeyMetadata,
  type KMSClient,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  paginateListAliases,
  paginateListGrants,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { expect } from "vitest";

export type Tags = Readonly<Record<string, string>>;

/** Reads, by what a resource keeps in its state. */
export interface KeyState {
  readonly metadata: KeyMetadata;
  readonly policy: unknown;
  /** Enabled, and its period; of material that is not AWS KMS's nobody asks. */
  readonly rotation?: readonly [boolean | undefined, number | undefined];
  readonly tags: Tags;
}

/** Every read agrees: how often the provider wants to see it says how often it is read. */
async function settled<T>(times: 1 | 5 | 15, read: () => Promise<T>, wanted: T): Promise<void> {
  for (let time = 1; time <= times; time += 1) {
    const found = await read();
    expect(isDeepStrictEqual(found, wanted), `read ${time} of ${times}: ${JSON.stringify(found)}`).toBe(true);
  }
}

export const tagList = (tags: Tags) => Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

export const describeKey = async (kms: KMSClient, KeyId: string): Promise<KeyMetadata> =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata as KeyMetadata;

const policyRead = async (kms: KMSClient, KeyId: string): Promise<unknown> =>
  JSON.parse((await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }))).Policy ?? "");

async function rotationRead(kms: KMSClient, KeyId: string): Promise<NonNullable<KeyState["rotation"]>> {
  const { KeyRotationEnabled, RotationPeriodInDays } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
  return [KeyRotationEnabled, RotationPeriodInDays];
}

async function tagsRead(kms: KMSClient, KeyId: string): Promise<Tags> {
  const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId }));
  return Object.fromEntries(Tags.map(({ TagKey = "", TagValue = "" }) => [TagKey, TagValue]).sort());
}

export const tagsSettled = (kms: KMSClient, KeyId: string, tags: Tags) => settled(5, () => tagsRead(kms, KeyId), tags);
export const policySettled = (kms: KMSClient, KeyId: string, policy: object) => settled(5, () => policyRead(kms, KeyId), policy);

/** CreateKey, with the members that the provider always sends. */
export async function createKey(kms: KMSClient, input: CreateKeyCommandInput): Promise<string> {
  const asked = { BypassPolicyLockoutSafetyCheck: false, KeyUsage: "ENCRYPT_DECRYPT", ...input } as const;
  return (await kms.send(new CreateKeyCommand(asked))).KeyMetadata?.KeyId ?? "";
}

/** What the provider takes for a replica that is not there yet: it asks again, up to two minutes. */
const UNFINISHED: readonly unknown[] = ["Creating", undefined];

/** ReplicateKey, sent to the primary key's Region; then the replica's is asked until it has it. */
export async function createReplica(
  { primary, there }: { readonly primary: KMSClient; readonly there: KMSClient },
  input: ReplicateKeyCommandInput,
  wanted: "Enabled" | "PendingImport",
): Promise<string> {
  const asked = { BypassPolicyLockoutSafetyCheck: false, ...input };
  const KeyId = (await primary.send(new ReplicateKeyCommand(asked))).ReplicaKeyMetadata?.KeyId ?? "";
  const state = () => describeKey(there, KeyId).then(({ KeyState }) => KeyState, notFound);
  let found = await state();
  for (const end = Date.now() + 10_000; UNFINISHED.includes(found) && Date.now() < end; found = await state())
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(found).toBe(wanted);
  return KeyId;
}

function notFound(cause: Error): undefined {
  if (cause.name !== "NotFoundException") throw cause;
}

/** Refresh: every plan begins with it. */
export async function readKey(kms: KMSClient, KeyId: string): Promise<KeyState> {
  const metadata = await describeKey(kms, KeyId);
  const policy = await policyRead(kms, KeyId);
  const rotation = metadata.Origin === "AWS_KMS" ? await rotationRead(kms, KeyId) : undefined;
  return { metadata, policy, ...(rotation && { rotation }), tags: await tagsRead(kms, KeyId) };
}

export async function enableRotation(kms: KMSClient, KeyId: string, RotationPeriodInDays: number): Promise<void> {
  await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));
  await settled(5, () => rotationRead(kms, KeyId), [true, RotationPeriodInDays]);
}

export async function disableRotation(kms: KMSClient, KeyId: string): Promise<void> {
  await kms.send(new DisableKeyRotationCommand({ KeyId }));
  await settled(5, async () => (await rotationRead(kms, KeyId))[0], false);
}

export async function enable(kms: KMSClient, KeyId: string, enabled: boolean): Promise<void> {
  await kms.send(enabled ? new EnableKeyCommand({ KeyId }) : new DisableKeyCommand({ KeyId }));
  await settled(15, async () => (await describeKey(kms, KeyId)).Enabled, enabled);
}

export async function updateDescription(kms: KMSClient, KeyId: string, Description: string): Promise<void> {
  await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description }));
  await settled(5, async () => (await describeKey(kms, KeyId)).Description, Description);
}

export async function updatePolicy(kms: KMSClient, KeyId: string, policy: object): Promise<void> {
  const Policy = JSON.stringify(policy);
  await kms.send(new PutKeyPolicyCommand({ BypassPolicyLockoutSafetyCheck: false, KeyId, Policy, PolicyName: "default" }));
  await policySettled(kms, KeyId, policy);
}

/** @param before the tags that the state has. */
export async function updateTags(kms: KMSClient, KeyId: string, before: Tags, after: Tags): Promise<void> {
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const updated = Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value));
  if (removed.length > 0) await kms.send(new UntagResourceCommand({ KeyId, TagKeys: removed }));
  if (Object.keys(updated).length > 0) await kms.send(new TagResourceCommand({ KeyId, Tags: tagList(updated) }));
  await tagsSettled(kms, KeyId, after);
}

/** A key that is pending deletion is gone for Terraform, whichever way it came to be so. */
export async function deleteKey(kms: KMSClient, KeyId: string, PendingWindowInDays: number): Promise<void> {
  try {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
  } catch (cause) {
    const { name, message } = cause as Error;
    if (name !== "NotFoundException" && !(name === "KMSInvalidStateException" && message.includes("is pending deletion"))) throw cause;
    return;
  }
  // "Once the CMK is in the pending (replica) deletion state Terraform considers it logically deleted."
  expect((await describeKey(kms, KeyId)).KeyState).toMatch(/^Pending(Replica)?Deletion$/);
}

/** All pages, as the provider has no other way to find one. */
export async function aliasNamed(kms: KMSClient, name: string): Promise<AliasListEntry | undefined> {
  for await (const { Aliases = [] } of paginateListAliases({ client: kms }, {})) {
    const found = Aliases.find(({ AliasName }) => AliasName === name);
    if (found) return found;
  }
  return undefined;
}

export async function grantWith(kms: KMSClient, KeyId: string, id: string): Promise<GrantListEntry | undefined> {
  const found: GrantListEntry[] = [];
  for await (const { Grants = [] } of paginateListGrants({ client: kms }, { KeyId, Limit: 100 }))
    found.push(...Grants.filter(({ GrantId }) => GrantId === id));
  expect(found.length, "an id has at most one grant").toBeLessThan(2);
  return found[0];
}
