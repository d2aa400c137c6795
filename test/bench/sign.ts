import { constants, createHmac, createSecretKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  GenerateMacCommand,
  type KMSClient,
  SignCommand,
  type SignCommandInput,
  VerifyCommand,
} from "@aws-sdk/client-kms";

type Send = (client: KMSClient) => Promise<unknown>;

const MESSAGE = Buffer.alloc(32, 1);

/** Calls that sign, verify and make MACs, each with a key of its own. */
export async function signing(client: KMSClient): Promise<Readonly<Record<string, Send>>> {
  const keyOf = async (KeySpec: NonNullable<CreateKeyCommandInput["KeySpec"]>, KeyUsage: NonNullable<CreateKeyCommandInput["KeyUsage"]>) =>
    (await client.send(new CreateKeyCommand({ KeySpec, KeyUsage }))).KeyMetadata?.KeyId;
  const [curve, rsa, hmac] = [
    await keyOf("ECC_NIST_P256", "SIGN_VERIFY"),
    await keyOf("RSA_2048", "SIGN_VERIFY"),
    await keyOf("HMAC_256", "GENERATE_VERIFY_MAC"),
  ];
  const ecdsa: SignCommandInput = { KeyId: curve, Message: MESSAGE, SigningAlgorithm: "ECDSA_SHA_256" };
  const { Signature } = await client.send(new SignCommand(ecdsa));
  return {
    "Sign ECDSA P-256": (to) => to.send(new SignCommand(ecdsa)),
    "Sign ECDSA P-256, digest": (to) => to.send(new SignCommand({ ...ecdsa, MessageType: "DIGEST" })),
    "Sign RSA-2048 PSS": (to) => to.send(new SignCommand({ KeyId: rsa, Message: MESSAGE, SigningAlgorithm: "RSASSA_PSS_SHA_256" })),
    "Verify ECDSA P-256": (to) => to.send(new VerifyCommand({ ...ecdsa, Signature })),
    GenerateMac: (to) => to.send(new GenerateMacCommand({ KeyId: hmac, Message: MESSAGE, MacAlgorithm: "HMAC_SHA_256" })),
  };
}

/** What the same work costs in a bare loop, in µs of processor time. */
export function primitives(): readonly (readonly [string, number])[] {
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pss = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const secret = createSecretKey(randomBytes(32));
  const signature = sign("sha256", MESSAGE, curve.privateKey);
  const loops: Readonly<Record<string, () => unknown>> = {
    "sign ECDSA P-256": () => sign("sha256", MESSAGE, curve.privateKey),
    "sign RSA-2048 PSS": () => sign("sha256", MESSAGE, pss),
    "verify ECDSA P-256": () => verify("sha256", MESSAGE, curve.publicKey, signature),
    "HMAC SHA-256": () => createHmac("sha256", secret).update(MESSAGE).digest(),
  };
  return Object.entries(loops).map(([name, run]) => [name, costOf(run)]);
}

const TIMES = 2000;

function costOf(run: () => unknown): number {
  for (let i = 0; i < TIMES; i++) run();
  const before = process.cpuUsage();
  for (let i = 0; i < TIMES; i++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / TIMES;
}
