import type { HttpRequest } from "#wire/http";
import type { Beside, Page } from "./beside.ts";

/** What a test suite may do with a sandbox; each answers the time that it is then. */
export interface Controls {
  now(): Date;
  advance(seconds: number): Promise<Date>;
  reset(): Promise<Date>;
  /** Undefined where there are as many as there may be. */
  snapshot(): Promise<string | undefined>;
  /** Undefined where there is no such snapshot. */
  restore(snapshot: string): Promise<Date | undefined>;
}

const LARGEST_BODY = 1000;
const LONGEST_STEP = 100 * 366 * 86_400;
const STEP = `Send application/json: {"advanceSeconds": n}, n a whole number from 1 to ${LONGEST_STEP}.`;

/** The paths of a sandbox under `/_trent/`. Pages in a browser may use none of them. */
export function sandboxPages(controls: Controls): Beside {
  const pages: Readonly<Record<string, (request: HttpRequest) => Promise<Page>>> = {
    "GET /_trent/clock": async () => timed(controls.now()),
    async "POST /_trent/clock"(request) {
      const seconds = memberOf(request, "advanceSeconds");
      if (!Number.isInteger(seconds) || Number(seconds) < 1 || Number(seconds) > LONGEST_STEP) return refusal(400, STEP);
      return timed(await controls.advance(Number(seconds)));
    },
    "POST /_trent/reset": async () => timed(await controls.reset()),
    async "POST /_trent/snapshot"() {
      const snapshot = await controls.snapshot();
      return snapshot === undefined
        ? refusal(400, "There are as many snapshots as there may be; a reset forgets them.")
        : page(200, { snapshot });
    },
    async "POST /_trent/restore"(request) {
      const snapshot = memberOf(request, "snapshot");
      if (typeof snapshot !== "string")
        return refusal(400, 'Send application/json: {"snapshot": "…"}, what /_trent/snapshot has answered.');
      const now = await controls.restore(snapshot);
      return now ? timed(now) : refusal(400, "There is no such snapshot, or it was before a reset.");
    },
  };
  return (request) => {
    const name = `${request.method} ${request.path}`;
    const show = Object.hasOwn(pages, name) ? pages[name] : undefined;
    if (!show) return undefined;
    return request.headers.has("origin") ? Promise.resolve(refusal(403, "Not from a web page.")) : show(request);
  };
}

const page = (status: number, body: object): Page => ({ status, type: "application/json", body: JSON.stringify(body) });
const timed = (now: Date): Page => page(200, { now: now.toISOString() });
const refusal = (status: number, error: string): Page => page(status, { error });

/** A member of the JSON that was sent, if it was JSON. */
function memberOf({ headers, body }: HttpRequest, name: string): unknown {
  if (!/^application\/json *(;|$)/i.test(headers.get("content-type") ?? "") || body.length > LARGEST_BODY) return undefined;
  try {
    const sent: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof sent === "object" && sent !== null && Object.hasOwn(sent, name) ? (sent as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}
