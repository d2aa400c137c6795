/**
 * The query protocol of STS and IAM: parameters in, XML out.
 * @see AWS Query protocol (Smithy)
 */
import { Fault } from "#domain/fault";
import { base64Of } from "./base64.ts";
import { type Fields, type Shape, type StructureShape, shapeOf } from "./shape.ts";

/** The parameters of a request: of its body, or of its query when it is a GET. The last of a repeated name counts. */
export function parametersOf(text: string): ReadonlyMap<string, string> {
  return new Map(new URLSearchParams(text));
}

/**
 * The parameters as the JSON that the shape describes, for `decode` to check: `Tags.member.1.Key=a` is `{Tags: [{Key: "a"}]}`.
 * @throws {Fault} SerializationException when a number or a boolean is none.
 */
export function jsonFrom(shape: Shape, parameters: ReadonlyMap<string, string>, name = ""): unknown {
  const text = parameters.get(name);
  switch (shape.kind) {
    case "structure": {
      const json: Record<string, unknown> = {};
      for (const [member, field] of Object.entries(shape.fields)) {
        const value = jsonFrom(shapeOf(field as Fields[string]), parameters, name === "" ? member : `${name}.${member}`);
        if (value !== undefined) json[member] = value;
      }
      return name === "" || Object.keys(json).length > 0 ? json : undefined;
    }
    case "list": {
      const json: unknown[] = [];
      for (;;) {
        const element = jsonFrom(shape.of, parameters, `${name}.member.${json.length + 1}`);
        if (element === undefined) return json.length > 0 || text === "" ? json : undefined;
        json.push(element);
      }
    }
    case "integer":
      if (text !== undefined && !/^-?\d{1,10}$/.test(text)) throw new Fault("SerializationException", "A parameter is not an integer");
      return text === undefined ? undefined : Number(text);
    case "boolean":
      if (text !== undefined && text !== "true" && text !== "false")
        throw new Fault("SerializationException", "A parameter is not a boolean");
      return text === undefined ? undefined : text === "true";
    case "timestamp": {
      const time = text === undefined ? undefined : Date.parse(text);
      if (time !== undefined && Number.isNaN(time)) throw new Fault("SerializationException", "A parameter is not a timestamp");
      return time === undefined ? undefined : time / 1000;
    }
    default:
      return text;
  }
}

/** The elements of a structure's members, absent ones left out. */
export function xmlOf(shape: StructureShape, value: unknown): string {
  return Object.entries(shape.fields)
    .map(([member, field]) => elementOf(member, shapeOf(field as Fields[string]), (value as Record<string, unknown>)[member]))
    .join("");
}

function elementOf(name: string, shape: Shape, value: unknown): string {
  if (value === undefined) return "";
  return `<${name}>${contentOf(shape, value)}</${name}>`;
}

function contentOf(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case "structure":
      return xmlOf(shape, value);
    case "list":
      return (value as readonly unknown[]).map((element) => elementOf("member", shape.of, element)).join("");
    case "map":
      return Array.from(value as ReadonlyMap<string, string>, ([key, text]) => {
        return `<entry><key>${escaped(key)}</key><value>${escaped(text)}</value></entry>`;
      }).join("");
    case "blob":
      return base64Of(value as Uint8Array);
    case "timestamp":
      return (value as Date).toISOString().replace(/\.\d+Z$/, "Z");
    default:
      return escaped(String(value));
  }
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#xD;" };
/** Text as XML takes it; the control characters that XML 1.0 cannot hold are left out. */
export const escaped = (text: string): string =>
  text.replaceAll(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, "").replaceAll(/[&<>"'\r]/g, (character) => ENTITIES[character] ?? "");

/** The names that query services give the same errors, and their HTTP status. */
const QUERY_ERRORS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AccessDeniedException: ["AccessDenied", 403],
  // AWS has one name for two things: credentials that expired, and an identity provider's token that did.
  ExpiredIdentityTokenException: ["ExpiredTokenException", 400],
  ExpiredTokenException: ["ExpiredToken", 403],
  IncompleteSignatureException: ["IncompleteSignature", 400],
  InvalidAuthorizationMessageException: ["InvalidAuthorizationMessageException", 400],
  InvalidSignatureException: ["SignatureDoesNotMatch", 403],
  InvalidMarkerException: ["ValidationError", 400],
  KMSInternalException: ["InternalFailure", 500],
  LimitExceededException: ["LimitExceeded", 409],
  MissingAuthenticationTokenException: ["MissingAuthenticationToken", 403],
  RegionDisabledException: ["RegionDisabledException", 403],
  SerializationException: ["MalformedInput", 400],
  ThrottlingException: ["Throttling", 400],
  UnknownOperationException: ["InvalidAction", 400],
  UnrecognizedClientException: ["InvalidClientTokenId", 403],
  ValidationException: ["ValidationError", 400],
};

/** A fault as a query service answers it. @see STS API Reference, "Common Errors" */
export function xmlFault(fault: Fault, namespace: string, requestId: string): { readonly status: number; readonly body: string } {
  const [code, status] = QUERY_ERRORS[fault.name] ?? [fault.name.replace(/Exception$/, ""), fault.status];
  // Query services say it in their own words.
  const text = fault.name === "MissingAuthenticationTokenException" ? "Request is missing Authentication Token" : fault.message;
  const type = status < 500 ? "Sender" : "Receiver";
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escaped(text)}</Message></Error>`;
  return { status, body: `<ErrorResponse xmlns="${namespace}">${error}<RequestId>${requestId}</RequestId></ErrorResponse>` };
}
