/**
 * Whom a grant names, as grantee or to retire it.
 * @see AWS KMS API Reference, CreateGrant, "GranteePrincipal"; IAM User Guide, "AWS JSON policy elements: Principal"
 */
import { partitionOf, rootArn } from "./arn.ts";
import { Fault } from "./fault.ts";
import { type Principal, uniqueIdOf } from "./principal.ts";

export interface Grantee {
  /** An ARN, of an account its root's; or a service's name, such as `logs.us-east-1.amazonaws.com`. */
  readonly principal: string;
  /** The unique id that the user or role had when the grant was made; of a session, its role's. Accounts and services have none. */
  readonly id?: string;
  /** Named by the member for service principals. */
  readonly service?: true;
}

/** The unique id of a user or role by its ARN, of a session's role by the session's; undefined when there is none such. */
export type IdOf = (arn: string) => Promise<string | undefined>;

const NAME = "[\\w+=,.@-]+";
const ARN = new RegExp(
  `^arn:([\\w-]+):(?:iam::(\\d{12}):(?:root|(?:user|role)/(?:[\\w+=,.@/-]*/)?${NAME})|sts::(\\d{12}):(?:assumed-role/${NAME}/${NAME}|federated-user/${NAME}))$`,
);
const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/;
const ACCOUNT = /^\d{12}$/;

/**
 * Reads the name of a principal: the ARN of an account, user, role, assumed-role session or federated user; an account's number; or a service.
 * @throws {Fault} InvalidArnException for anything else, a group and `*` among it, and for the ARN of another partition.
 */
export function principalNamed(text: string, region: string): Pick<Grantee, "principal"> & { readonly account?: string } {
  if (ACCOUNT.test(text)) return { principal: rootArn(region, text), account: text };
  if (SERVICE.test(text)) return { principal: text };
  const [, partition, ofIam, ofSts] = ARN.exec(text) ?? [];
  const account = ofIam ?? ofSts;
  if (account === undefined || partition !== partitionOf(region)) throw invalidPrincipal(text);
  return { principal: text, account };
}

/**
 * The principal as it is now, to be kept in a grant: who takes its name later is somebody else.
 * @param idOf absent where principals come into being by being named.
 * @throws {Fault} InvalidArnException also for a user, role or session's role that does not exist.
 */
export async function granteeNamed(text: string, region: string, idOf: IdOf | undefined): Promise<Grantee> {
  const { principal } = principalNamed(text, region);
  if (!idOf || !hasId(principal)) return { principal };
  const id = await idOf(principal);
  if (id === undefined) throw invalidPrincipal(text);
  return { principal, id };
}

/** Users, roles and sessions of roles. */
const hasId = (principal: string): boolean => /^arn:[^:]*:(?:iam::\d+:(?:user|role)|sts::\d+:assumed-role)\//.test(principal);

/** Whose call it is. */
type Caller = Pick<Principal, "account" | "arn" | "behind" | "id" | "session">;

/** The names under which a grant may mean this caller: its own, that of its role, that of its account. */
export const granteeForms = ({ account, arn, behind }: Caller, region: string): readonly string[] => [
  // A service is in an account, but not of it.
  ...new Set([arn, ...(behind === undefined ? [] : [behind]), ...(arn.startsWith("arn:") ? [rootArn(region, account)] : [])]),
];

/** Says whether a principal that a grant names is this caller, or its account, and not somebody who had its name before. */
export function means({ principal, id }: Grantee, caller: Caller, region: string): boolean {
  return granteeForms(caller, region).includes(principal) && (id === undefined || id === uniqueIdOf(caller));
}

/**
 * How a grant's principal is shown: by its ARN, or by its unique id when the ARN is nobody's any more, or somebody else's.
 * @see AWS KMS API Reference, "GrantListEntry"
 */
export async function shownAs({ principal, id }: Grantee, idOf: IdOf): Promise<string> {
  return id === undefined || (await idOf(principal)) === id ? principal : id;
}

const invalidPrincipal = (text: string): Fault => new Fault("InvalidArnException", `ARN does not refer to a valid principal: ${text}`);
