import { isUtf8 } from "node:buffer";
import { Fault } from "#domain/fault";
import type { AnyOperation } from "#operation";
import { jsonOf } from "#wire/encode";
import type { HttpRequest, HttpResponse } from "#wire/http";
import { wipe } from "#wire/wipe";
import { answer } from "./answer.ts";
import type { Deps } from "./deps.ts";
import type { Exchange, Step } from "./exchange.ts";
import { faultOf } from "./outcome.ts";

export const AMZ_JSON = "application/x-amz-json-1.1";

/** Reads the body as JSON on the way in; writes the output, or the fault, as JSON on the way out. @see AWS JSON 1.1 protocol (Smithy). */
export function awsJson(operation: AnyOperation, deps: Deps): Step {
  return {
    before({ event }) {
      event.json = parse(event.http.body);
    },
    after(request) {
      const body = operation.output ? JSON.stringify(jsonOf(operation.output, request.response)) : "";
      wipe(operation.output, request.response);
      wipe(operation.input, request.event.input);
      request.response = answer(request.event.http, deps, request.event.requestId, 200, AMZ_JSON, body);
    },
    onError(request) {
      wipe(operation.output, request.response);
      wipe(operation.input, request.event.input);
      request.response = jsonFault(request.event.http, deps, request.event.requestId, faultOf(request.error, request.event, deps));
    },
  };
}

/** A fault as KMS answers it: the bare name, and its text only if it has one. */
export function jsonFault(http: HttpRequest, deps: Deps, requestId: string, fault: Fault): HttpResponse {
  // AWS's own framework capitalises the member, KMS does not.
  const member = fault.name === "SerializationException" ? "Message" : "message";
  const body = JSON.stringify({ __type: fault.name, ...(fault.message !== "" && { [member]: fault.message }) });
  return answer(http, deps, requestId, fault.status, AMZ_JSON, body);
}

/** Levels of lists and objects. @see Jackson, StreamReadConstraints.DEFAULT_MAX_DEPTH: AWS's services read JSON with it. */
const DEEPEST = 1000;

function parse(body: Uint8Array): Exchange["json"] {
  // Node would replace what is not UTF-8, and a signed body would not be what was decoded.
  if (!isUtf8(body)) throw new Fault("SerializationException");
  try {
    const json: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    const deep = body.length > 2 * DEEPEST && isDeeper(json, DEEPEST);
    if (typeof json === "object" && json !== null && !Array.isArray(json) && !deep) return json;
  } catch {}
  throw new Fault("SerializationException");
}

function isDeeper(json: unknown, levels: number): boolean {
  if (typeof json !== "object" || json === null) return false;
  return levels === 0 || Object.values(json).some((value) => isDeeper(value, levels - 1));
}
