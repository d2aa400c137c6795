import { partitionOf } from "#domain/arn";
import { policiesOf } from "#domain/identity-policies";
import type { Key } from "#domain/key";
import { compilePolicy } from "#domain/policy/compile";
import { ADMINISTRATOR_ACCESS } from "#domain/policy/default-policy";
import type { Principal as NamedPrincipal } from "#domain/policy/principal";
import type { Caller } from "#domain/policy/request";
import type { Principal } from "#domain/principal";
import type { Shared } from "#store";
import type { IsOpen } from "./open-conditions.ts";

/** Somebody who might call. */
export interface Candidate {
  /** As policies name it. */
  readonly name: string;
  readonly caller: Principal;
  /** What cannot be told of it here, beyond what a call says. */
  readonly isOpen: IsOpen;
  /** What else must be so. */
  readonly if?: string;
  /** It is of another account than the key. */
  readonly foreign?: true;
}

const PAGE = 100;
const KNOWN: IsOpen = () => false;
/** Of a session, whatever its role; the ARN of its principal is the role's. */
const OF_SESSION: ReadonlySet<string> = new Set(["aws:userid", "aws:username"]);
/** Of somebody of whom only the account is known. */
const OF_SOMEBODY: ReadonlySet<string> = new Set([...OF_SESSION, "aws:principalarn", "aws:principaltype"]);
const ACCOUNTS: ReadonlySet<string> = new Set(["aws:principalaccount", "kms:calleraccount"]);
/** Of a service it depends on whom it calls for. */
const OF_SERVICE: ReadonlySet<string> = new Set([
  ...ACCOUNTS,
  "aws:principalisawsservice",
  "aws:viaawsservice",
  "kms:grantisforawsresource",
]);
const isTag = (key: string): boolean => key.startsWith("aws:principaltag/");

/** The root user, the users and the roles of the key's account, then everybody else whom the key policy or a grant names. */
export async function* candidatesFor(key: Key, grantees: readonly string[], { principals }: Shared): AsyncGenerator<Candidate> {
  const { account, region } = key;
  const root = `arn:${partitionOf(region)}:iam::${account}:root`;
  yield { name: root, caller: callerOf("root", account, root, account), isOpen: KNOWN };
  for await (const user of each(principals.users)) {
    const may = await policiesOf(user, principals);
    yield {
      name: user.arn,
      caller: { ...callerOf("user", account, user.arn, user.id), name: user.name, tags: user.tags, ...may },
      isOpen: KNOWN,
    };
  }
  for await (const role of each(principals.roles)) {
    const may = await policiesOf(role, principals);
    const session = `arn:${partitionOf(region)}:sts::${account}:assumed-role/${role.name}/*`;
    const caller = { ...callerOf("role-session", account, session, role.id), behind: role.arn, tags: role.tags, ...may };
    yield { name: role.arn, caller, isOpen: (name) => OF_SESSION.has(name) };
  }
  for (const named of strangersIn(key, grantees)) {
    const candidate = await strangerOf(named, key, principals);
    if (candidate) yield candidate;
  }

  async function* each<E>(list: (account: string, page: { readonly after?: string | undefined; readonly limit: number }) => Page<E>) {
    let after: string | undefined;
    do {
      const { entries, next } = await list(account, { after, limit: PAGE });
      yield* entries;
      after = next;
    } while (after !== undefined);
  }
}

type Page<E> = Promise<{ readonly entries: readonly E[]; readonly next?: string | undefined }>;

/** Somebody with no policies of its own. */
const callerOf = (kind: Caller["kind"], account: string, arn: string, id: string): Principal => ({
  ...{ kind, account, arn, id },
  policies: [],
});

/** Whom the key policy and grants name beyond the users and roles of the key's own account, by name. */
function strangersIn(key: Key, grantees: readonly string[]): readonly NamedPrincipal[] {
  const policy = compilePolicy(key.policy, "key");
  const everybody = policy.statements.some(({ principals }) => principals?.anyone || principals?.except);
  const named = [...policy.principals, ...grantees.map(namedIn)].filter(
    ({ form, account }) => form !== "anyone" && (account !== key.account || form === "session" || form === "federated-user"),
  );
  const once = new Map(named.map((principal) => [principal.text, principal]));
  const sorted = [...once.values()].sort((one, other) => (one.text < other.text ? -1 : 1));
  return everybody ? [...sorted, { form: "anyone", text: "*" }] : sorted;
}

function namedIn(text: string): NamedPrincipal {
  const [, service, account, type] = /^arn:[^:]+:(iam|sts)::(\d{12}):(root|[a-z-]+)/.exec(text) ?? [];
  if (account === undefined) return { form: "service", text, name: text };
  const form = type === "root" ? "account" : service === "sts" ? (type === "assumed-role" ? "session" : "federated-user") : type;
  return { form: form as NamedPrincipal["form"], text, account };
}

async function strangerOf(
  { form, text, account = "" }: NamedPrincipal,
  key: Key,
  principals: Shared["principals"],
): Promise<Candidate | undefined> {
  const foreign = account === key.account ? {} : { foreign: true as const };
  const unknown: IsOpen = (name) => OF_SOMEBODY.has(name) || isTag(name);
  switch (form) {
    case "anyone":
      return {
        ...{ name: "*", foreign: true, if: "the policies of the caller's account allow it" },
        ...{ caller: withEverything(callerOf("user", "", "*", "")), isOpen: (name) => unknown(name) || ACCOUNTS.has(name) },
      };
    case "account":
      return {
        ...{ name: text, ...foreign, if: "the policies of its principals allow it" },
        ...{ caller: withEverything(callerOf("root", account, text, account)), isOpen: unknown },
      };
    case "service":
      return { name: text, caller: callerOf("service", "", text, ""), isOpen: (name) => unknown(name) || OF_SERVICE.has(name) };
    case "session":
      return {
        ...{ name: text, ...foreign, if: "there is such a session, and its role's policies allow it" },
        ...{ caller: withEverything(callerOf("role-session", account, text, (await principals.idOf(text)) ?? "")), isOpen: unknown },
      };
    case "federated-user":
      return {
        ...{ name: text, ...foreign, if: "there is such a session, and its user's policies allow it" },
        ...{ caller: withEverything(callerOf("federated-user", account, text, "")), isOpen: unknown },
      };
    default: {
      const meant = key.principals[text];
      // Users can be renamed, and take along what the policy says of them.
      const arn = (meant !== undefined && (await principals.arnOf(meant))) || text;
      const id = (await principals.idOf(arn)) ?? meant ?? "";
      // Somebody else has the name now.
      if (meant !== undefined && id !== meant) return undefined;
      const caller =
        form === "role" ? { ...callerOf("role-session", account, `${arn}/*`, id), behind: arn } : callerOf("user", account, arn, id);
      return { name: arn, ...foreign, caller: withEverything(caller), isOpen: unknown, if: "its own policies allow it" };
    }
  }
}

/** What its own account lets it do is not looked at. */
const withEverything = (caller: Principal): Principal => ({
  ...caller,
  policies: [{ name: "its own", policy: compilePolicy(ADMINISTRATOR_ACCESS.document, "identity") }],
});
