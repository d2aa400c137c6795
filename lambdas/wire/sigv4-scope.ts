import { Fault } from "#domain/fault";
import type { HttpRequest } from "./http.ts";
import { type Claim, type Scope, shown } from "./sigv4-claim.ts";

const TERMINATOR = "aws4_request";

/** What a face of the service asks of a signature before it looks at whose it is. */
export interface Expectation {
  /** As in the credential scope: `kms`, `sts` … */
  readonly service: string;
  readonly regions: (region: string) => boolean;
  readonly now: Date;
  /** How far the signer's clock may be off, either way: 300 for kms, 900 for the query services. */
  readonly skewSeconds: number;
}

/** A run of decimal digits as a number; NaN when one is no digit. */
function number(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** `20240820T230143Z` in milliseconds since 1970; undefined when it is not of this form, or there is no such second. */
function instantOf(text: string): number | undefined {
  if (text.length !== 16 || text[8] !== "T" || text[15] !== "Z") return undefined;
  const year = number(text, 0, 4);
  const month = number(text, 4, 6);
  const day = number(text, 6, 8);
  const hour = number(text, 9, 11);
  const minute = number(text, 11, 13);
  const second = number(text, 13, 15);
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  const instant = Date.UTC(year, month - 1, day, hour, minute, second);
  return day <= 28 || new Date(instant).getUTCDate() === day ? instant : undefined;
}

function basic(instant: number): string {
  return new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** Host, every `x-amz-*` header and, unless it is presigned, the content type: what changes the meaning of a request is signed. */
function requireSigned({ form, signedHeaders }: Claim, { headers }: HttpRequest): void {
  if (!signedHeaders.names.has("host")) refuse("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  for (const name of headers.keys()) {
    const bound = name.startsWith("x-amz-") || (name === "content-type" && form === "header");
    if (bound && !signedHeaders.names.has(name)) refuse(`'${shown(name)}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
}

function requireTimely({ amzDate }: Claim, signedAt: number, { now, skewSeconds }: Expectation): void {
  // A date has no fractions of a second, so that the last second of the window counts whole.
  const current = Math.floor(now.getTime() / 1000) * 1000;
  const oldest = current - skewSeconds * 1000;
  const newest = current + skewSeconds * 1000;
  if (!(signedAt >= oldest)) {
    refuse(`Signature expired: ${amzDate} is now earlier than ${basic(oldest)} (${basic(current)} - ${Math.floor(skewSeconds / 60)} min.)`);
  }
  if (!(signedAt <= newest)) {
    refuse(
      `Signature not yet current: ${amzDate} is still later than ${basic(newest)} (${basic(current)} + ${Math.floor(skewSeconds / 60)} min.)`,
    );
  }
}

function refuse(text: string): never {
  throw new Fault("InvalidSignatureException", text);
}

/**
 * Requires that a signature covers what it must, was made now, and for this service, and returns its scope.
 *
 * A presigned request lives for the window of the clock, whatever `X-Amz-Expires` says: so does STS, and the tokens of EKS, signed for 60 s
 * and used for 14 minutes, depend on it.
 * @see wire.md 5, #13 to #18, in this order
 */
export function requireScope(claim: Claim, http: HttpRequest, expected: Expectation): Scope {
  const { credential, amzDate } = claim;
  requireSigned(claim, http);
  const signedAt = instantOf(amzDate);
  if (signedAt === undefined) {
    const text = `Date must be in ISO-8601 'basic format'. Got '${shown(amzDate)}'. See http://en.wikipedia.org/wiki/ISO_8601`;
    throw new Fault("IncompleteSignatureException", text);
  }
  requireTimely(claim, signedAt, expected);
  const [accessKeyId, date, region, service, terminator, more] = credential.split("/", 6);
  if (
    accessKeyId === undefined ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    terminator === undefined ||
    more !== undefined
  ) {
    const text = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${shown(credential)}'`;
    throw new Fault("IncompleteSignatureException", text);
  }
  const day = amzDate.slice(0, 8);
  if (!expected.regions(region) || service !== expected.service || terminator !== TERMINATOR || date !== day) {
    const sentences: string[] = [];
    if (!expected.regions(region)) sentences.push(`Credential should be scoped to a valid region, not '${shown(region)}'.`);
    if (service !== expected.service) sentences.push(`Credential should be scoped to correct service: '${expected.service}'.`);
    if (terminator !== TERMINATOR) {
      sentences.push(`Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${shown(terminator)}'.`);
    }
    if (date !== day) {
      const mismatch = `'${shown(date)}' != '${day}', from '${amzDate}'.`;
      sentences.push(`Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${mismatch}`);
    }
    refuse(sentences.join(" "));
  }
  return { accessKeyId, date, region, service };
}
