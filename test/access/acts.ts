/** What somebody does with a key, and the permission that it takes. */
import {
  CancelKeyDeletionCommand,
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  type DescribeKeyCommandInput,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type EncryptCommandInput,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyPolicyCommand,
  type GetKeyPolicyCommandInput,
  type KMSClient,
  ListGrantsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  type PutKeyPolicyCommandInput,
  ReEncryptCommand,
  type ReEncryptCommandInput,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import type { Answered, Kms, TestKey, TestUser } from "../kms/start.ts";

export interface Act {
  readonly action: string;
  /** The permission is asked for everything, not for a key. */
  readonly onEverything?: true;
  readonly by: (client: KMSClient, key: TestKey, caller: TestUser) => Promise<Answered>;
}

export type Context = Record<string, string>;

const Plaintext = Buffer.from("plaintext");
const act = (action: string, by: Act["by"]): Act => ({ action, by });
const tagsOf = (tags: Context) => Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

/** What depends on who the caller is. */
export const withCaller = (action: string, make: (caller: TestUser) => Act): Act =>
  act(action, (client, key, caller) => make(caller).by(client, key, caller));
export const nameOf = ({ arn }: TestUser): string => arn.split("/").at(-1) ?? "";

export const encrypt = (EncryptionContext?: Context, rest: Partial<EncryptCommandInput> = {}): Act =>
  act("kms:Encrypt", (client, key) => client.send(new EncryptCommand({ KeyId: key.arn, Plaintext, EncryptionContext, ...rest })));

export const dataKey = (EncryptionContext?: Context, rest: Partial<GenerateDataKeyCommandInput> = {}): Act =>
  act("kms:GenerateDataKey", (client, key) =>
    client.send(new GenerateDataKeyCommand({ KeyId: key.arn, KeySpec: "AES_256", EncryptionContext, ...rest })),
  );

export const dataKeyWithoutPlaintext: Act = act("kms:GenerateDataKeyWithoutPlaintext", (client, key) =>
  client.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.arn, KeySpec: "AES_256" })),
);

/** Of what the administrator encrypted under the same context. */
export const decrypt = (kms: Kms, EncryptionContext?: Context): Act =>
  act("kms:Decrypt", async (client, key) => {
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.arn, Plaintext, EncryptionContext }));
    return client.send(new DecryptCommand({ KeyId: key.arn, CiphertextBlob, EncryptionContext }));
  });

/** Of what the administrator encrypted; from the key to itself, unless another destination is given. */
export const reEncrypt = (kms: Kms, rest: Partial<ReEncryptCommandInput> = {}): Act =>
  act("kms:ReEncryptFrom", async (client, key) => {
    const { CiphertextBlob } = await kms.client.send(
      new EncryptCommand({ KeyId: key.arn, Plaintext, EncryptionContext: rest.SourceEncryptionContext }),
    );
    return client.send(new ReEncryptCommand({ SourceKeyId: key.arn, DestinationKeyId: key.arn, CiphertextBlob, ...rest }));
  });

export const describeKey = (rest: Partial<DescribeKeyCommandInput> = {}): Act =>
  act("kms:DescribeKey", (client, key) => client.send(new DescribeKeyCommand({ KeyId: key.arn, ...rest })));

export const getKeyPolicy = (rest: Partial<GetKeyPolicyCommandInput> = {}): Act =>
  act("kms:GetKeyPolicy", (client, key) => client.send(new GetKeyPolicyCommand({ KeyId: key.arn, ...rest })));

/** By default with the policy that the key has. */
export const putKeyPolicy = (kms: Kms, rest: Partial<PutKeyPolicyCommandInput> = {}): Act =>
  act("kms:PutKeyPolicy", async (client, key) => {
    const { Policy } = await kms.client.send(new GetKeyPolicyCommand({ KeyId: key.arn }));
    return client.send(new PutKeyPolicyCommand({ KeyId: key.arn, Policy, ...rest }));
  });

export const createGrant = (
  GranteePrincipal: string | undefined,
  Operations: CreateGrantCommandInput["Operations"] = ["Encrypt"],
  rest: Partial<CreateGrantCommandInput> = {},
): Act =>
  act("kms:CreateGrant", (client, key) => client.send(new CreateGrantCommand({ KeyId: key.arn, GranteePrincipal, Operations, ...rest })));

export const listGrants: Act = act("kms:ListGrants", (client, key) => client.send(new ListGrantsCommand({ KeyId: key.arn })));

/** Of a grant that the administrator made. */
export const revokeGrant = (kms: Kms, GranteePrincipal: string): Act =>
  act("kms:RevokeGrant", async (client, key) => {
    const { GrantId } = await kms.client.send(new CreateGrantCommand({ KeyId: key.arn, GranteePrincipal, Operations: ["Encrypt"] }));
    return client.send(new RevokeGrantCommand({ KeyId: key.arn, GrantId }));
  });

export const enableKey: Act = act("kms:EnableKey", (client, key) => client.send(new EnableKeyCommand({ KeyId: key.arn })));
export const disableKey: Act = act("kms:DisableKey", (client, key) => client.send(new DisableKeyCommand({ KeyId: key.arn })));
export const describeAs = (Description: string): Act =>
  act("kms:UpdateKeyDescription", (client, key) => client.send(new UpdateKeyDescriptionCommand({ KeyId: key.arn, Description })));
export const scheduleDeletion = (PendingWindowInDays?: number): Act =>
  act("kms:ScheduleKeyDeletion", (client, key) => client.send(new ScheduleKeyDeletionCommand({ KeyId: key.arn, PendingWindowInDays })));
export const cancelDeletion: Act = act("kms:CancelKeyDeletion", (client, key) =>
  client.send(new CancelKeyDeletionCommand({ KeyId: key.arn })),
);

export const tag = (tags: Context): Act =>
  act("kms:TagResource", (client, key) => client.send(new TagResourceCommand({ KeyId: key.arn, Tags: tagsOf(tags) })));
export const untag = (...TagKeys: string[]): Act =>
  act("kms:UntagResource", (client, key) => client.send(new UntagResourceCommand({ KeyId: key.arn, TagKeys })));
export const listTags: Act = act("kms:ListResourceTags", (client, key) => client.send(new ListResourceTagsCommand({ KeyId: key.arn })));

export const createKey = (input: Partial<CreateKeyCommandInput> = {}, tags?: Context): Act => ({
  ...act("kms:CreateKey", (client) => client.send(new CreateKeyCommand({ ...input, ...(tags && { Tags: tagsOf(tags) }) }))),
  onEverything: true,
});
export const listKeys: Act = { ...act("kms:ListKeys", (client) => client.send(new ListKeysCommand({}))), onEverything: true };
