/** The event of every operation of KMS. @see AWS KMS Developer Guide, "Examples of AWS KMS log entries" */
import { expect } from "vitest";
import { eventOf } from "#domain/event";
import { eventIdOf } from "#domain/event-id";
import { CONTEXT } from "../access/every-operation-inputs.ts";
import type { Scene } from "../access/every-operation-world.ts";
import { ADMINISTRATOR, type Answered, aliasArn, type Kms, keyArn, OTHER_REGION, type TestKey } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

/** What an event says beyond what all have in common. */
export interface Shown {
  readonly requestParameters: unknown;
  readonly responseElements?: unknown;
  readonly additionalEventData?: object;
  readonly resources?: readonly string[];
}

type Input = Readonly<Record<string, unknown>>;

const arnOf = ({ keys }: Scene): string => keys.key.arn;
const nothing = (): Shown => ({ requestParameters: null, resources: [] });
const keyOnly = (scene: Scene): Shown => ({ requestParameters: { keyId: arnOf(scene) } });
const answered = (requestParameters: object, scene: Scene, rest: object = {}): Shown => ({
  requestParameters,
  responseElements: { ...rest, keyId: arnOf(scene) },
});
const withMaterial = (requestParameters: object, { keys }: Scene): Shown => ({
  requestParameters,
  additionalEventData: { keyMaterialId: keys.key.material },
});
const aliasIn = ({ input }: Scene): string => String((input as Input)["AliasName"]);
const TODAY = "Jun 1, 2026, 12:00:00 PM";

/** Of every operation, when it is answered: a new one needs a line. */
export const EXPECTED: Readonly<Record<string, (scene: Scene) => Shown>> = {
  CancelKeyDeletion: (scene) => answered({ keyId: arnOf(scene) }, scene),
  CreateAlias: (scene) => ({
    ...answered({ aliasName: aliasIn(scene), targetKeyId: arnOf(scene) }, scene),
    resources: [arnOf(scene), aliasArn(aliasIn(scene))],
  }),
  CreateGrant: (scene) =>
    answered(
      {
        keyId: arnOf(scene),
        granteePrincipal: ADMINISTRATOR,
        operations: ["Encrypt"],
        constraints: { encryptionContextSubset: CONTEXT },
      },
      scene,
      { grantId: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ),
  CreateKey: () => ({
    requestParameters: {
      description: "",
      origin: "AWS_KMS",
      bypassPolicyLockoutSafetyCheck: false,
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      keySpec: "SYMMETRIC_DEFAULT",
      keyUsage: "ENCRYPT_DECRYPT",
      tags: [{ tagKey: "a", tagValue: "1" }],
    },
    responseElements: {
      keyMetadata: expect.objectContaining({ aWSAccountId: ACCOUNT, creationDate: TODAY, keyState: "Enabled", multiRegion: false }),
    },
    resources: [expect.stringMatching(/:key\//)] as never,
  }),
  Decrypt: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, encryptionAlgorithm: "SYMMETRIC_DEFAULT" }, scene),
  // Nothing of AWS's shows what these two say; a secret is in neither.
  Decapsulate: (scene) => ({ requestParameters: { keyId: arnOf(scene), encapsulationAlgorithm: "ML_KEM" } }),
  Encapsulate: (scene) => ({ requestParameters: { keyId: arnOf(scene), encapsulationAlgorithm: "ML_KEM" } }),
  DeleteAlias: (scene) => ({
    ...answered({ aliasName: aliasIn(scene) }, scene),
    resources: [aliasArn(aliasIn(scene)), arnOf(scene)],
  }),
  DeriveSharedSecret: (scene) => ({ requestParameters: { keyId: arnOf(scene), keyAgreementAlgorithm: "ECDH" } }),
  DescribeKey: keyOnly,
  DeleteImportedKeyMaterial: (scene) =>
    answered({ keyId: arnOf(scene) }, scene, { keyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) }),
  DisableKey: (scene) => answered({ keyId: arnOf(scene) }, scene),
  DisableKeyRotation: keyOnly,
  EnableKey: (scene) => answered({ keyId: arnOf(scene) }, scene),
  EnableKeyRotation: (scene) => answered({ keyId: arnOf(scene), rotationPeriodInDays: 180 }, scene),
  Encrypt: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, encryptionAlgorithm: "SYMMETRIC_DEFAULT" }, scene),
  GenerateDataKey: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, keySpec: "AES_256" }, scene),
  GenerateDataKeyWithoutPlaintext: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, keySpec: "AES_256" }, scene),
  GenerateDataKeyPair: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, keyPairSpec: "ECC_NIST_P256" }, scene),
  GenerateDataKeyPairWithoutPlaintext: (scene) =>
    withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, keyPairSpec: "ECC_NIST_P256" }, scene),
  GenerateMac: (scene) => ({ requestParameters: { keyId: arnOf(scene), macAlgorithm: "HMAC_SHA_256" } }),
  GenerateRandom: nothing,
  GetKeyLastUsage: keyOnly,
  GetKeyPolicy: (scene) => ({ requestParameters: { keyId: arnOf(scene), policyName: "default" } }),
  GetKeyRotationStatus: keyOnly,
  GetParametersForImport: (scene) => ({
    requestParameters: {
      keyId: arnOf(scene),
      wrappingAlgorithm: (scene.input as Input)["WrappingAlgorithm"],
      wrappingKeySpec: (scene.input as Input)["WrappingKeySpec"],
    },
  }),
  GetPublicKey: keyOnly,
  ImportKeyMaterial: (scene) =>
    answered({ keyId: arnOf(scene), expirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" }, scene, {
      keyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    }),
  ListAliases: nothing,
  ListGrants: keyOnly,
  ListKeyPolicies: keyOnly,
  ListKeyRotations: keyOnly,
  ListKeys: nothing,
  ListResourceTags: keyOnly,
  ListRetirableGrants: () => ({ requestParameters: { retiringPrincipal: ADMINISTRATOR }, resources: [] }),
  PutKeyPolicy: (scene) => ({
    requestParameters: {
      keyId: arnOf(scene),
      policyName: "default",
      policy: (scene.input as Input)["Policy"],
      bypassPolicyLockoutSafetyCheck: false,
    },
  }),
  ReEncrypt: ({ keys: { source, destination } }: { readonly keys: Readonly<Record<string, TestKey>> }) => ({
    requestParameters: {
      sourceKeyId: source?.arn,
      sourceEncryptionContext: CONTEXT,
      sourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      destinationKeyId: destination?.arn,
      destinationEncryptionContext: CONTEXT,
      destinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    },
    additionalEventData: { sourceKeyMaterialId: source?.material, destinationKeyMaterialId: destination?.material },
    resources: [source?.arn ?? "", destination?.arn ?? ""],
  }),
  RetireGrant: ({ input }) => ({ requestParameters: null, additionalEventData: { grantId: (input as Input)["GrantId"] } }),
  RevokeGrant: (scene) => ({ requestParameters: { keyId: arnOf(scene), grantId: (scene.input as Input)["GrantId"] } }),
  ReplicateKey: (scene) => ({
    requestParameters: { keyId: arnOf(scene), replicaRegion: OTHER_REGION, bypassPolicyLockoutSafetyCheck: false, description: "" },
    responseElements: {
      replicaKeyMetadata: expect.objectContaining({ keyState: "Creating", multiRegion: true, creationDate: TODAY }),
      replicaPolicy: expect.stringContaining("Enable IAM User Permissions"),
    },
  }),
  RotateKeyOnDemand: (scene) => answered({ keyId: arnOf(scene) }, scene),
  ScheduleKeyDeletion: (scene) =>
    answered({ keyId: arnOf(scene), pendingWindowInDays: 7 }, scene, {
      keyState: "PendingDeletion",
      deletionDate: "Jun 8, 2026, 12:00:00 PM",
      pendingWindowInDays: 7,
    }),
  Sign: (scene) => ({ requestParameters: { keyId: arnOf(scene), messageType: "RAW", signingAlgorithm: "ECDSA_SHA_256" } }),
  TagResource: (scene) => answered({ keyId: arnOf(scene), tags: [{ tagKey: "a", tagValue: "1" }] }, scene),
  UntagResource: (scene) => answered({ keyId: arnOf(scene), tagKeys: ["a"] }, scene),
  UpdateAlias: (scene) => ({
    ...answered({ aliasName: aliasIn(scene), targetKeyId: arnOf(scene) }, scene),
    resources: [aliasArn(aliasIn(scene)), arnOf(scene)],
  }),
  UpdatePrimaryRegion: (scene) => ({
    ...answered({ keyId: arnOf(scene), primaryRegion: OTHER_REGION }, scene),
    resources: [arnOf(scene), keyArn(scene.keys.key.id, OTHER_REGION)],
  }),
  UpdateKeyDescription: (scene) => ({ requestParameters: { keyId: arnOf(scene), description: "another" } }),
  Verify: (scene) => ({ requestParameters: { keyId: arnOf(scene), messageType: "RAW", signingAlgorithm: "ECDSA_SHA_256" } }),
  VerifyMac: (scene) => ({ requestParameters: { keyId: arnOf(scene), macAlgorithm: "HMAC_SHA_256" } }),
};

const READ_ONLY = /^(Encrypt|Decrypt|ReEncrypt|Encapsulate|Decapsulate|Generate|Verify|Sign$|Derive|Describe|Get|List)/;

/** What every event of a call has. */
export const commonOf = (name: string, { $metadata: { requestId = "" } }: Answered) => ({
  eventVersion: "1.11",
  eventTime: "2026-06-01T12:00:00Z",
  eventSource: "kms.amazonaws.com",
  eventName: name,
  awsRegion: HOME,
  sourceIPAddress: "127.0.0.1",
  userAgent: expect.stringContaining("aws-sdk-js"),
  requestID: requestId,
  eventID: eventIdOf(requestId, ACCOUNT),
  readOnly: READ_ONLY.test(name),
  eventType: "AwsApiCall",
  managementEvent: true,
  recipientAccountId: ACCOUNT,
  eventCategory: "Management",
});

/** Of the administrator. */
export const identityOf = ({ administrator }: Kms) => ({
  type: "IAMUser",
  principalId: expect.stringMatching(/^AIDA/),
  arn: ADMINISTRATOR,
  accountId: ACCOUNT,
  accessKeyId: administrator.accessKeyId,
  userName: "administrator",
});

export const resourceOf = (ARN: string) => ({ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN });

export async function eventLeftBy(kms: Kms, { $metadata: { requestId = "" } }: Answered) {
  const rows = await kms.records(requestId, HOME, ACCOUNT);
  const { record, id } = rows.find((row) => row.id === requestId) ?? {};
  return eventOf({ region: HOME, account: ACCOUNT, id: id ?? "", record });
}
