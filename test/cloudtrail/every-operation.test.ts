/** The event of every operation of KMS, member by member. @see AWS KMS Developer Guide, "Examples of AWS KMS log entries" */
import { describe, expect, test } from "vitest";
import { eventOf } from "#domain/event";
import { eventIdOf } from "#domain/event-id";
import * as kmsOperations from "#kms";
import type { AnyOperation } from "#operation";
import { CONTEXT, TRIALS } from "../access/every-operation-inputs.ts";
import { type Scene, sceneOf } from "../access/every-operation-world.ts";
import { ADMINISTRATOR, type Answered, aliasArn, startKms, type TestKey } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

interface Shown {
  readonly requestParameters: unknown;
  readonly responseElements?: unknown;
  readonly additionalEventData?: object;
  readonly resources?: readonly string[];
}

type Input = Readonly<Record<string, unknown>>;

const kms = startKms();
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

const EXPECTED: Readonly<Record<string, (scene: Scene) => Shown>> = {
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
  DeleteAlias: (scene) => ({
    ...answered({ aliasName: aliasIn(scene) }, scene),
    resources: [aliasArn(aliasIn(scene)), arnOf(scene)],
  }),
  DescribeKey: keyOnly,
  DisableKey: (scene) => answered({ keyId: arnOf(scene) }, scene),
  EnableKey: (scene) => answered({ keyId: arnOf(scene) }, scene),
  Encrypt: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, encryptionAlgorithm: "SYMMETRIC_DEFAULT" }, scene),
  GenerateDataKey: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, keySpec: "AES_256" }, scene),
  GenerateDataKeyWithoutPlaintext: (scene) => withMaterial({ keyId: arnOf(scene), encryptionContext: CONTEXT, keySpec: "AES_256" }, scene),
  GenerateRandom: nothing,
  GetKeyPolicy: (scene) => ({ requestParameters: { keyId: arnOf(scene), policyName: "default" } }),
  GetKeyRotationStatus: keyOnly,
  ListAliases: nothing,
  ListGrants: keyOnly,
  ListKeyPolicies: keyOnly,
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
  ScheduleKeyDeletion: (scene) =>
    answered({ keyId: arnOf(scene), pendingWindowInDays: 7 }, scene, {
      keyState: "PendingDeletion",
      deletionDate: "Jun 8, 2026, 12:00:00 PM",
      pendingWindowInDays: 7,
    }),
  TagResource: (scene) => answered({ keyId: arnOf(scene), tags: [{ tagKey: "a", tagValue: "1" }] }, scene),
  UntagResource: (scene) => answered({ keyId: arnOf(scene), tagKeys: ["a"] }, scene),
  UpdateAlias: (scene) => ({
    ...answered({ aliasName: aliasIn(scene), targetKeyId: arnOf(scene) }, scene),
    resources: [aliasArn(aliasIn(scene)), arnOf(scene)],
  }),
  UpdateKeyDescription: (scene) => ({ requestParameters: { keyId: arnOf(scene), description: "another" } }),
};

const READ_ONLY = /^(Encrypt|Decrypt|ReEncrypt|Generate|Verify|Sign$|Derive|Describe|Get|List)/;

async function eventLeftBy({ $metadata }: Answered, account = ACCOUNT) {
  const { requestId = "" } = $metadata;
  const rows = await kms.records(requestId, HOME, account);
  const { record, id } = rows.find((row) => row.id === requestId) ?? {};
  return eventOf({ region: HOME, account, id: id ?? "", record });
}

const OPERATIONS = Object.values<AnyOperation>(kmsOperations).filter(({ name }) => EXPECTED[name] && TRIALS[name]);

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))("%s", (name, operation) => {
  const common = (requestId: string | undefined) => ({
    eventVersion: "1.11",
    eventTime: "2026-06-01T12:00:00Z",
    eventSource: "kms.amazonaws.com",
    eventName: name,
    awsRegion: HOME,
    sourceIPAddress: "127.0.0.1",
    userAgent: expect.stringContaining("aws-sdk-js"),
    requestID: requestId,
    eventID: eventIdOf(requestId ?? "", ACCOUNT),
    readOnly: READ_ONLY.test(name),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: "Management",
  });
  const resourceOf = (ARN: string) => ({ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN });

  test("that is answered", async () => {
    const scene = await sceneOf(kms, operation);
    const { resources, ...shown } = EXPECTED[name]?.(scene) ?? keyOnly(scene);
    const done = await scene.call(kms.client);
    expect(await eventLeftBy(done)).toEqual({
      ...common(done.$metadata.requestId),
      userIdentity: {
        type: "IAMUser",
        principalId: expect.stringMatching(/^AIDA/),
        arn: ADMINISTRATOR,
        accountId: ACCOUNT,
        accessKeyId: kms.administrator.accessKeyId,
        userName: "administrator",
      },
      responseElements: null,
      ...shown,
      resources: (resources ?? [arnOf(scene)]).map(resourceOf),
    });
  });

  test("that is refused", async () => {
    const scene = await sceneOf(kms, operation);
    const someone = await kms.someone();
    const error = await scene.call(someone.client).then(
      () => Promise.reject(new Error("The call was not refused.")),
      (cause: Answered & Error) => cause,
    );
    const { additionalEventData: _, resources: __, responseElements: ___, ...shown } = EXPECTED[name]?.(scene) ?? keyOnly(scene);
    const event = await eventLeftBy(error);
    expect(event).toMatchObject({
      ...common(error.$metadata.requestId),
      userIdentity: { type: "IAMUser", arn: someone.arn, principalId: someone.id },
      errorCode: "AccessDenied",
      errorMessage: error.message,
      responseElements: null,
      ...(name === "CreateKey" ? {} : shown),
    });
    expect(Object.keys(event)).toEqual(expect.arrayContaining(["resources"]));
  });
});
