import type { Deps } from "./deps.ts";
import type { Exchange, Step } from "./exchange.ts";

/** A step that says how long it took, on the way in and on the way out, where calls are traced; elsewhere the step itself. */
export function timed(on: Step, { tracing }: Pick<Deps, "tracing">, into: string | undefined, out?: string): Step {
  if (!tracing) return on;
  const { before, after, onError } = on;
  return {
    ...on,
    ...(before && into !== undefined && { before: around(before, into) }),
    ...(after && out !== undefined && { after: around(after, out) }),
    ...(onError && out !== undefined && { onError: around(onError, out) }),
  };
}

/** The handler, likewise. */
export function timedHandler<R>(
  handler: (call: Exchange) => Promise<R>,
  { tracing }: Pick<Deps, "tracing">,
): (call: Exchange) => Promise<R> {
  return tracing ? (call) => during(call, "invoke", () => handler(call)) : handler;
}

type Hook = NonNullable<Step["before"]>;

const around =
  (hook: Hook, step: string): Hook =>
  (request) =>
    during(request.event, step, () => hook(request));

async function during<T>(call: Exchange, step: string, action: () => T | Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await action();
  } finally {
    call.steps?.push({ step, began, ended: performance.now() });
  }
}
