import { type Grant, grantOperationOf } from "#domain/grant";
import { granteeForms, means } from "#domain/grant-principal";
import { type Key, stateOf } from "#domain/key";
import { type AccessRequest, evaluate } from "#domain/policy/evaluate";
import { type ExplainedStatement, explain } from "#domain/policy/explain";
import { FACES } from "#faces";
import type { AnyOperation, Target } from "#operation";
import type { Face } from "#pipeline";
import { depsOf, imagined, requestOf } from "#pipeline/again";
import { type OperatorDeps, Refusal } from "./act.ts";
import { type Candidate, candidatesFor } from "./candidates.ts";
import { constraintsSaid } from "./near-grants.ts";
import { type Belief, believing, doubt, hope, type IsOpen } from "./open-conditions.ts";
import { keyNamed, type OpenPlace, openPlace } from "./place.ts";
import { placeOf } from "./say.ts";

/** Somebody who may, or may when what a call says is so. */
export interface Able {
  /** An ARN, a service, or `*` for everybody else. */
  readonly principal: string;
  /** The statement or grant that allows it. */
  readonly by: string;
  /** All of it must be so. */
  readonly if: readonly string[];
  /** Each refuses it when it is so. */
  readonly unless: readonly string[];
}

export interface WhoCan {
  readonly action: string;
  readonly key: string;
  /** In some states a key is of no use to anybody. */
  readonly state: string;
  readonly principals: readonly Able[];
}

/**
 * The principals that may do something with a key now, by its policy, its grants and their own policies.
 *
 * For the operator alone.
 * @param action such as `kms:Encrypt`.
 * @throws {Refusal} when nobody is ever asked for that permission on a key, and when there is no such key.
 */
export async function whoCan(deps: OperatorDeps, action: string, named: string): Promise<WhoCan> {
  const asking = askingFor(action);
  const place = await openPlace(deps);
  const key = await keyNamed(named, place);
  const grants = Map.groupBy(await grantsFor(asking.target.permission, key, place), ({ grantee }) => grantee.principal);
  const principals: Able[] = [];
  for await (const candidate of candidatesFor(key, [...grants.keys()], place.shared)) {
    if (candidate.foreign && !asking.target.acrossAccounts) continue;
    const able = await ableOf(candidate, asking, key, grants, place);
    if (able) principals.push(able);
  }
  return { action: asking.target.permission, key: key.arn, state: stateOf(key, place.now()) ?? "", principals };
}

interface Asking {
  readonly face: Face;
  readonly operation: AnyOperation;
  readonly target: Target<never>;
}

/** An operation that asks for this permission on a key. @throws {Refusal} */
function askingFor(action: string): Asking {
  const all = FACES.flatMap((face) =>
    Object.values(face.operations).flatMap((operation) =>
      Object.values(operation.on ?? {}).map((target): Asking => ({ face, operation, target })),
    ),
  );
  const found = all.find(({ target }) => target.permission.toLowerCase() === action.toLowerCase());
  if (found?.target.retires) throw new Refusal(`${found.target.permission} is for each grant to say: see ListGrants.`);
  if (found) return found;
  const permissions = new Set(all.filter(({ target }) => !target.retires).map(({ target }) => target.permission));
  throw new Refusal(`${action} is not asked for on a key in this version. These are: ${[...permissions].sort().join(", ")}.`);
}

const PAGE = 1000;

/** The grants of the key that give the permission to somebody. */
async function grantsFor(permission: string, key: Key, { store }: OpenPlace): Promise<readonly Grant[]> {
  const operation = grantOperationOf(permission);
  const grants: Grant[] = [];
  for (let after: string | undefined; operation !== undefined; ) {
    const page = await store.grants.list(key.id, { after, limit: PAGE });
    grants.push(...page.grants.filter(({ operations }) => operations.includes(operation)));
    after = page.next;
    if (after === undefined) break;
  }
  return grants;
}

/** What neither key, Region nor principal settles, a call must say. */
const SETTLED: ReadonlySet<string> = new Set([
  ...["aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username", "kms:calleraccount"],
  ...["aws:principalisawsservice", "aws:viaawsservice", "kms:grantisforawsresource", "aws:requestedregion", "aws:resourceaccount"],
  ...["kms:keyspec", "kms:customermasterkeyspec", "kms:keyusage", "kms:customermasterkeyusage", "kms:keyorigin", "kms:multiregion"],
  "kms:resourcealiases",
]);
const isSettled = (key: string): boolean => SETTLED.has(key) || /^aws:(?:resource|principal)tag\//.test(key);

async function ableOf(
  candidate: Candidate,
  asking: Asking,
  key: Key,
  grants: ReadonlyMap<string, readonly Grant[]>,
  place: OpenPlace,
): Promise<Able | undefined> {
  const { caller, name } = candidate;
  const { face, operation, target } = asking;
  const resolved = { key, foreign: caller.account !== key.account, hidden: false };
  const asked = { permission: target.permission, name: "key", resolved, target };
  const request = await requestOf(operation, imagined(caller, key, face, place), depsOf(place, place.now()), asked);
  const isOpen: IsOpen = (key) => !isSettled(key) || candidate.isOpen(key);

  const named = [...new Set([name, ...granteeForms(caller, key.region)])].flatMap((form) => grants.get(form) ?? []);
  // Of a session that is only named, the unique id is not known.
  const own = named.filter(({ grantee }) => caller.id === "" || means(grantee, caller, key.region));
  const ways = [undefined, ...own].flatMap((grant) => wayOf(request, { ...candidate, isOpen }, grant, target) ?? []);
  // What hangs on the least comes first.
  const [way] = ways.sort((one, other) => one.if.length + one.unless.length - (other.if.length + other.unless.length));
  return way && { principal: name, ...way, if: [...(candidate.if === undefined ? [] : [candidate.if]), ...way.if] };
}

/** Whether the policies, or they and a grant, let it, and if what. */
function wayOf(
  request: AccessRequest,
  { isOpen, foreign }: Pick<Candidate, "isOpen" | "foreign">,
  grant: Grant | undefined,
  { permission }: Target<never>,
): Way | undefined {
  const granted = grant && { granted: [{ id: grant.id, to: grant.grantee.principal }] };
  const under = (belief: Belief) => believing(request, isOpen, belief);
  const allows = (belief: Belief) => evaluate({ ...under(belief), ...granted }).allowed;
  const decision = evaluate({ ...under(hope), ...granted });
  if (!decision.allowed) return undefined;

  const hoped = explain(under(hope)).statements;
  // What cannot be judged even so is not understood: nothing hangs on it that a call could say.
  const open = explain(under(doubt)).statements.filter(({ speaks }, index) => speaks === "unknown" && hoped[index]?.speaks !== "unknown");
  const allowing = open.filter(({ effect }) => effect === "Allow");
  const sides = [...new Set(allowing.map(({ side }) => side))];
  const needed = sides.filter((side) => !allows((effect, at) => (effect === "Allow" && at === side ? "unknown" : hope(effect, at))));
  const groups = needed.length > 0 ? needed.map((side) => allowing.filter((each) => each.side === side)) : [allowing];
  const certain = allows((effect, side) => (effect === "Allow" ? "unknown" : hope(effect, side)));
  return {
    // Of a stranger it is the key's side that can be told.
    by: placeOf(grant ? { side: "grant", policy: grant.id } : (foreign && hoped.find(lets)) || decision.by),
    if: [...(certain ? [] : groups.map((group) => group.map(saidOf).join(", or "))), ...(grant ? constraintsOf(grant, permission) : [])],
    unless: open.filter(({ effect }) => effect === "Deny").map(saidOf),
  };
}

type Way = Omit<Able, "principal">;

const lets = ({ side, effect, speaks }: ExplainedStatement): boolean => side === "resource" && effect === "Allow" && speaks === "yes";

const constraintsOf = ({ constraints }: Grant, permission: string): readonly string[] => [
  ...constraintsSaid(constraints).map((said) => `the call has ${said}`),
  ...(permission === "kms:CreateGrant" ? ["the new grant gives no more than this one"] : []),
];

/** What of a statement only a call can tell. */
function saidOf(statement: ExplainedStatement): string {
  const parts = statement.parts.filter(({ matched }) => matched === "unknown");
  const said = parts.map(({ part, operator, key, wanted }) => {
    const values = wanted.map((value) => JSON.stringify(value)).join(" or ");
    return part === "Condition" ? `${key} ${operator} ${values}` : `${part} ${values}`;
  });
  return `${said.join(" and ")} (${placeOf(statement)})`;
}
