import { type Grant, type GrantOperation, grantOperationOf, permits } from "#domain/grant";
import type { Constraints } from "#domain/grant-constraints";
import { granteeForms, means } from "#domain/grant-principal";
import type { Principal } from "#domain/principal";
import type { Place, Question } from "#pipeline/again";
import type { Miss, Voice } from "./explain-permission.ts";
import { placeOf } from "./say.ts";

/** The grants on the key to the caller, by whichever name, each with what keeps it from giving the permission. */
export async function nearGrants({ asked, input, request }: Question, caller: Principal, { store }: Place): Promise<readonly Voice[]> {
  const operation = grantOperationOf(request.action);
  if (!("resolved" in asked) || operation === undefined || asked.target.retires) return [];
  const { key } = asked.resolved;
  const { target } = asked;
  const names = granteeForms(caller, key.region);
  const found = (await Promise.all(names.map((name) => store.grants.ofGrantee(key.id, name)))).flat();
  const source = request.context("aws:sourcearn");
  const context = target.context?.(input as never);
  const wanted = { operation, context, sourceArn: typeof source === "string" ? source : undefined };

  return found.map((grant) => ({ where: placeOf({ side: "grant", policy: grant.id }), effect: "Allow", misses: missesOf(grant) }));

  function missesOf(grant: Grant): readonly Miss[] {
    if (!means(grant.grantee, caller, key.region)) return [another(grant, caller)];
    if (!grant.operations.includes(operation as GrantOperation))
      return [{ part: "Operations", wanted: [`${operation}`], found: grant.operations }];
    if (!permits(grant, wanted))
      return [{ part: "Constraints", wanted: constraintsSaid(grant.constraints), found: saidOf(context, wanted.sourceArn) }];
    const suits = target.suits?.(grant, input as never) ?? true;
    return suits ? [] : [{ part: "Constraints", wanted: ["a grant that gives no more than this one"], found: ["a grant that gives more"] }];
  }
}

/** Who took the name later is somebody else. */
const another = ({ grantee }: Grant, caller: Principal): Miss => ({
  part: "GranteePrincipal",
  wanted: [`${grantee.principal} with the unique id ${grantee.id}`],
  found: [`${caller.arn} with the unique id ${caller.id}`],
});

/** What a grant asks of a request, in words. */
export function constraintsSaid({ subset, equals, sourceArn }: Constraints = {}): readonly string[] {
  return [
    ...(subset ? [`an encryption context with ${pairs(subset)}`] : []),
    ...(equals ? [`the encryption context ${pairs(equals)}`] : []),
    ...(sourceArn === undefined ? [] : [`the source ${sourceArn}`]),
  ];
}

const saidOf = (context: ReadonlyMap<string, string> | undefined, sourceArn: string | undefined): readonly string[] => [
  `the encryption context ${pairs(context ?? new Map())}`,
  ...(sourceArn === undefined ? [] : [`the source ${sourceArn}`]),
];

const pairs = (context: ReadonlyMap<string, string>): string => JSON.stringify(Object.fromEntries(context));
