/** What fuzzed requests are made near to: a service in which everything that an input can name is there. */

import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  EncapsulateCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ListKeysCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { ACCOUNT, type Credentials, type Service, startService } from "../service.ts";

export interface World {
  readonly service: Service;
  readonly credentials: Credentials;
  /** Of a role's session: with its token. */
  readonly session: Credentials & { readonly token: string };
  /** Keys of their own for what must find them as they were made, by what they are for; and one whose policy is anybody's. */
  readonly keys: Readonly<Record<"encrypts" | "signs" | "agrees" | "macs" | "encapsulates" | "external" | "policied", string>>;
  /** Values that are right for a member of this name, as they stand in JSON; their keys may be disabled, and go. */
  readonly known: ReadonlyMap<string, readonly unknown[]>;
}

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" }],
});
const ALL = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
const MESSAGE = Buffer.from("message");
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("base64");

export async function newWorld(): Promise<World> {
  const service = await startService();
  const [kms, iam, sts] = [service.kms(), service.iam(), service.sts()];
  const keyOf = async (input: CreateKeyCommandInput = {}) => (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? "";
  const makeKeys = async (): Promise<World["keys"]> => ({
    encrypts: await keyOf(),
    signs: await keyOf({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }),
    agrees: await keyOf({ KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" }),
    macs: await keyOf({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" }),
    encapsulates: await keyOf({ KeySpec: "ML_KEM_512", KeyUsage: "ENCAPSULATE_DECAPSULATE" }),
    external: await keyOf({ Origin: "EXTERNAL" }),
    policied: await keyOf(),
  });
  const [keys, others] = [await makeKeys(), await makeKeys()];
  const KeyId = keys.encrypts;
  await kms.send(new CreateAliasCommand({ AliasName: "alias/known", TargetKeyId: others.encrypts }));
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
  const bound = await kms.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE, EncryptionContext: { a: "b" } }));
  const { Signature } = await kms.send(new SignCommand({ KeyId: keys.signs, Message: MESSAGE, SigningAlgorithm: "ECDSA_SHA_256" }));
  const { Mac } = await kms.send(new GenerateMacCommand({ KeyId: keys.macs, Message: MESSAGE, MacAlgorithm: "HMAC_SHA_256" }));
  const capsule = await kms.send(new EncapsulateCommand({ KeyId: keys.encapsulates, EncapsulationAlgorithm: "ML_KEM" }));
  const grant = await kms.send(
    new CreateGrantCommand({ KeyId, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:root`, Operations: ["Decrypt"] }),
  );
  const importing = await kms.send(
    new GetParametersForImportCommand({ KeyId: keys.external, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" }),
  );
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keys.agrees }));
  const { NextMarker } = await kms.send(new ListKeysCommand({ Limit: 1 }));
  await iam.send(new CreateRoleCommand({ RoleName: "fuzzed", AssumeRolePolicyDocument: TRUST }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "fuzzed", PolicyName: "all", PolicyDocument: ALL }));
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/fuzzed`;
  const { Credentials: given } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "fuzzed" }));

  const ids = [...Object.values(others), "alias/known", `arn:aws:kms:us-east-1:${ACCOUNT}:key/${others.encrypts}`];
  const known: Readonly<Record<string, readonly unknown[]>> = {
    KeyId: ids,
    TargetKeyId: ids,
    SourceKeyId: ids,
    DestinationKeyId: ids,
    AliasName: ["alias/known", "alias/other"],
    Plaintext: [text(MESSAGE)],
    Message: [text(MESSAGE)],
    CiphertextBlob: [text(CiphertextBlob), text(bound.CiphertextBlob)],
    EncryptionContext: [{ a: "b" }],
    SourceEncryptionContext: [{ a: "b" }],
    Signature: [text(Signature)],
    SigningAlgorithm: ["ECDSA_SHA_256"],
    Mac: [text(Mac)],
    MacAlgorithm: ["HMAC_SHA_256"],
    SharedSecretCiphertextBlob: [text(capsule.SharedSecretCiphertextBlob)],
    EncapsulationAlgorithm: ["ML_KEM"],
    GrantId: [grant.GrantId],
    GrantToken: [grant.GrantToken],
    GrantTokens: [[grant.GrantToken]],
    GranteePrincipal: [`arn:aws:iam::${ACCOUNT}:root`],
    Operations: [["Encrypt", "Decrypt"]],
    ImportToken: [text(importing.ImportToken)],
    EncryptedKeyMaterial: [text(Buffer.alloc(256, 7))],
    PublicKey: [text(PublicKey)],
    KeyAgreementAlgorithm: ["ECDH"],
    Marker: [NextMarker],
    PolicyName: ["default", "all"],
    Policy: [ALL],
    PolicyDocument: [ALL],
    AssumeRolePolicyDocument: [TRUST],
    RoleArn: [RoleArn],
    RoleName: ["fuzzed"],
    RoleSessionName: ["fuzzed"],
    UserName: ["Administrator"],
    ServiceCode: ["kms"],
    QuotaCode: ["L-C2F1777E"],
    DesiredValue: [100_000],
    PendingWindowInDays: [7],
    RotationPeriodInDays: [365],
    NumberOfBytes: [32],
    Tags: [[{ TagKey: "a", TagValue: "b" }]],
    TagKeys: [["a"]],
  };
  return {
    service,
    credentials: service.administrator,
    session: { accessKeyId: given?.AccessKeyId ?? "", secretAccessKey: given?.SecretAccessKey ?? "", token: given?.SessionToken ?? "" },
    keys,
    known: new Map(Object.entries(known)),
  };
}
