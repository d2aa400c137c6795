/** A session as bytes, as short as it can be said; and how much room there is for what a caller passes. */
import { Fault } from "./fault.ts";
import type { Session, SessionIssuer } from "./session.ts";

/**
 * Bytes for the policy, the policies' ARNs and the tags of one session. With the longest of everything else beside them a token stays within its
 * limit.
 */
const ROOM = 2250;
/** Bytes that tell how long a text is. */
const LENGTH = 2;

/**
 * How much of the room a session takes, in percent.
 * @throws {Fault} PackedPolicyTooLargeException
 * @see STS API Reference, "AssumeRole": "an AWS conversion compresses the passed inline session policy, managed policy ARNs, and session tags
 * into a packed binary format that has a separate limit"
 */
export function packedPercent({
  policy,
  policyArns,
  tags,
  transitive,
}: Pick<Session, "policy" | "policyArns" | "tags" | "transitive">): number {
  const percentOf = (texts: readonly string[]) =>
    Math.ceil((100 * texts.reduce((sum, text) => sum + LENGTH + Buffer.byteLength(text), 0)) / ROOM);
  const policies = percentOf([policy ?? "", ...policyArns]);
  if (policies > 100)
    throw new Fault("PackedPolicyTooLargeException", `Packed policy consumes ${policies}% of allotted space, please use smaller policy.`);
  const all = percentOf([policy ?? "", ...policyArns, ...Array.from(tags).flat(), ...transitive]);
  if (all > 100) throw new Fault("PackedPolicyTooLargeException", `Packed size of session tags consumes ${all}% of allotted space.`);
  return all;
}

/** A document longer than this does not fit, whatever white space it has. */
const LONGEST_DOCUMENT = 20_000;

/** @throws {Fault} PackedPolicyTooLargeException for a document that is not worth reading. */
export function requireReadable(document: string): void {
  if (document.length <= LONGEST_DOCUMENT) return;
  const percent = Math.ceil((100 * document.length) / ROOM);
  throw new Fault("PackedPolicyTooLargeException", `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`);
}

/** A policy document, which was read before, without the white space between its parts. An open quote runs to the end: linear time. */
export const compact = (document: string): string => document.replaceAll(/("(?:[^"\\]|\\.)*"?)|\s+/gs, "$1");

/** The session, and so many bytes that say nothing. */
export function packed(session: Session, padding: number): Buffer {
  const {
    kind,
    partition,
    account,
    issuer,
    name = "",
    issued,
    expires,
    policy = "",
    sourceIdentity = "",
    chained,
    provider = "",
  } = session;
  const numbers = [issued, expires].map((date) => (date.getTime() / 1000).toString(36));
  const tags = Array.from(session.tags).flat();
  const lists = [session.policyArns, tags, session.transitive];
  const fields = [
    kind,
    partition,
    account,
    issuer.type,
    issuer.id,
    issuer.name,
    name,
    ...numbers,
    policy,
    sourceIdentity,
    chained ? "1" : "",
    provider,
  ];
  return frame([...fields, ...lists.flatMap((list) => [String(list.length), ...list]), "0".repeat(padding)]);
}

/** What {@link packed} has written; it was authenticated before. */
export function unpacked(bytes: Buffer): Session {
  const texts = textsIn(bytes);
  const next = (): string => texts.next().value ?? "";
  const list = (): string[] => Array.from({ length: Number(next()) }, next);
  const date = () => new Date(Number.parseInt(next(), 36) * 1000);

  const [kind, partition, account] = [next() as Session["kind"], next(), next()];
  const issuer: SessionIssuer = { type: next() as SessionIssuer["type"], id: next(), name: next() };
  const [name, issued, expires] = [next(), date(), date()];
  const [policy, sourceIdentity, chained, provider] = [next(), next(), next() === "1", next()];
  const policyArns = list();
  const tags = list();
  return {
    ...{ kind, partition, account, issuer, issued, expires, policyArns, chained },
    tags: new Map(tags.flatMap((key, index) => (index % 2 === 0 ? [[key, tags[index + 1] ?? ""] as const] : []))),
    transitive: list(),
    ...(name !== "" && { name }),
    ...(policy !== "" && { policy }),
    ...(sourceIdentity !== "" && { sourceIdentity }),
    ...(provider !== "" && { provider }),
  };
}

/** Each with its length before it. */
function frame(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(LENGTH);
      length.writeUInt16BE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

function* textsIn(bytes: Buffer): Generator<string, undefined> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + LENGTH + bytes.readUInt16BE(at);
    yield bytes.toString("utf8", at + LENGTH, end);
    at = end;
  }
  return undefined;
}
