/**
 * What a request must fulfil for a grant to count.
 *
 * The *names* of context pairs are compared without letter case here, as AWS does; the values with it. Where the context is bound to a
 * ciphertext both are exact.
 * @see AWS KMS API Reference, "GrantConstraints"
 */
import { Fault } from "./fault.ts";

type Context = ReadonlyMap<string, string>;

export interface Constraints {
  /** The request's context holds all of these pairs. */
  readonly subset?: Context;
  /** The request's context is these pairs. Never together with `subset`. */
  readonly equals?: Context;
  /** The request is made on behalf of this resource. */
  readonly sourceArn?: string;
}

const PAIRS = 8;
const VALUE_LENGTH = 384;

/** @throws {Fault} ValidationException. AWS's texts for pairs are UNVERIFIED. */
export function requireConstraints({ subset, equals }: Constraints): void {
  if (subset && equals) throw new Fault("ValidationException", "More than one constraint supplied");
  const pairs = [...(subset ?? equals ?? [])];
  if (pairs.length > PAIRS) throw new Fault("ValidationException", `An encryption context constraint can have at most ${PAIRS} pairs.`);
  if (pairs.some(([, value]) => value.length > VALUE_LENGTH))
    throw new Fault("ValidationException", `A value in an encryption context constraint can have at most ${VALUE_LENGTH} characters.`);
}

/** As the condition key kms:GrantConstraintType has it. */
export const constraintTypeOf = ({ subset, equals }: Constraints): string | undefined =>
  subset ? "EncryptionContextSubset" : equals && "EncryptionContextEquals";

export const hasContext = ({ subset, equals }: Constraints): boolean => subset !== undefined || equals !== undefined;

/** Says whether an encryption context is what a grant asks for. */
export function satisfies(context: Context, { subset, equals }: Constraints): boolean {
  if (subset && !includes(context, subset)) return false;
  return !equals || same(context, equals);
}

/** Says whether whatever satisfies the first satisfies the second too: the same, or stricter. */
export function isStricter(child: Constraints, parent: Constraints | undefined): boolean {
  if (!parent) return true;
  if (parent.sourceArn !== undefined && child.sourceArn !== parent.sourceArn) return false;
  if (parent.equals) return child.equals !== undefined && same(child.equals, parent.equals);
  const pairs = child.equals ?? child.subset;
  return !parent.subset || (pairs !== undefined && includes(pairs, parent.subset));
}

/** One text for one meaning: what is written in another order is the same. */
export function textOf({ subset, equals, sourceArn }: Constraints = {}): string {
  const pairs = (context: Context | undefined) => context && [...context].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([pairs(subset) ?? null, pairs(equals) ?? null, sourceArn ?? null]);
}

const foldedPairs = (context: Context): readonly string[] =>
  Array.from(context, ([name, value]) => JSON.stringify([name.toLowerCase(), value]));

function includes(context: Context, wanted: Context): boolean {
  const pairs = new Set(foldedPairs(context));
  return foldedPairs(wanted).every((pair) => pairs.has(pair));
}

function same(context: Context, wanted: Context): boolean {
  return context.size === wanted.size && foldedPairs(context).toSorted().join() === foldedPairs(wanted).toSorted().join();
}
