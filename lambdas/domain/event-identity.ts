import type { EventCaller } from "./event-record.ts";

/**
 * Who called, as CloudTrail says it of each kind of principal.
 * @see AWS CloudTrail User Guide, "CloudTrail userIdentity element"
 */
export function userIdentityOf(caller: EventCaller): object {
  const { k: kind, a: arn, i: id, ak, by } = caller;
  const invoked = by !== undefined && { invokedBy: by };
  switch (kind) {
    case "service":
      return isService(arn) ? { type: "AWSService", invokedBy: arn } : { accountId: id, invokedBy: arn };
    case "account":
      return { type: "AWSAccount", principalId: id, accountId: arn, ...invoked };
    case "provider": {
      const { provider, subject } = vouched(id, arn);
      return { type: "WebIdentityUser", principalId: id, userName: subject, identityProvider: provider };
    }
    default:
      return {
        type: TYPES[kind],
        principalId: id,
        arn,
        accountId: arn.split(":")[4],
        accessKeyId: ak ?? "",
        ...(kind === "user" && { userName: nameIn(arn) }),
        ...sessionContext(caller),
        ...invoked,
      };
  }
}

/**
 * What is shown in the place of the address and the user agent of a service that called.
 * @see AWS CloudTrail User Guide, "CloudTrail record contents": "for actions … performed by AWS services, only the DNS name is displayed"
 */
export const invokerOf = ({ k, a, by }: EventCaller): string | undefined => by ?? (k === "service" && isService(a) ? a : undefined);

/** And not Trent itself, which is no principal. */
const isService = (name: string): boolean => name.includes(".");

const TYPES = { root: "Root", user: "IAMUser", "role-session": "AssumedRole", "federated-user": "FederatedUser" } as const;

/** A user or root user with temporary credentials is its own issuer, and none is named. */
function sessionContext({ k: kind, a: arn, si, st, so, fp }: EventCaller): object {
  if (st === undefined) return {};
  const [type = "", principalId = "", issuerArn = "", userName = ""] = si ?? [];
  const issued = kind === "role-session" || kind === "federated-user";
  const issuer = { type, principalId, arn: issuerArn, accountId: arn.split(":")[4], ...(userName !== "" && { userName }) };
  return {
    sessionContext: {
      ...(issued && { sessionIssuer: issuer, webIdFederationData: fp === undefined ? {} : { federatedProvider: fp, attributes: {} } }),
      attributes: { creationDate: seconds(st), mfaAuthenticated: "false" },
      ...(so !== undefined && { sourceIdentity: so }),
    },
  };
}

/** The name by which people look for a caller: a user's, a session's, or `root`. */
export function userNameOf({ k: kind, a: arn, i: id }: EventCaller): string | undefined {
  if (kind === "root") return "root";
  if (kind === "provider") return vouched(id, arn).subject;
  return kind === "service" || kind === "account" ? undefined : nameIn(arn);
}

const nameIn = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

/** `<provider's ARN>:<audience>:<subject>`; the subject may hold colons, the audience of most providers none. */
function vouched(id: string, arn: string): { readonly provider: string; readonly subject: string } {
  const [, ...subject] = id.slice(arn.length + 1).split(":");
  return { provider: arn, subject: subject.join(":") };
}

/** To the second, without a fraction. */
export const seconds = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
