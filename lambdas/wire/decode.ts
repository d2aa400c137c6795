import { Fault } from "#domain/fault";
import { blobFrom } from "./base64.ts";
import type { Field, ListShape, MapShape, Shape, StringShape, StructureShape, ValueOf } from "./shape.ts";

/** AWS reports ten violations at the most. */
const REPORTED = 10;
/** A value is quoted in a message up to this many characters. */
const QUOTED = 2048;

interface Findings {
  /** Broken constraints, each already as AWS words it. */
  readonly violations: string[];
  /** The first rule beyond the grammar that was broken. */
  fault?: Fault | undefined;
}

/**
 * Reads a JSON value by its shape.
 *
 * Unknown members and nulls count as absent. Wrong JSON types are refused first, then every broken constraint in one message, then the rules
 * that are more than grammar.
 * @throws {Fault} SerializationException, ValidationException (never with a sensitive value in it), or what a member's own rule says.
 * @see AWS JSON 1.1 protocol (Smithy); the messages are AWS's own (ValidationException grammar).
 */
export function decode<S extends StructureShape>(shape: S, json: unknown): ValueOf<S> {
  const findings: Findings = { violations: [] };
  const value = structureFrom(shape, json, "", findings);
  const count = findings.violations.length;
  if (count > 0) {
    const reported = findings.violations.slice(0, REPORTED).join("; ");
    throw new Fault("ValidationException", `${count} validation error${count === 1 ? "" : "s"} detected: ${reported}`);
  }
  if (findings.fault) throw findings.fault;
  return value as ValueOf<S>;
}

function structureFrom(shape: StructureShape, json: unknown, prefix: string, findings: Findings): Record<string, unknown> {
  if (Array.isArray(json)) throw unreadable("Start of list found where not expected");
  if (typeof json !== "object" || json === null) throw unreadable("Expected null");
  const value: Record<string, unknown> = {};
  for (const [member, field] of Object.entries(shape.fields)) {
    const sent = Object.hasOwn(json, member) ? (json as Record<string, unknown>)[member] : undefined;
    const decoded = memberFrom(member, field, sent, prefix, findings);
    if (decoded !== undefined) value[member] = decoded;
  }
  return value;
}

function memberFrom(member: string, field: Field, sent: unknown, prefix: string, findings: Findings): unknown {
  if (sent !== undefined && sent !== null) {
    return valueFrom("field" in field ? field.shape : field, sent, member, `${prefix}${lowerFirst(member)}`, findings);
  }
  if ("field" in field) {
    if (field.field === "defaulted") return field.value;
    findings.violations.push(`Value null at '${prefix}${lowerFirst(member)}' failed to satisfy constraint: Member must not be null`);
  }
  return undefined;
}

function valueFrom(shape: Shape, json: unknown, member: string, path: string, findings: Findings): unknown {
  switch (shape.kind) {
    case "string":
      return stringFrom(shape, json, member, path, findings);
    case "blob": {
      if (typeof json !== "string") throw wrongType(json, "a Blob");
      const bytes = blobFrom(json);
      const quoted = shape.sensitive ? "Value" : `Value 'java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]'`;
      requireLength(bytes.length, shape, quoted, path, findings);
      return bytes;
    }
    case "integer": {
      if (typeof json !== "number") throw wrongType(json, "an Integer");
      if (!Number.isInteger(json)) throw unreadable("class java.math.BigDecimal can not be converted to an Integer");
      if (json < -0x80000000 || json > 0x7fffffff) throw unreadable("class java.lang.Long can not be converted to an Integer");
      requireRange(json, shape, path, findings);
      return json;
    }
    case "double":
      if (typeof json !== "number") throw wrongType(json, "a Double");
      requireRange(json, shape, path, findings);
      return json;
    case "boolean":
      if (typeof json === "string") throw unreadable(`'${quote(json.toUpperCase())}' can not be converted to an Boolean`);
      if (typeof json !== "boolean") throw wrongType(json, "an Boolean");
      return json;
    case "timestamp":
      if (typeof json !== "number") throw wrongType(json, "a Timestamp");
      if (!(Math.abs(json) <= 8.64e12)) throw unreadable("The timestamp is out of range");
      return new Date(json * 1000);
    case "list":
      return listFrom(shape, json, member, path, findings);
    case "map":
      return mapFrom(shape, json, findings);
    case "structure":
      return structureFrom(shape, json, `${path}.`, findings);
    case "unavailable":
      findings.fault ??= new Fault("UnsupportedOperationException", `${member} is not available in this version.`);
      return undefined;
  }
}

function requireRange(
  value: number,
  { min, max }: { min?: number | undefined; max?: number | undefined },
  path: string,
  findings: Findings,
): void {
  if (min !== undefined && value < min) violate(findings, `Value '${value}'`, path, `have value greater than or equal to ${min}`);
  if (max !== undefined && value > max) violate(findings, `Value '${value}'`, path, `have value less than or equal to ${max}`);
}

function stringFrom(shape: StringShape, json: unknown, member: string, path: string, findings: Findings): string {
  if (typeof json !== "string") throw wrongType(json, "an String");
  requireWellFormed(json);
  const quoted = shape.sensitive ? "Value" : `Value '${quote(json)}'`;
  if (shape.values) {
    if (!shape.values.includes(json)) violate(findings, quoted, path, `satisfy enum value set: [${shape.values.join(", ")}]`);
    else if (shape.available && !shape.available.includes(json)) {
      findings.fault ??= new Fault("UnsupportedOperationException", `${member} ${json} is not available in this version.`);
    }
    return json;
  }
  requireLength(json.length, shape, quoted, path, findings);
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(json)) {
    if (shape.unlike === undefined) violate(findings, quoted, path, `satisfy regular expression pattern: ${shape.pattern}`);
    else findings.fault ??= new Fault("ValidationException", `The specified value for ${path} is invalid. ${shape.unlike}`);
  }
  if (shape.refuse) findings.fault ??= shape.refuse(json);
  return json;
}

function listFrom(shape: ListShape<Shape>, json: unknown, member: string, path: string, findings: Findings): unknown[] {
  if (!Array.isArray(json))
    throw unreadable(typeof json === "object" ? "Start of structure or map found where not expected." : "Expected list or null");
  const sent = json.filter((element) => element !== null);
  if (shape.max !== undefined && sent.length > shape.max) {
    violate(findings, `Value of ${sent.length} elements`, path, `have length less than or equal to ${shape.max}`);
    return [];
  }
  if (shape.min !== undefined && sent.length < shape.min) {
    violate(findings, "Value '[]'", path, `have length greater than or equal to ${shape.min}`);
  }
  return sent.map((element, index) => valueFrom(shape.of, element, member, `${path}.${index + 1}.member`, findings));
}

function mapFrom({ contextBytes = Number.POSITIVE_INFINITY }: MapShape, json: unknown, findings: Findings): Map<string, string> {
  if (Array.isArray(json)) throw unreadable("Start of list found where not expected");
  if (typeof json !== "object" || json === null) throw unreadable("Expected map or null");
  const value = new Map<string, string>();
  let bytes = 0;
  for (const [name, text] of Object.entries(json)) {
    if (text === null) continue;
    if (typeof text !== "string") throw wrongType(text, "an String");
    requireWellFormed(name);
    requireWellFormed(text);
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
    if (bytes > contextBytes) {
      findings.fault ??= new Fault("ValidationException", `The encryption context is larger than ${contextBytes} bytes.`);
      return new Map();
    }
    value.set(name, text);
  }
  return value;
}

function requireLength(
  length: number,
  rules: { min?: number | undefined; max?: number | undefined },
  quoted: string,
  path: string,
  findings: Findings,
) {
  if (rules.min !== undefined && length < rules.min) violate(findings, quoted, path, `have length greater than or equal to ${rules.min}`);
  if (rules.max !== undefined && length > rules.max) violate(findings, quoted, path, `have length less than or equal to ${rules.max}`);
}

function violate(findings: Findings, quoted: string, path: string, must: string): void {
  findings.violations.push(`${quoted} at '${path}' failed to satisfy constraint: Member must ${must}`);
}

/** Half of a surrogate pair has no UTF-8 form, so it can be neither stored nor authenticated as it is. */
function requireWellFormed(text: string): void {
  if (!text.isWellFormed()) throw unreadable("A string is not well-formed Unicode");
}

function wrongType(json: unknown, wanted: string): Fault {
  if (Array.isArray(json)) return unreadable("Start of list found where not expected");
  if (typeof json === "object") return unreadable("Start of structure or map found where not expected.");
  const found = typeof json === "number" ? "java.math.BigDecimal" : typeof json === "boolean" ? "java.lang.Boolean" : "java.lang.String";
  return unreadable(`class ${found} can not be converted to ${wanted}`);
}

const unreadable = (text: string): Fault => new Fault("SerializationException", text);
const quote = (text: string): string => (text.length > QUOTED ? text.slice(0, QUOTED) : text);

/** `KeyId` is `keyId` in a message. */
export const lowerFirst = (member: string): string => member.charAt(0).toLowerCase() + member.slice(1);

const patterns = new Map<string, RegExp>();
function patternOf(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (!compiled) {
    // Classes of Unicode mean nothing without the flag, and some older patterns nothing with it.
    compiled = new RegExp(`^(?:${pattern})$`, pattern.includes("\\p{") ? "u" : "");
    patterns.set(pattern, compiled);
  }
  return compiled;
}
