/** What policies would decide: the questions of the policy simulator. @see IAM User Guide, "Testing IAM policies with the IAM policy simulator". */
import { Fault } from "./fault.ts";
import { parseIamArn } from "./iam-arn.ts";
import { type IdentityPolicies, type PolicySources, policiesOf } from "./identity-policies.ts";
import { mentions, type Policy, parsePolicy } from "./policy/document.ts";
import { type Caller, type Context, evaluate, type NamedPolicy } from "./policy/evaluate.ts";
import type { PolicyHolder } from "./policy-holder.ts";

interface Asked {
  readonly ActionNames: readonly string[];
  readonly ResourceArns?: readonly string[] | undefined;
  readonly ResourcePolicy?: string | undefined;
  readonly ContextEntries?: readonly ContextEntry[] | undefined;
}

interface ContextEntry {
  readonly ContextKeyName?: string | undefined;
  readonly ContextKeyValues?: readonly string[] | undefined;
}

/** Who would call, and what stands behind it. */
export interface Simulated extends IdentityPolicies {
  readonly caller: Caller;
  /** What the caller itself says under condition keys, in lower case; what is passed in wins. */
  readonly known: ReadonlyMap<string, string>;
}

export interface Verdict {
  readonly action: string;
  readonly resource: string;
  readonly decision: "allowed" | "explicitDeny" | "implicitDeny";
  /** The policy that decided, by its name. */
  readonly by?: string;
  /** Condition keys that the policies ask for and nobody has passed in, in lower case. */
  readonly missing: readonly string[];
  /** Absent without a boundary. */
  readonly withinBoundary?: boolean;
}

/** One action on one resource. */
interface Question {
  readonly action: string;
  readonly resource: string;
  /** Sorts as the questions are asked. */
  readonly key: string;
}

const QUESTIONS = 10_000;

/** Each action on each resource, in their order. @throws {Fault} InvalidInputException; ValidationException for more than 10,000 */
export function questionsOf({ ActionNames: actions, ResourceArns }: Asked): readonly Question[] {
  const resources = ResourceArns?.length ? ResourceArns : ["*"];
  const count = actions.length * resources.length;
  if (count > QUESTIONS)
    throw new Fault(
      "ValidationException",
      `A simulation has at most ${QUESTIONS} pairs of an action and a resource; this one has ${count}.`,
    );
  for (const action of actions)
    if (!/^[A-Za-z0-9-]+:[A-Za-z0-9*]+$/.test(action)) throw invalid(`Invalid Entity Action ${action} is not valid.`);
  return actions.flatMap((action, row) =>
    resources.map((resource, column) => ({ action, resource, key: String(row * resources.length + column).padStart(6, "0") })),
  );
}

/** One verdict for each question, in their order. @throws {Fault} InvalidInputException */
export function verdicts(
  questions: readonly Question[],
  asked: Asked,
  { caller, policies, boundary, known }: Simulated,
): readonly Verdict[] {
  const context = contextOf(asked.ContextEntries ?? [], known);
  const keyPolicy = asked.ResourcePolicy === undefined ? undefined : readPassedIn(asked.ResourcePolicy, "key");
  return questions.map(verdictOn);

  function verdictOn({ action, resource }: Question): Verdict {
    const request = {
      action,
      resource,
      resourceAccount: resource.split(":")[4] || caller.account,
      caller,
      identityPolicies: policies,
      ...(keyPolicy && { keyPolicy }),
      context,
    };
    const decision = evaluate({ ...request, ...(boundary && { boundary }) });
    const all = [...policies.map(({ policy }) => policy), ...(boundary ? [boundary.policy] : [])];
    const keys = new Set(all.flatMap((policy) => [...mentions(policy, action)]));
    return {
      action,
      resource,
      decision: decision.allowed ? "allowed" : decision.because === "explicit-deny" ? "explicitDeny" : "implicitDeny",
      ...("by" in decision && { by: decision.by.policy }),
      missing: [...keys].filter((key) => context(key) === undefined),
      ...(boundary && { withinBoundary: evaluate({ ...request, identityPolicies: [boundary] }).allowed }),
    };
  }
}

function contextOf(entries: readonly ContextEntry[], known: ReadonlyMap<string, string>): Context {
  const passed = new Map(
    entries.map(({ ContextKeyName = "", ContextKeyValues: values = [] }) => [
      ContextKeyName.toLowerCase(),
      values.length === 1 ? (values[0] as string) : values,
    ]),
  );
  return (key) => passed.get(key) ?? known.get(key);
}

/** Documents that are passed in, by the names that the simulator gives them. @throws {Fault} InvalidInputException */
export const passedIn = (list: string, documents: readonly string[] = []): readonly NamedPolicy[] =>
  documents.map((document, index) => ({ name: `${list}.${index + 1}`, policy: readPassedIn(document, "identity") }));

/** A document that is passed in. @throws {Fault} InvalidInputException */
export function readPassedIn(document: string, kind: "identity" | "key"): Policy {
  try {
    return parsePolicy(document, kind);
  } catch (cause) {
    if (cause instanceof Fault) throw invalid(cause.message);
    throw cause;
  }
}

export interface Sources extends PolicySources {
  user(account: string, name: string): Promise<PolicyHolder | undefined>;
  role(account: string, name: string): Promise<PolicyHolder | undefined>;
}

/** The user, role or group with this ARN. @throws {Fault} InvalidInputException, NoSuchEntityException */
export async function sourceAt(arn: string, account: string, sources: Sources): Promise<PolicyHolder> {
  const named = parseIamArn(arn);
  if (named?.kind !== "user" && named?.kind !== "role" && named?.kind !== "group") throw invalid(`Invalid Entity Arn: ${arn}`);
  const found = named.account === account ? await sources[named.kind](account, named.name) : undefined;
  if (found?.arn !== arn) throw new Fault("NoSuchEntityException", `The ${named.kind} with name ${named.name} cannot be found.`);
  return found;
}

/** Somebody as the policies of the account have it. */
export async function simulatedAs(source: PolicyHolder, sources: Sources): Promise<Simulated> {
  const { arn, account, id, name } = source;
  const isUser = arn.includes(":user/");
  const known = new Map([
    ["aws:principalarn", arn],
    ["aws:principalaccount", account],
    ["aws:userid", id],
    ...(isUser ? ([["aws:username", name]] as const) : []),
  ]);
  return { caller: { account, arn, kind: isUser ? "user" : "role-session" }, known, ...(await policiesOf(source, sources)) };
}

export const invalid = (text: string): Fault => new Fault("InvalidInputException", text);
