/** What a warm call costs on DynamoDB. `reads-per-call.test.ts` holds the operations to it, and the table of costs in docs/deploy.md is made of it. */
import { ACCOUNT, HOME } from "../../service.ts";

export interface World {
  /** Of the call's own, read before. */
  readonly key: string;
  readonly alias: string;
  readonly blob: Uint8Array | undefined;
  readonly grant: string | undefined;
  readonly other: string;
}

export type Cost = readonly [reads: number, writes: number];

/**
 * By operation: a call, what it costs while what was read is believed, and what it costs when nothing is.
 *
 * A change is three writes: its intent, itself, its record. A reading call is one: its record. When nothing is believed, a call reads the access
 * key, the user, the account and the key, and whatever it is about. Lists, and what is counted against a limit, are read each time.
 */
export const CALLS: Readonly<Record<string, readonly [call: (world: World) => object, within: Cost, beyond: Cost]>> = {
  CancelKeyDeletion: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  CreateAlias: [({ key: TargetKeyId, other }) => ({ TargetKeyId, AliasName: `alias/${other}` }), [3, 3], [7, 3]],
  CreateGrant: [({ key: KeyId }) => ({ KeyId, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:root`, Operations: ["Encrypt"] }), [1, 3], [5, 3]],
  CreateKey: [() => ({}), [0, 3], [5, 3]],
  Decrypt: [({ blob: CiphertextBlob }) => ({ CiphertextBlob }), [0, 1], [4, 1]],
  DeleteAlias: [({ alias: AliasName }) => ({ AliasName }), [0, 3], [6, 3]],
  DescribeKey: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  DisableKey: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  EnableKey: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  DisableKeyRotation: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  EnableKeyRotation: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  Encrypt: [({ key: KeyId }) => ({ KeyId, Plaintext: Buffer.from("hi") }), [0, 1], [4, 1]],
  GenerateDataKey: [({ key: KeyId }) => ({ KeyId, KeySpec: "AES_256" }), [0, 1], [4, 1]],
  GenerateDataKeyWithoutPlaintext: [({ key: KeyId }) => ({ KeyId, KeySpec: "AES_256" }), [0, 1], [4, 1]],
  GenerateRandom: [() => ({ NumberOfBytes: 32 }), [0, 1], [3, 1]],
  GetKeyLastUsage: [({ key: KeyId }) => ({ KeyId }), [2, 1], [6, 1]],
  GetKeyPolicy: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  GetKeyRotationStatus: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListAliases: [({ key: KeyId }) => ({ KeyId }), [1, 1], [5, 1]],
  ListGrants: [({ key: KeyId }) => ({ KeyId }), [1, 1], [5, 1]],
  ListKeyPolicies: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListKeyRotations: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListKeys: [() => ({ Limit: 1 }), [1, 1], [4, 1]],
  ListResourceTags: [({ key: KeyId }) => ({ KeyId }), [0, 1], [4, 1]],
  ListRetirableGrants: [() => ({ RetiringPrincipal: `arn:aws:iam::${ACCOUNT}:root` }), [1, 1], [4, 1]],
  PutKeyPolicy: [({ key: KeyId, other: Sid }) => ({ KeyId, Policy: policy(Sid) }), [0, 3], [4, 3]],
  ReEncrypt: [({ blob: CiphertextBlob, other }) => ({ CiphertextBlob, DestinationKeyId: other }), [0, 1], [5, 1]],
  RetireGrant: [({ key, grant: GrantId }) => ({ KeyId: `arn:aws:kms:${HOME}:${ACCOUNT}:key/${key}`, GrantId }), [0, 3], [5, 3]],
  RevokeGrant: [({ key: KeyId, grant: GrantId }) => ({ KeyId, GrantId }), [0, 3], [5, 3]],
  RotateKeyOnDemand: [({ key: KeyId }) => ({ KeyId }), [0, 3], [6, 3]],
  ScheduleKeyDeletion: [({ key: KeyId }) => ({ KeyId }), [0, 3], [4, 3]],
  TagResource: [({ key: KeyId }) => ({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] }), [0, 3], [4, 3]],
  UntagResource: [({ key: KeyId }) => ({ KeyId, TagKeys: ["before"] }), [0, 3], [4, 3]],
  UpdateAlias: [({ alias: AliasName, other: TargetKeyId }) => ({ AliasName, TargetKeyId }), [1, 3], [8, 3]],
  UpdateKeyDescription: [({ key: KeyId }) => ({ KeyId, Description: "new" }), [0, 3], [4, 3]],
};

const policy = (Sid: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid, Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" }],
  });
