import type { HttpRequest, HttpResponse } from "#wire/http";
import type { Deps } from "./deps.ts";

const CACHE = {
  "Cache-Control": "no-cache, no-store, must-revalidate, private",
  Expires: "0",
  Pragma: "no-cache",
} as const;

/** What a browser may read of an answer. @see recorded answers of AWS KMS to cross-origin requests. */
const EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date";

/** A whole answer with the headers that every one of AWS's carries. */
export function answer(http: HttpRequest, deps: Deps, requestId: string, status: number, contentType: string, body: string): HttpResponse {
  const headers: Record<string, string> = {
    ...CACHE,
    "Content-Type": contentType,
    "Content-Length": String(Buffer.byteLength(body)),
    Date: httpDate(deps.wallClock()),
    "x-amzn-RequestId": requestId,
    "x-trent-version": deps.version,
  };
  if (http.headers.has("origin")) {
    headers["Access-Control-Allow-Origin"] = "*";
    headers["Access-Control-Expose-Headers"] = EXPOSED;
  }
  return { status, headers, body };
}

/** Answers a browser that asks whether it may call. */
export function preflight(http: HttpRequest, deps: Deps, requestId: string): HttpResponse {
  const { headers, ...rest } = answer(http, deps, requestId, 200, "text/plain", "");
  return {
    ...rest,
    headers: {
      ...headers,
      "Access-Control-Allow-Headers": http.headers.get("access-control-request-headers") ?? "",
      "Access-Control-Allow-Methods": http.headers.get("access-control-request-method") ?? "POST",
      "Access-Control-Max-Age": "172800",
    },
  };
}

let dated = 0;
let date = "";
function httpDate(now: Date): string {
  const second = Math.floor(now.getTime() / 1000);
  if (second !== dated) {
    dated = second;
    date = now.toUTCString();
  }
  return date;
}
