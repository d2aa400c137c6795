import { isMembers, type Json } from "./json.ts";
import { invalidPrincipals, malformed } from "./malformed.ts";
import { stringsOf } from "./strings.ts";

/**
 * Whom a key policy names, in one of the forms that KMS knows.
 *
 * @see AWS KMS Developer Guide, "Key policies"; IAM User Guide, "AWS JSON policy elements: Principal"
 */
export interface Principal {
  readonly form: "anyone" | "account" | "user" | "role" | "session" | "federated-user" | "service";
  /** As the policy has it. */
  readonly text: string;
  /** Twelve digits; absent for anyone and for services. */
  readonly account?: string;
  /** The user's or role's name without its path (of a session: its role's), the federated user's, or the service. */
  readonly name?: string;
}

/** Whom a statement speaks of, ready to be compared with a caller. */
export interface Principals {
  readonly anyone: boolean;
  readonly accounts: ReadonlySet<string>;
  readonly arns: ReadonlySet<string>;
}

export const ANYONE: Principals = { anyone: true, accounts: new Set(), arns: new Set() };

/**
 * Reads the value of Principal or NotPrincipal.
 *
 * Refuses a statement that names nobody, and every principal that is not written as one: a wildcard within an ARN, a group, the raw id that
 * stands for a deleted principal, and the forms that mean nothing in a key policy (Federated, CanonicalUser).
 */
export function readPrincipals(element: Json): readonly Principal[] {
  if (element === "*") return [{ form: "anyone", text: "*" }];
  if (!isMembers(element)) throw malformed();
  const principals: Principal[] = [];
  for (const [type, named] of element) {
    if (type !== "AWS" && type !== "Service") throw invalidPrincipals();
    for (const text of stringsOf(named)) principals.push(type === "AWS" ? readAws(text) : readService(text));
  }
  if (principals.length === 0) throw malformed("Policy contains a statement with no principal.");
  return principals;
}

export function principalsAmong(principals: readonly Principal[]): Principals {
  return {
    anyone: principals.some(({ form }) => form === "anyone"),
    accounts: new Set(principals.flatMap(({ form, account }) => (form === "account" && account !== undefined ? [account] : []))),
    arns: new Set(principals.flatMap(({ form, text }) => (form === "anyone" || form === "account" || form === "service" ? [] : [text]))),
  };
}

const ACCOUNT = /^\d{12}$/;
const ARN = /^arn:(?:aws|aws-cn|aws-us-gov):(iam|sts)::(\d{12}):(.+)$/;
/** A name as IAM allows it. */
const NAME = /^[\w+=,.@-]{1,128}$/;
/** A path as IAM allows it, but without the wildcards. */
const PATH = /^[!-)+->@-~]*$/;
const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;

function readAws(text: string): Principal {
  if (text === "*") return { form: "anyone", text };
  if (ACCOUNT.test(text)) return { form: "account", text, account: text };
  const [, service, account, resource] = ARN.exec(text) ?? [];
  if (service === undefined || account === undefined || resource === undefined) throw invalidPrincipals();
  if (service === "iam" && resource === "root") return { form: "account", text, account };

  const [type = "", ...path] = resource.split("/");
  const form = FORMS.get(`${service} ${type}`);
  // A session is role name and session name; a federated user has no path; a user or role has any path.
  const name = form === "session" ? path[0] : path.at(-1);
  const length = form === "session" ? 2 : form === "federated-user" ? 1 : path.length;
  if (form === undefined || name === undefined || path.length !== length) throw invalidPrincipals();
  if (!NAME.test(name) || !NAME.test(path.at(-1) ?? "") || !path.every((part) => PATH.test(part))) throw invalidPrincipals();
  return { form, text, account, name };
}

const FORMS: ReadonlyMap<string, Principal["form"]> = new Map([
  ["iam user", "user"],
  ["iam role", "role"],
  ["sts assumed-role", "session"],
  ["sts federated-user", "federated-user"],
]);

function readService(text: string): Principal {
  if (!SERVICE.test(text)) throw invalidPrincipals();
  return { form: "service", text, name: text };
}
