import { FACES } from "#faces";
import { askAgain, type CallRecord, unrecordedIn } from "#pipeline/again";
import { type OperatorDeps, Refusal } from "./act.ts";
import { type CallerAgain, callerAgain } from "./caller-again.ts";
import { type ExplainedPermission, explainPermission } from "./explain-permission.ts";
import { findRecord } from "./find-record.ts";
import { openPlace } from "./place.ts";
import { placeOf } from "./say.ts";

/** A call of the past, and why it is let in or refused now. */
export interface ExplainedCall {
  readonly requestId: string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly service: string;
  readonly operation: string;
  readonly caller: { readonly kind: string; readonly arn: string; readonly id: string; readonly standing: CallerAgain["standing"] };
  readonly sourceIp: string;
  readonly userAgent?: string;
  /** What it asked for, without what is secret or bulk. */
  readonly parameters?: unknown;
  readonly resources: readonly string[];
  readonly was: {
    readonly decision: Decision;
    /** As the record has it: the policy, and the statement's Sid if it has one; or `no` and the side that is missing. */
    readonly by?: readonly string[];
    readonly error?: string;
  };
  readonly is: {
    readonly decision: Decision;
    readonly by?: string;
    /** What the call would be refused with. */
    readonly error?: string;
    /** Why it cannot be told. */
    readonly cannot?: string;
  };
  /** It was allowed and is refused, or the other way round. */
  readonly differs: boolean;
  readonly permissions: readonly ExplainedPermission[];
  /** What records do not keep, so that it could not be asked. */
  readonly unknown: readonly string[];
}

type Decision = "allowed" | "refused" | "not asked";

/**
 * Why a call was refused, or let in: what was asked, what decided then, and every statement and grant that speaks of it, or nearly does, as
 * they are now.
 *
 * For the operator alone; a refused caller learns none of it.
 * @throws {Refusal} when there is no such record.
 */
export async function explainCall(deps: OperatorDeps, requestId: string, wanted?: string): Promise<ExplainedCall> {
  const place = await openPlace(deps);
  const account = wanted ?? place.account;
  const record = await findRecord(place, account, requestId);
  const face = FACES.find(({ service }) => service === record.s);
  const operation = face?.operations[record.e];
  if (!face || !operation) throw new Refusal(`${record.s} ${record.e} is not an operation of this version.`);

  const { principal, standing } = await callerAgain(record.c, account, place.shared);
  const { region } = place;
  const asked = await askAgain({ requestId, region, record, face, operation, caller: principal }, place);
  const { questions, fault, cannot = decidedBySession(record) } = asked;
  const permissions = await Promise.all(questions.map((question) => explainPermission(question, principal, place)));
  const last = questions.at(-1)?.decision;
  const [was, is] = [pastDecision(record), last === undefined ? "not asked" : last.allowed ? "allowed" : "refused"] as const;
  return {
    ...{ requestId, account, region, time: new Date(record.t).toISOString(), service: record.s, operation: record.e },
    caller: { kind: record.c.k, arn: record.c.a, id: record.c.i, standing },
    sourceIp: record.ip,
    ...(record.ua !== undefined && { userAgent: record.ua }),
    ...(record.q !== undefined && { parameters: record.q }),
    resources: record.r ?? [],
    was: { decision: was, ...(record.p && { by: record.p }), ...(record.x && { error: record.x.join(": ") }) },
    is: {
      decision: is,
      ...(last && "by" in last && { by: placeOf(last.by) }),
      ...(fault && { error: `${fault.name}: ${fault.message}` }),
      ...(cannot !== undefined && { cannot }),
    },
    differs: was !== "not asked" && is !== "not asked" && cannot === undefined && was !== is,
    permissions,
    unknown: [...unrecordedIn(operation.input), "aws:Referer", ...(record.c.si ? ["the policies and tags of the session"] : [])],
  };
}

/** What refused then cannot be asked again: a session's policies are in its token, and in no record. */
const decidedBySession = ({ p: [by] = [] }: CallRecord): string | undefined =>
  by === "no session" || by === "session policy" ? "The policies of the session decided, which are in no record." : undefined;

/** Whoever was asked decided: what was refused after that was refused for what the key was, or by the operation. */
function pastDecision({ p, x }: CallRecord): Decision {
  if (!p) return "not asked";
  return x?.[0] === "AccessDeniedException" ? "refused" : "allowed";
}
