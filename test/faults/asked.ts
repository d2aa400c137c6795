import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListResourceTagsCommand,
  type Tag as WireTag,
} from "@aws-sdk/client-kms";
import { type Call, done, named, of } from "./calls.ts";
import type { Server } from "./server.ts";

const AT_ONCE = 8;

type Question = (client: KMSClient) => Promise<string | undefined>;

/** Asks a server for all that these calls were promised, as any client would; what is wrong, in sentences. */
export async function wrongInAnswers(
  server: Pick<Server, "client">,
  calls: readonly Call[],
  unclaimed: readonly string[] = [],
): Promise<string[]> {
  const questions = [
    ...questionsAbout(calls),
    ...unclaimed.map(
      (keyId): Question =>
        (client) =>
          isUsable(client, keyId),
    ),
  ];
  const found: string[] = [];

  async function ask(client: KMSClient): Promise<void> {
    for (let question = questions.pop(); question; question = questions.pop()) {
      const answer = await question(client);
      if (answer !== undefined) found.push(answer);
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, () => ask(server.client())));
  return found;
}

function questionsAbout(calls: readonly Call[]): Question[] {
  const tagged = Map.groupBy(done(of(calls, "TagResource")), ({ deed }) => deed.keyId);
  return [
    ...done(of(calls, "CreateKey")).map(
      (call): Question =>
        async (client) => {
          const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: call.acknowledged.keyId })).catch(refusal);
          return KeyMetadata?.Description === call.deed.description ? undefined : `${named(call)} is lost.`;
        },
    ),
    ...done(of(calls, "CreateAlias")).map(
      (call): Question =>
        async (client) => {
          const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: call.deed.alias })).catch(refusal);
          return KeyMetadata?.KeyId === call.deed.keyId ? undefined : `${named(call)} is lost.`;
        },
    ),
    ...Array.from(
      tagged,
      ([keyId, taggings]): Question =>
        async (client) => {
          const there = await tagsOf(client, keyId);
          const lost = taggings.find(({ deed }) => deed.tags.some(({ TagKey, TagValue }) => there.get(TagKey) !== TagValue));
          return lost && `${named(lost)} is lost.`;
        },
    ),
    ...done(of(calls, "Encrypt")).map(
      (call): Question =>
        async (client) => {
          const { blob: CiphertextBlob } = call.acknowledged;
          const { Plaintext = [] } = await client
            .send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { ...call.deed.context } }))
            .catch(refusal);
          return Buffer.from(Plaintext).toString() === call.deed.plaintext ? undefined : `The ciphertext of ${named(call)} is lost.`;
        },
    ),
  ];
}

const refusal = (): { readonly KeyMetadata?: undefined; readonly Plaintext?: undefined; readonly Tags?: undefined } => ({});

/** A key that nobody learned of is a whole key all the same. */
async function isUsable(client: KMSClient, KeyId: string): Promise<string | undefined> {
  try {
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(KeyId) }));
    const { Plaintext = [] } = await client.send(new DecryptCommand({ CiphertextBlob }));
    if (Buffer.from(Plaintext).toString() === KeyId) return undefined;
  } catch {
    // Said below.
  }
  return `The key ${KeyId}, which nobody was told of, is there and cannot be used.`;
}

async function tagsOf(client: KMSClient, KeyId: string): Promise<ReadonlyMap<string | undefined, string | undefined>> {
  const { Tags = [] }: { Tags?: WireTag[] | undefined } = await client.send(new ListResourceTagsCommand({ KeyId })).catch(refusal);
  return new Map(Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]));
}
