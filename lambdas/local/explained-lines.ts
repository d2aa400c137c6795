import type { ExplainedCall } from "#operator/explain";
import type { ExplainedPermission, Voice } from "#operator/explain-permission";

/** Parameters may hold a whole policy. */
const SHOWN = 500;

const STANDING: Readonly<Record<ExplainedCall["caller"]["standing"], string>> = {
  there: "",
  renamed: ", which has another name by now",
  gone: ", which is gone: nothing is attached to it any more",
  replaced: ", which is gone: somebody else has its name by now",
};

/** A call and its explanation, one fact a line. */
export function explainedLines(call: ExplainedCall): readonly string[] {
  const { requestId, account, region, time, service, operation, caller, sourceIp, userAgent, resources, permissions, unknown } = call;
  return [
    fact("request", requestId),
    fact("asked", `${service} ${operation}, ${time}, account ${account}, ${region}`),
    fact("caller", `${caller.arn} (${caller.id})${STANDING[caller.standing]}`),
    fact("from", [sourceIp, userAgent].filter((part) => part !== undefined).join(", ")),
    ...Object.entries(parametersOf(call)).map(([name, value]) => fact("parameter", `${name} ${cut(JSON.stringify(value))}`)),
    ...resources.map((arn) => fact("resource", arn)),
    fact("then", thenSaid(call)),
    fact("now", nowSaid(call)),
    ...permissions.flatMap(permissionLines),
    fact("unknown", `not in records: ${unknown.join(", ")}`),
  ];
}

const fact = (name: string, text: string): string => `${name.padEnd(10)} ${text}`;
const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
const parametersOf = ({ parameters }: ExplainedCall): Readonly<Record<string, unknown>> =>
  (parameters ?? {}) as Readonly<Record<string, unknown>>;

function thenSaid({ was: { decision, by, error } }: ExplainedCall): string {
  return [decision === "not asked" ? "the policies were not asked" : decision, by && decider(by), error].filter(Boolean).join(": ");
}

/** As records name it. */
function decider([policy = "", sid]: readonly string[]): string {
  if (policy.startsWith("no ")) return `for want of an Allow on the ${policy.slice("no ".length)} side`;
  const name = policy === "default" ? "the key policy" : policy === "root" ? "the root user's own right" : policy;
  return `by ${name}${sid === undefined ? "" : `, statement ${JSON.stringify(sid)}`}`;
}

function nowSaid({ is: { decision, by, error, cannot }, was, differs }: ExplainedCall): string {
  if (cannot !== undefined && decision === "not asked") return `cannot be told: ${cannot}`;
  const verdict = decision === "not asked" ? "the policies are not asked" : decision;
  const compared = differs ? `${verdict}, which is not as then (${was.decision})` : verdict;
  return [compared, by && `by ${by}`, error, cannot && `more cannot be told: ${cannot}`].filter(Boolean).join(": ");
}

function permissionLines({ permission, resource, because, spoke, nearly, missing }: ExplainedPermission): readonly string[] {
  return [
    fact("permission", `${permission} on ${resource}: ${because}`),
    ...spoke.map((voice) => fact("  spoke", said(voice))),
    ...nearly.flatMap((voice) => [
      fact("  nearly", said(voice)),
      ...voice.misses.map(({ part, wanted, found, unknown }) =>
        fact("    but", `${part}: wanted ${listed(wanted)}, found ${listed(found)}${unknown ? "; it is not understood" : ""}`),
      ),
    ]),
    ...missing.map((line) => fact("  missing", line)),
  ];
}

const said = ({ where, effect, toAccount }: Voice): string =>
  `${where}: ${effect}${toAccount && effect === "Allow" ? ", to the account: its identity policies decide" : ""}`;
const listed = (values: readonly string[]): string => (values.length === 0 ? "nothing" : values.join(" or "));
