/** The operations that use the material of a key, each with what it needs beside the key: for asking keys that cannot do it. */
import {
  DecapsulateCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncapsulateCommand,
  EncryptCommand,
  EncryptionAlgorithmSpec,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  type KeyUsageType,
  type KMSClient,
  MacAlgorithmSpec,
  ReEncryptCommand,
  SignCommand,
  SigningAlgorithmSpec,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";

export interface Use {
  readonly name: string;
  readonly usage: KeyUsageType;
  /** Every algorithm that the operation may need of its key. */
  readonly algorithms: readonly string[];
  /** @param other a symmetric key, for what needs two */
  ask(kms: KMSClient, KeyId: string, algorithm: string, other: string): Promise<unknown>;
}

const ENCRYPTION = Object.values(EncryptionAlgorithmSpec);
const SIGNING = Object.values(SigningAlgorithmSpec);
/** Of data keys and pairs, which are encrypted without a choice. */
const DEFAULT = ["SYMMETRIC_DEFAULT"];
const MACS = Object.values(MacAlgorithmSpec);
const Message = Buffer.from("attack at dawn");
/** Of no key. */
const CiphertextBlob = Buffer.alloc(256, 7);

/** The SDK's enums are types as well; in a table an algorithm is what stands in its row. */
function used<A extends string>(
  name: string,
  usage: KeyUsageType,
  algorithms: readonly A[],
  ask: (kms: KMSClient, KeyId: string, algorithm: A, other: string) => Promise<unknown>,
): Use {
  return { name, usage, algorithms, ask: ask as Use["ask"] };
}

export const USES: readonly Use[] = [
  used("Encrypt", "ENCRYPT_DECRYPT", ENCRYPTION, (kms, KeyId, EncryptionAlgorithm) =>
    kms.send(new EncryptCommand({ KeyId, Plaintext: Message, EncryptionAlgorithm })),
  ),
  used("Decrypt", "ENCRYPT_DECRYPT", ENCRYPTION, (kms, KeyId, EncryptionAlgorithm) =>
    kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm })),
  ),
  used("ReEncrypt", "ENCRYPT_DECRYPT", ENCRYPTION, (kms, SourceKeyId, SourceEncryptionAlgorithm, DestinationKeyId) =>
    kms.send(new ReEncryptCommand({ SourceKeyId, CiphertextBlob, SourceEncryptionAlgorithm, DestinationKeyId })),
  ),
  used("ReEncrypt", "ENCRYPT_DECRYPT", ENCRYPTION, async (kms, DestinationKeyId, DestinationEncryptionAlgorithm, other) => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: other, Plaintext: Message }));
    return kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId, DestinationEncryptionAlgorithm }));
  }),
  used("GenerateDataKey", "ENCRYPT_DECRYPT", DEFAULT, (kms, KeyId) => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }))),
  used("GenerateDataKeyWithoutPlaintext", "ENCRYPT_DECRYPT", DEFAULT, (kms, KeyId) =>
    kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256" })),
  ),
  used("GenerateDataKeyPair", "ENCRYPT_DECRYPT", DEFAULT, (kms, KeyId) =>
    kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })),
  ),
  used("GenerateDataKeyPairWithoutPlaintext", "ENCRYPT_DECRYPT", DEFAULT, (kms, KeyId) =>
    kms.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })),
  ),
  used("Sign", "SIGN_VERIFY", SIGNING, (kms, KeyId, SigningAlgorithm) => kms.send(new SignCommand({ KeyId, Message, SigningAlgorithm }))),
  used("Verify", "SIGN_VERIFY", SIGNING, (kms, KeyId, SigningAlgorithm) =>
    kms.send(new VerifyCommand({ KeyId, Message, SigningAlgorithm, Signature: Message })),
  ),
  used("GenerateMac", "GENERATE_VERIFY_MAC", MACS, (kms, KeyId, MacAlgorithm) =>
    kms.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm })),
  ),
  used("VerifyMac", "GENERATE_VERIFY_MAC", MACS, (kms, KeyId, MacAlgorithm) =>
    kms.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac: Message })),
  ),
  used("DeriveSharedSecret", "KEY_AGREEMENT", ["ECDH"], (kms, KeyId, KeyAgreementAlgorithm) =>
    kms.send(new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm, PublicKey: Message })),
  ),
  used("Encapsulate", "ENCAPSULATE_DECAPSULATE", ["ML_KEM"], (kms, KeyId, EncapsulationAlgorithm) =>
    kms.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm })),
  ),
  used("Decapsulate", "ENCAPSULATE_DECAPSULATE", ["ML_KEM"], (kms, KeyId, EncapsulationAlgorithm) =>
    kms.send(new DecapsulateCommand({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob: CiphertextBlob })),
  ),
];
