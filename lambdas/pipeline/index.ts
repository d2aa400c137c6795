import middy from "@middy/core";
import type { AnyOperation } from "#operation";
import type { HttpResponse } from "#wire/http";
import { audit } from "./audit.ts";
import { authenticate } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { awsJson } from "./aws-json.ts";
import { awsQuery } from "./aws-query.ts";
import type { Deps } from "./deps.ts";
import type { Exchange, Face, Handler, Step } from "./exchange.ts";
import { intent } from "./intent.ts";
import { invoke } from "./invoke.ts";
import { measure } from "./metrics.ts";
import { resolve } from "./resolve.ts";
import { throttle } from "./throttle.ts";
import { timed, timedHandler } from "./timed.ts";
import { validate } from "./validate.ts";

export type { Deps } from "./deps.ts";
export type { Face } from "./exchange.ts";
export type { OperatorLog } from "./operator-log.ts";

/**
 * The path of every call, in the order it runs: read down on the way in, up on the way out.
 *
 * - `audit` stands outside everything that can refuse a call, so refusals are recorded too, and it finishes before the reply is built: no record, no answer.
 * - `validate` precedes `resolve` because the input names the keys; `throttle` follows it because a key's type chooses the quota.
 * - `authorize` looks at policy first, then usage, then state: a stranger must not learn a key's state.
 */
export function pipeline(face: Face, operation: AnyOperation, deps: Deps): Handler {
  const step = (into: string | undefined, one: Step, out?: string): Step => timed(one, deps, into, out);
  const stack = middy<Exchange, unknown>()
    .use(measure(operation, deps)) //                                                                               counted <- answer
    .use(step("decode", (face.protocol === "json" ? awsJson : awsQuery)(operation, deps), "encode")) // bytes -> JSON   answer <- output or fault
    .use(step(undefined, audit(operation, deps), "record")) //                                                       record <- outcome
    .use(step("authenticate", authenticate(operation, deps))) // signature -> caller
    .use(step("validate", validate(operation))) //                    JSON -> input
    .use(step("resolve", resolve(operation, deps))) //               input -> keys
    .use(step("throttle", throttle(operation, deps))) //              keys -> one request of the caller's quotas
    .use(step("authorize", authorize(operation, deps))) //          caller -> may, and the key can
    .use(intent(operation, deps)) //                              mutation -> written down before it happens
    .handler(timedHandler(invoke(operation, deps), deps)); //         call -> output

  return (call) => stack(call, {} as never) as Promise<HttpResponse>;
}
