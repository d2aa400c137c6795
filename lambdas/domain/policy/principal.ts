import type { PolicyKind } from "./dialect.ts";
import { isMembers, type Json } from "./json.ts";
import { invalidPrincipals, malformed } from "./malformed.ts";
import { stringsOf } from "./strings.ts";

/**
 * Whom a policy names, in one of the forms that KMS or, for a role's trust, IAM knows.
 *
 * @see AWS KMS Developer Guide, "Key policies"; IAM User Guide, "AWS JSON policy elements: Principal"
 */
export interface Principal {
  readonly form: "anyone" | "account" | "user" | "role" | "session" | "federated-user" | "service" | "provider";
  /** As the policy has it. */
  readonly text: string;
  /** Twelve digits; absent for anyone, for services and for providers that have no ARN. */
  readonly account?: string;
  /** The user's or role's name without its path (of a session: its role's), the federated user's, the service or the provider. */
  readonly name?: string;
}

/** Whom a statement speaks of, ready to be compared with a caller. */
export interface Principals {
  /** The statement speaks of everybody else. */
  readonly except: boolean;
  readonly anyone: boolean;
  readonly accounts: ReadonlySet<string>;
  /** Users, roles, sessions and federated users. */
  readonly arns: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly providers: ReadonlySet<string>;
  /** As the policy has them. */
  readonly texts: readonly string[];
}

/**
 * Reads the value of Principal or NotPrincipal.
 *
 * Refuses a statement that names nobody, and every principal that is not written as one: a wildcard within an ARN, a group, the raw id that
 * stands for a deleted principal, a canonical user, and outside of a role's trust an identity provider.
 */
export function readPrincipals(element: Json, kind: PolicyKind): readonly Principal[] {
  if (element === "*") return [{ form: "anyone", text: "*" }];
  if (!isMembers(element)) throw malformed();
  const principals = Array.from(element).flatMap(([type, named]) => stringsOf(named).map(readerOf(type, kind)));
  if (principals.length === 0) throw malformed("Policy contains a statement with no principal.");
  return principals;
}

export function principalsAmong(principals: readonly Principal[], except: boolean): Principals {
  const textsOf = (...forms: readonly Principal["form"][]) =>
    new Set(principals.flatMap(({ form, text }) => (forms.includes(form) ? [text] : [])));
  return {
    except,
    anyone: textsOf("anyone").size > 0,
    accounts: new Set(principals.flatMap(({ form, account }) => (form === "account" && account !== undefined ? [account] : []))),
    arns: textsOf("user", "role", "session", "federated-user"),
    services: textsOf("service"),
    providers: textsOf("provider"),
    texts: principals.map(({ text }) => text),
  };
}

function readerOf(type: string, kind: PolicyKind): (text: string) => Principal {
  if (type === "AWS") return readAws;
  if (type === "Service") return readService;
  if (type === "Federated" && kind === "trust") return readProvider;
  throw invalidPrincipals();
}

const ACCOUNT = /^\d{12}$/;
const ARN = /^arn:(?:aws|aws-cn|aws-us-gov):(iam|sts)::(\d{12}):(.+)$/;
/** A name as IAM allows it. */
const NAME = /^[\w+=,.@-]{1,128}$/;
/** A path as IAM allows it, but without the wildcards. */
const PATH = /^[!-)+->@-~]*$/;
const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
/** An OpenID Connect provider is named by its URL without the scheme. */
const PROVIDER = /^arn:(?:aws|aws-cn|aws-us-gov):iam::(\d{12}):(?:oidc|saml)-provider\/([\w+=,.@:~/-]+)$/;

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

function readProvider(text: string): Principal {
  const [, account, name] = PROVIDER.exec(text) ?? [];
  if (account !== undefined && name !== undefined) return { form: "provider", text, account, name };
  // "accounts.google.com", "graph.facebook.com", "www.amazon.com", "cognito-identity.amazonaws.com" have no ARN.
  if (!SERVICE.test(text)) throw invalidPrincipals();
  return { form: "provider", text, name: text };
}
