import { Fault } from "#domain/fault";
import type { AnyOperation } from "#operation";
import type { HttpRequest, HttpResponse } from "#wire/http";
import { scopeOf } from "#wire/sigv4";
import { answer, preflight } from "./answer.ts";
import { jsonFault } from "./aws-json.ts";
import { parametersIn, queryFault } from "./aws-query.ts";
import type { Deps } from "./deps.ts";
import type { Exchange, Face, Handler } from "./exchange.ts";
import { pipeline } from "./index.ts";
import { roomFor } from "./room.ts";

/** The largest body that is read. @see AWS's own limit is not published; the largest request of KMS is below half of it. */
export const LARGEST_BODY = 1_048_576;

/** Finds the service and the operation that a request is for, and sends it on its way. Never throws. */
export type Dispatcher = (http: HttpRequest) => Promise<HttpResponse>;

/**
 * Serves the faces: by the service in the credential scope, then by `X-Amz-Target` or `Action`.
 *
 * Nothing that decides the way is believed: the signature is checked against the face that was found.
 */
export function dispatcher(faces: readonly Face[], deps: Deps): Dispatcher {
  const handlers = new Map<AnyOperation, Handler>();
  for (const face of faces)
    for (const operation of Object.values(face.operations)) handlers.set(operation, pipeline(face, operation, deps));

  const room = roomFor(deps.operator);

  return async (http) => {
    const requestId = deps.newId();
    if (http.method === "OPTIONS" && http.headers.has("origin")) return preflight(http, deps, requestId);
    if (http.body.length > LARGEST_BODY) return tooLarge(http, deps, requestId);
    const scope = scopeOf(http);
    const face = faceOf(faces, http, scope?.service);
    const refused = (fault: Fault) =>
      face.protocol === "json" ? jsonFault(http, deps, requestId, fault) : queryFault(http, deps, requestId, face, fault);
    // Before anything is read of a call: who only sends what fails is not worth it.
    if (!deps.flood.admits(http.peer)) {
      await deps.flood.secondOver();
      return refused(new Fault("ThrottlingException", "Rate exceeded"));
    }
    const misplaced = misplacedOf(face, http);
    if (misplaced) {
      deps.flood.unserved(http.peer);
      return answer(http, deps, requestId, misplaced.status, "text/xml", misplaced.body);
    }
    const operation = operationOf(face, http);
    const handler = operation && handlers.get(operation);
    if (!handler) {
      deps.flood.unserved(http.peer);
      return refused(new Fault("UnknownOperationException"));
    }
    const region = scope?.region ?? deps.home;
    const call: Exchange = { http, face, requestId, startedAt: deps.now(), region, tries: 0, changes: [], materials: new Set() };
    if (!room.enter()) return refused(new Fault("ThrottlingException", "Rate exceeded"));
    try {
      return await handler(call);
    } finally {
      room.leave();
    }
  };
}

/** A request over the limit is refused unread. */
export const tooLarge = (http: HttpRequest, deps: Deps, requestId: string): HttpResponse =>
  jsonFault(http, deps, requestId, new Fault("RequestEntityTooLargeException"));

/**
 * By the target, or else by the scope, or else by how the request looks. Whatever is nobody's is KMS's to refuse.
 *
 * The target comes first, so that a call of one service that is signed for another is told so, as by an endpoint that has one service only.
 */
function faceOf(faces: readonly Face[], http: HttpRequest, service: string | undefined): Face {
  const target = http.headers.get("x-amz-target");
  const found =
    faces.find((face) => targetsOf(face).some((one) => target?.startsWith(`${one}.`))) ?? faces.find((face) => face.service === service);
  if (found) return found;
  const isQuery = http.method === "GET" || http.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded");
  return faces.find((face) => face.protocol === (isQuery && target === undefined ? "query" : "json")) ?? (faces[0] as Face);
}

const AMZ_JSON = /^application\/(?:x-amz-json-1\.[01]|json)(?:\s*;|$)/i;
const NOT_POST =
  "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n";

/** What AWS's JSON services answer to a request that is not in their protocol. */
function misplacedOf(face: Face, http: HttpRequest): { readonly status: number; readonly body: string } | undefined {
  if (face.protocol === "query") return http.method === "POST" || http.method === "GET" ? undefined : { status: 405, body: "" };
  if (http.method !== "POST") return { status: 403, body: NOT_POST };
  if (AMZ_JSON.test(http.headers.get("content-type") ?? "")) return undefined;
  return http.headers.has("x-amz-target") ? { status: 404, body: "<UnknownOperationException/>\n" } : { status: 403, body: NOT_POST };
}

function operationOf(face: Face, http: HttpRequest): AnyOperation | undefined {
  const name = face.protocol === "json" ? targeted(face, http) : acted(http);
  return name !== undefined && Object.hasOwn(face.operations, name) ? face.operations[name] : undefined;
}

const targetsOf = ({ target, longTarget }: Face): readonly string[] => [target, longTarget].filter((one) => one !== undefined);

function targeted(face: Face, http: HttpRequest): string | undefined {
  const header = http.headers.get("x-amz-target") ?? "";
  const dot = header.lastIndexOf(".");
  return targetsOf(face).includes(header.slice(0, dot)) ? header.slice(dot + 1) : undefined;
}

function acted(http: HttpRequest): string | undefined {
  try {
    return parametersIn(http).get("Action");
  } catch {
    return undefined;
  }
}
