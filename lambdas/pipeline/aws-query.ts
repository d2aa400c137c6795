import { isUtf8 } from "node:buffer";
import { Fault } from "#domain/fault";
import type { AnyOperation } from "#operation";
import type { HttpRequest, HttpResponse } from "#wire/http";
import { jsonFrom, parametersOf, xmlFault, xmlOf } from "#wire/query";
import { answer } from "./answer.ts";
import type { Deps } from "./deps.ts";
import type { Face, Step } from "./exchange.ts";
import { faultOf } from "./outcome.ts";

/** Reads the parameters on the way in; writes the output, or the fault, as XML on the way out. @see AWS Query protocol (Smithy). */
export function awsQuery(operation: AnyOperation, deps: Deps): Step {
  return {
    before({ event }) {
      event.json = jsonFrom(operation.input, parametersIn(event.http));
    },
    after(request) {
      const { http, requestId, face } = request.event;
      const result = operation.output
        ? `<${operation.name}Result>${xmlOf(operation.output, request.response)}</${operation.name}Result>`
        : "";
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const body = `<${operation.name}Response xmlns="${namespaceOf(face)}">${result}${metadata}</${operation.name}Response>`;
      request.response = answer(http, deps, requestId, 200, "text/xml", body);
    },
    onError(request) {
      const { http, requestId, face } = request.event;
      request.response = queryFault(http, deps, requestId, face, faultOf(request.error, request.event, deps));
    },
  };
}

/** The parameters of a query request, wherever they are. @throws {Fault} SerializationException */
export function parametersIn(http: HttpRequest): ReadonlyMap<string, string> {
  if (!isUtf8(http.body)) throw new Fault("SerializationException");
  return parametersOf(http.method === "GET" ? http.query : Buffer.from(http.body).toString());
}

export function queryFault(http: HttpRequest, deps: Deps, requestId: string, face: Face, fault: Fault): HttpResponse {
  const { status, body } = xmlFault(fault, namespaceOf(face), requestId);
  return answer(http, deps, requestId, status, "text/xml", body);
}

const namespaceOf = ({ service, version }: Face): string => `https://${service}.amazonaws.com/doc/${version}/`;
