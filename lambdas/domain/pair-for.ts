import { type AsymmetricSpec, generateKeyPair, type KeyPair, QueueFullError } from "@trent/crypto";
import { Fault } from "./fault.ts";

/** Makes a key pair for an account. @throws {Fault} DependencyTimeoutException when too many wait to be made already: clients try again. */
export async function pairFor(account: string, spec: AsymmetricSpec): Promise<KeyPair> {
  try {
    return await generateKeyPair(spec, account);
  } catch (cause) {
    throw cause instanceof QueueFullError ? new Fault("DependencyTimeoutException") : cause;
  }
}
