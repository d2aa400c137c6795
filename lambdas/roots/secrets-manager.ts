/**
 * The roots in two secrets of AWS Secrets Manager, so that whoever may read the one need not be able to read the other.
 *
 * A secret holds 32 random bytes as text: 64 hexadecimal digits, which Secrets Manager can generate by itself (nobody has ever seen them
 * then), or base64. Nothing else is taken, and nothing is derived: a root that somebody made up is refused rather than stretched.
 * @see AWS Secrets Manager API Reference, GetSecretValue and GetRandomPassword
 */
import type { KeyObject } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient, type SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import { secretKey } from "@trent/crypto";
import type { Roots } from "#store";
import { ROOT_LENGTH, RootUnusable } from "./root.ts";

/** A function without access to the material root is given no name of it. */
export interface RootSecrets {
  /** Names or ARNs. */
  readonly control: string;
  readonly material?: string | undefined;
  readonly client?: SecretsManagerClientConfig;
}

/**
 * Each root is fetched when it is first asked for, and by itself; what failed is tried again by the next who asks.
 * @throws {RootUnusable} at once when both are one secret, later when one cannot be had or holds no root.
 */
export function rootsFromSecretsManager({ control, material, client = {} }: RootSecrets): Roots {
  if (control === material) throw new RootUnusable("The control root and the material root are one secret: name two.");
  let manager: SecretsManagerClient | undefined;

  function root(name: string | undefined): () => Promise<KeyObject> {
    let fetching: Promise<KeyObject> | undefined;
    return async () => {
      if (name === undefined) throw new RootUnusable("This function was not given the material root.");
      manager ??= new SecretsManagerClient(client);
      fetching ??= fetched(manager, name);
      try {
        return await fetching;
      } catch (cause) {
        fetching = undefined;
        throw cause;
      }
    };
  }

  return { control: root(control), material: root(material) };
}

/**
 * The roots that `TRENT_ROOT_CONTROL` and `TRENT_ROOT_MATERIAL` name, as the stacks set them.
 * @throws {RootUnusable}
 */
export function rootsFromSecrets(environment: Readonly<Record<string, string | undefined>>): Roots {
  const { TRENT_ROOT_CONTROL: control, TRENT_ROOT_MATERIAL: material } = environment;
  if (!control) throw new RootUnusable("TRENT_ROOT_CONTROL is not set: it names the secret that holds the control root.");
  return rootsFromSecretsManager({ control, material: material || undefined });
}

async function fetched(manager: SecretsManagerClient, name: string): Promise<KeyObject> {
  const { SecretString: text } = await manager.send(new GetSecretValueCommand({ SecretId: name }));
  const bytes = text === undefined ? undefined : bytesIn(text.trim());
  // What the secret holds instead is nobody's business: it may be another secret.
  if (bytes?.length !== ROOT_LENGTH)
    throw new RootUnusable(`The secret ${name} holds no root: it must be 64 hexadecimal digits, or base64 of 32 bytes.`);
  return secretKey(bytes);
}

/** Undefined when it is neither; a text is never both, because the lengths differ. */
function bytesIn(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
