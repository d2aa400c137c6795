import { print } from "./operate.ts";
import type { Options } from "./options.ts";
import { secondsIn } from "./ttl.ts";
import { UsageError } from "./usage-error.ts";

/** `trent clock show`: what time it is for the keys of a sandbox. */
export async function show(options: Options): Promise<void> {
  print(await asked(options), options, lines);
}

/** `trent clock advance 400d`: that time goes by for them, now. */
export async function advance(options: Options, step: string): Promise<void> {
  const advanceSeconds = secondsIn(step, "clock advance");
  const body = JSON.stringify({ advanceSeconds });
  print(await asked(options, { method: "POST", headers: { "content-type": "application/json" }, body }), options, lines);
}

const lines = ({ now }: { readonly now: string }): readonly string[] => [now];

/** @throws {UsageError} when there is no sandbox; an error with what it says, when it refuses. */
async function asked({ endpoint, port }: Options, request: RequestInit = {}): Promise<{ readonly now: string }> {
  const url = new URL("/_trent/clock", endpoint ?? `http://127.0.0.1:${port}`);
  const answer = await fetch(url, request).catch(() => {
    throw new UsageError(`Nobody answers at ${url.origin}: start a sandbox, or say its --endpoint.`);
  });
  const { now, error } = (await answer.json().catch(() => ({}))) as { readonly now?: string; readonly error?: string };
  if (now !== undefined) return { now };
  if (error !== undefined) throw new Error(error);
  throw new UsageError(`${url.origin} is no sandbox: only the clock of npm start -- --sandbox can be moved.`);
}
