/** A friendly name for a key, in one account and Region. @see AWS KMS Developer Guide, "Aliases". */
import { aliasArn } from "./arn.ts";
import { Conflict } from "./conflict.ts";
import { Fault } from "./fault.ts";
import type { Key } from "./key.ts";

export interface Alias {
  readonly account: string;
  /** With its prefix: `alias/…`. */
  readonly name: string;
  readonly targetKeyId: string;
  readonly created: Date;
  readonly updated: Date;
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

interface AliasesOf {
  listOf(keyId: string, page: { readonly limit: number }): Promise<{ readonly aliases: readonly unknown[] }>;
}

/** Refuses one alias too many; two at the same time may pass together. @throws {Fault} LimitExceededException (AWS's text is UNVERIFIED) */
export async function requireAliasRoom(key: Key, aliases: AliasesOf, most: number): Promise<void> {
  const { aliases: found } = await aliases.listOf(key.id, { limit: Math.max(1, most) });
  if (found.length >= most) {
    throw new Fault("LimitExceededException", `Alias quota for key ${key.arn} is ${most} but the current usage is ${found.length}.`);
  }
}

/**
 * The alias that was resolved a moment ago to the key that the caller was authorized for.
 * @throws {Fault} NotFoundException when it is gone meanwhile; Conflict when it points to another key.
 */
export function requireAlias(alias: Alias | undefined, { id, region, account }: Key, name: string): Alias {
  if (!alias) throw new Fault("NotFoundException", `Alias ${aliasArn(region, account, name)} is not found.`);
  if (alias.targetKeyId !== id) throw new Conflict(`The alias ${name} was moved.`);
  return alias;
}

/** An alias moves only between keys of one type and usage. @throws {Fault} ValidationException (AWS's text is UNVERIFIED) */
export function requireAlike(current: Key, next: Key): void {
  if (typeOf(current) !== typeOf(next) || current.usage !== next.usage) {
    throw new Fault(
      "ValidationException",
      `Alias cannot be updated from ${current.arn} to ${next.arn}: the keys must have the same type and key usage.`,
    );
  }
}

const typeOf = ({ spec }: Key): "symmetric" | "HMAC" | "asymmetric" => {
  if (spec === "SYMMETRIC_DEFAULT") return "symmetric";
  return (spec as string).startsWith("HMAC_") ? "HMAC" : "asymmetric";
};
