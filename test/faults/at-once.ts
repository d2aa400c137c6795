import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { APART } from "./scenario.ts";

/** One of the servers: what it is told it does, and what it is asked it answers. A call that is cut off throws. */
export interface Side {
  /** Makes a call that must succeed. */
  does<T>(what: string, send: (client: KMSClient) => Promise<T>): Promise<T>;
  /** Makes a call that must be refused with this error. */
  refuses(what: string, error: string, send: (client: KMSClient) => Promise<unknown>): Promise<void>;
}

export interface Subject {
  readonly account: string;
  /** Two keys that nobody else changes. */
  readonly key: string;
  readonly other: string;
  /** Unique in a data folder. */
  readonly name: string;
  readonly wrong: (sentence: string) => void;
}

/** A change on one side, and what the other says right after it was acknowledged; then the way back. */
export type Sight = (here: Side, there: Side, subject: Subject) => Promise<void>;

const encrypt = (KeyId: string) => (client: KMSClient) => client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("at once") }));

const disabling: Sight = async (here, there, { key }) => {
  await there.does("Encrypt before DisableKey", encrypt(key));
  await here.does("DisableKey", (client) => client.send(new DisableKeyCommand({ KeyId: key })));
  await there.refuses("Encrypt after DisableKey", "DisabledException", encrypt(key));
  await there.does("EnableKey", (client) => client.send(new EnableKeyCommand({ KeyId: key })));
  await here.does("Encrypt after EnableKey", encrypt(key));
};

const deleting: Sight = async (here, there, { key }) => {
  await there.does("Encrypt before ScheduleKeyDeletion", encrypt(key));
  await here.does("ScheduleKeyDeletion", (client) => client.send(new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 30 })));
  await there.refuses("Encrypt after ScheduleKeyDeletion", "KMSInvalidStateException", encrypt(key));
  await there.does("CancelKeyDeletion", (client) => client.send(new CancelKeyDeletionCommand({ KeyId: key })));
  await here.does("EnableKey after CancelKeyDeletion", (client) => client.send(new EnableKeyCommand({ KeyId: key })));
  await there.does("Encrypt after CancelKeyDeletion", encrypt(key));
};

const tagging: Sight = async (here, there, { key, name, wrong }) => {
  const tagged = async (side: Side) => {
    const { Tags = [] } = await side.does("ListResourceTags", (client) => client.send(new ListResourceTagsCommand({ KeyId: key })));
    return Tags.some(({ TagKey }) => TagKey === name);
  };
  await tagged(there);
  await here.does("TagResource", (client) => client.send(new TagResourceCommand({ KeyId: key, Tags: [{ TagKey: name, TagValue: "1" }] })));
  if (!(await tagged(there))) wrong(`The tag ${name} of ${key} was set on one server, and the other did not see it.`);
  await there.does("UntagResource", (client) => client.send(new UntagResourceCommand({ KeyId: key, TagKeys: [name] })));
  if (await tagged(here)) wrong(`The tag ${name} of ${key} was removed on one server, and the other still saw it.`);
};

const governing: Sight = async (here, there, { key, name, account, wrong }) => {
  const root = { AWS: `arn:aws:iam::${account}:root` };
  const policy = (id: string, ...more: object[]) =>
    JSON.stringify({
      Version: "2012-10-17",
      Id: id,
      Statement: [{ Effect: "Allow", Principal: root, Action: "kms:*", Resource: "*" }, ...more],
    });
  const put = (text: string) => (client: KMSClient) => client.send(new PutKeyPolicyCommand({ KeyId: key, Policy: text }));
  const deny = { Effect: "Deny", Principal: { AWS: "*" }, Action: "kms:Encrypt", Resource: "*" };
  await there.does("Encrypt before PutKeyPolicy", encrypt(key));
  await here.does("PutKeyPolicy that denies", put(policy(name, deny)));
  await there.refuses("Encrypt after PutKeyPolicy that denies", "AccessDeniedException", encrypt(key));
  const { Policy = "" } = await there.does("GetKeyPolicy", (client) => client.send(new GetKeyPolicyCommand({ KeyId: key })));
  if (JSON.parse(Policy).Id !== name) wrong(`The policy ${name} of ${key} was put on one server, and the other answered an older one.`);
  await there.does("PutKeyPolicy that allows", put(policy("allows")));
  await here.does("Encrypt after PutKeyPolicy that allows", encrypt(key));
};

const naming: Sight = async (here, there, { key, other, name, wrong }) => {
  const alias = `alias/${APART}${name}`;
  const target = async (side: Side, expected: string) => {
    const { KeyMetadata } = await side.does("DescribeKey by alias", (client) => client.send(new DescribeKeyCommand({ KeyId: alias })));
    if (KeyMetadata?.KeyId !== expected)
      wrong(`${alias} was pointed to ${expected} on one server, and to ${KeyMetadata?.KeyId} on the other.`);
  };
  await there.refuses("Encrypt before CreateAlias", "NotFoundException", encrypt(alias));
  await here.does("CreateAlias", (client) => client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: key })));
  await target(there, key);
  await there.does("UpdateAlias", (client) => client.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: other })));
  await target(here, other);
  const { KeyId = "" } = await here.does("Encrypt by alias", encrypt(alias));
  if (!KeyId.endsWith(other)) wrong(`${alias} was pointed to ${other}, and encrypted under ${KeyId}.`);
  await here.does("DeleteAlias", (client) => client.send(new DeleteAliasCommand({ AliasName: alias })));
  await there.refuses("Encrypt after DeleteAlias", "NotFoundException", encrypt(alias));
};

export const SIGHTS: readonly [Sight, ...Sight[]] = [disabling, deleting, tagging, governing, naming];
