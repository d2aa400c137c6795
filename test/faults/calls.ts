/** Calls, and what became of them: the ledger that the service is held to. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  EncryptCommand,
  type KMSClient,
  KMSServiceException,
  TagResourceCommand,
} from "@aws-sdk/client-kms";

export interface Tag {
  readonly TagKey: string;
  readonly TagValue: string;
}

/** What a call asks for: enough to tell afterwards whether it was done. */
export type Deed =
  | { readonly operation: "CreateKey"; readonly description: string; readonly tags: readonly Tag[] }
  | { readonly operation: "CreateAlias"; readonly alias: string; readonly keyId: string }
  /** `contended`: others change this key at the same time. */
  | { readonly operation: "TagResource"; readonly keyId: string; readonly tags: readonly Tag[]; readonly contended: boolean }
  | {
      readonly operation: "Encrypt";
      readonly keyId: string;
      readonly plaintext: string;
      readonly context: Readonly<Record<string, string>>;
    }
  /** One whose effect was looked at on the spot. */
  | { readonly operation: "other"; readonly name: string };

export interface Acknowledged {
  readonly requestId: string;
  /** Of a key that was made. */
  readonly keyId?: string | undefined;
  readonly blob?: Uint8Array | undefined;
}

export interface Refused {
  readonly error: string;
  readonly requestId: string;
}

/** A call: acknowledged, refused, cut off (with why), or none of them while it is under way. */
export interface Call<D extends Deed = Deed> {
  readonly deed: D;
  acknowledged?: Acknowledged;
  refused?: Refused;
  cutOff?: string;
}

export type Done<D extends Deed> = Call<D> & { readonly acknowledged: Acknowledged };
type DeedOf<O extends Deed["operation"]> = Extract<Deed, { readonly operation: O }>;

export const of = <O extends Deed["operation"]>(calls: readonly Call[], operation: O): Call<DeedOf<O>>[] =>
  calls.filter((call): call is Call<DeedOf<O>> => call.deed.operation === operation);

export const done = <D extends Deed>(calls: readonly Call<D>[]): Done<D>[] =>
  calls.filter((call): call is Done<D> => call.acknowledged !== undefined);

/** How a call is named in a finding. */
export function named({ deed, acknowledged, refused }: Call): string {
  const requestId = acknowledged?.requestId ?? refused?.requestId ?? "without an answer";
  switch (deed.operation) {
    case "CreateKey":
      return `CreateKey "${deed.description}" (${requestId})`;
    case "CreateAlias":
      return `CreateAlias ${deed.alias} (${requestId})`;
    case "TagResource":
      return `TagResource ${deed.keyId} ${deed.tags[0]?.TagKey} (${requestId})`;
    case "Encrypt":
      return `Encrypt ${deed.keyId} "${deed.plaintext}" (${requestId})`;
    case "other":
      return `${deed.name} (${requestId})`;
  }
}

/** Makes a call, and writes into the ledger that it was sent, and then what was answered. */
export async function perform(client: KMSClient, deed: Exclude<Deed, DeedOf<"other">>, calls: Call[]): Promise<Call> {
  return settle({ deed }, calls, async () => {
    switch (deed.operation) {
      case "CreateKey": {
        const { KeyMetadata, $metadata } = await client.send(new CreateKeyCommand({ Description: deed.description, Tags: [...deed.tags] }));
        return { requestId: $metadata.requestId ?? "", keyId: KeyMetadata?.KeyId };
      }
      case "CreateAlias": {
        const { $metadata } = await client.send(new CreateAliasCommand({ AliasName: deed.alias, TargetKeyId: deed.keyId }));
        return { requestId: $metadata.requestId ?? "" };
      }
      case "TagResource": {
        const { $metadata } = await client.send(new TagResourceCommand({ KeyId: deed.keyId, Tags: [...deed.tags] }));
        return { requestId: $metadata.requestId ?? "" };
      }
      case "Encrypt": {
        const { keyId: KeyId, plaintext, context: EncryptionContext } = deed;
        const { CiphertextBlob: blob, $metadata } = await client.send(
          new EncryptCommand({ KeyId, Plaintext: Buffer.from(plaintext), EncryptionContext }),
        );
        return { requestId: $metadata.requestId ?? "", blob };
      }
    }
  });
}

/** Keeps the ledger about a call that the function makes. */
export async function settle(call: Call, calls: Call[], send: () => Promise<Acknowledged>): Promise<Call> {
  calls.push(call);
  try {
    call.acknowledged = await send();
  } catch (cause) {
    if (cause instanceof KMSServiceException && (cause.$metadata.httpStatusCode ?? 0) >= 400)
      call.refused = { error: cause.name, requestId: cause.$metadata.requestId ?? "" };
    else call.cutOff = String(cause);
  }
  return call;
}
