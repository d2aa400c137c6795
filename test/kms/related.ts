/** Related keys of several Regions, for tests. */
import {
  DescribeKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
} from "@aws-sdk/client-kms";
import { expect } from "vitest";
import { replication, runDue } from "#timers";
import { HOME } from "../service.ts";
import { type Kms, OTHER_REGION } from "./start.ts";

/** Longer than Regions of one process take to learn of each other. */
const SOON = { timeout: 10_000, interval: 10 };

export async function described(client: KMSClient, KeyId: string): Promise<KeyMetadata> {
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
  if (!KeyMetadata) throw new Error("DescribeKey left the metadata out.");
  return KeyMetadata;
}

/** The Regions have learned of each other, as far as they have anything to say: here at once, on a stack by their timers, which this is one of. */
export async function learned({ host }: Kms, ...others: readonly string[]): Promise<void> {
  await host.settle();
  for (const region of [HOME, OTHER_REGION, ...others, HOME, OTHER_REGION]) await runDue(replication, host.timers, region);
}

/** Waits until a key is shown so in a Region. */
export async function shownAs(kms: Kms, client: KMSClient, KeyId: string, members: Partial<KeyMetadata>): Promise<void> {
  await soon(kms, () => described(client, KeyId)).toMatchObject(members);
}

/** Waits until something holds. */
export const soon = <T>(kms: Kms, value: () => Promise<T>) =>
  expect.poll(async () => {
    await learned(kms);
    return value();
  }, SOON);

/** Replicates a key, and waits until it is there; answers a client of its Region. */
export async function replicated(
  kms: Kms,
  KeyId: string,
  more: Partial<ReplicateKeyCommandInput> = {},
  state: KeyMetadata["KeyState"] = "Enabled",
): Promise<KMSClient> {
  const ReplicaRegion = more.ReplicaRegion ?? OTHER_REGION;
  await kms.client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion, ...more }));
  const there = kms.kms(kms.administrator, ReplicaRegion);
  await learned(kms, ReplicaRegion);
  await shownAs(kms, there, KeyId, { KeyState: state ?? "Enabled" });
  // And until the primary key's Region knows.
  await learned(kms);
  return there;
}
