/** The kinds of requests that are fuzzed: each makes one request near to one that is right. */
import { FACES } from "#faces";
import type { AnyOperation } from "#operation";
import type { Face } from "#pipeline";
import type { HttpRequest } from "#wire/http";
import type { Chance } from "../faults/chance.ts";
import { type Sent, sign } from "../pipeline/signed-request.ts";
import type { Credentials } from "../service.ts";
import { inputOf, policyOf } from "./inputs.ts";
import { oneOf, spoilt, spoiltText } from "./spoil.ts";
import type { World } from "./world.ts";

export type Kind = (chance: Chance, world: World) => HttpRequest;

const faceOf = (service: string): Face => FACES.find((face) => face.service === service) as Face;
const operationsOf = ({ operations }: Face): readonly AnyOperation[] => Object.values(operations);
const JSON_FACES = [faceOf("kms"), faceOf("kms"), faceOf("kms"), faceOf("cloudtrail"), faceOf("servicequotas")];
const QUERY_FACES = [faceOf("iam"), faceOf("sts")];

/** From an address of its own each time: who fails often from one is not listened to. */
const peerOf = (chance: Chance): string => `10.${[1, 2, 3].map(() => Math.floor(chance.between(0, 256))).join(".")}`;

function httpOf(chance: Chance, { method, path, headers, body }: Sent): HttpRequest {
  const [before = "", query = ""] = path.split("?", 2);
  return { method, path: before, query, headers: new Map(Object.entries(headers)), body, peer: peerOf(chance) };
}

const HOST = "127.0.0.1:4599";

function jsonCall(
  service: string,
  target: string,
  body: Uint8Array,
  credentials: Credentials,
  headers: Readonly<Record<string, string>> = {},
): Sent {
  const sent = {
    method: "POST",
    path: "/",
    headers: { host: HOST, "content-type": "application/x-amz-json-1.1", "x-amz-target": target, ...headers },
    body,
  };
  return sign(sent, credentials, { service });
}

const bytesOf = (input: unknown): Buffer => Buffer.from(JSON.stringify(input));

/** An operation of a JSON service with a signed input; one in ten times its text is spoilt before it is signed. */
const json: Kind = (chance, { credentials, known }) => {
  const face = oneOf(chance, JSON_FACES);
  const operation = oneOf(chance, operationsOf(face));
  const body = bytesOf(inputOf(chance, operation.input.fields, known));
  return httpOf(
    chance,
    jsonCall(face.service, `${face.target}.${operation.name}`, chance.of(0.1) ? spoilt(chance, body) : body, credentials),
  );
};

/** The same of a query service: its input as a form. */
const query: Kind = (chance, { credentials, known }) => {
  const face = oneOf(chance, QUERY_FACES);
  const operation = oneOf(chance, operationsOf(face));
  const form = new URLSearchParams({ Action: operation.name, Version: face.version ?? "" });
  for (const [name, value] of Object.entries(inputOf(chance, operation.input.fields, known))) addTo(form, name, value);
  const text = form.toString();
  const body = Buffer.from(chance.of(0.2) ? spoiltText(chance, text) : text, "latin1");
  const headers = { host: HOST, "content-type": "application/x-www-form-urlencoded" };
  return httpOf(chance, sign({ method: "POST", path: "/", headers, body }, credentials, { service: face.service }));
};

function addTo(form: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) for (const [i, one] of value.slice(0, 20).entries()) addTo(form, `${name}.member.${i + 1}`, one);
  else if (typeof value === "object" && value !== null)
    for (const [member, one] of Object.entries(value)) addTo(form, `${name}.${member}`, one);
  else form.append(name, String(value));
}

/** A right call of which the signature's headers are wrong. */
const signature: Kind = (chance, { credentials, keys }) => {
  const sent = jsonCall("kms", "TrentService.DescribeKey", bytesOf({ KeyId: keys.encrypts }), credentials);
  const headers = new Map(Object.entries(sent.headers));
  const others = ["x-amz-date", "host", "content-type", "x-amz-target", "x-amz-content-sha256"];
  const name = chance.of(0.4) ? "authorization" : oneOf(chance, others);
  headers.set(name, spoiltText(chance, headers.get(name) ?? "UNSIGNED-PAYLOAD"));
  if (chance.of(0.1)) headers.delete(oneOf(chance, ["authorization", "x-amz-date", "host"]));
  const method = chance.of(0.05) ? oneOf(chance, ["GET", "PUT", "OPTIONS", "DELETE", ""]) : "POST";
  const path = chance.of(0.1) ? spoiltText(chance, "/a/../b%2F?c=d&c") : "/";
  return httpOf(chance, { ...sent, method, path, headers: Object.fromEntries(headers) });
};

/** A call signed in its URL. */
const presigned: Kind = (chance, { credentials }) => {
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const parameters = {
    ...{
      Action: "GetCallerIdentity",
      Version: "2011-06-15",
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Date": time,
      "X-Amz-Expires": "60",
    },
    "X-Amz-Credential": `${credentials.accessKeyId}/${time.slice(0, 8)}/us-east-1/sts/aws4_request`,
    ...{ "X-Amz-SignedHeaders": "host", "X-Amz-Signature": "0".repeat(64) },
  };
  const path = `/?${spoiltText(chance, new URLSearchParams(parameters).toString())}`;
  return httpOf(chance, { method: "GET", path, headers: { host: HOST }, body: Buffer.alloc(0) });
};

/** A call by a role's session whose token is spoilt. */
const token: Kind = (chance, { session, keys }) => {
  const headers = { "x-amz-security-token": chance.of(0.1) ? session.token : spoiltText(chance, session.token) };
  return httpOf(chance, jsonCall("kms", "TrentService.DescribeKey", bytesOf({ KeyId: keys.encrypts }), session, headers));
};

/** What is decrypted, imported or gone on with is spoilt, and the rest of the input is right. */
const opaque: Kind = (chance, { credentials, keys, known }) => {
  const value = (member: string): unknown => known.get(member)?.[0];
  const importing = { KeyId: keys.external, ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" };
  const [operation, member, rest] = oneOf<readonly [string, string, object]>(chance, [
    ["Decrypt", "CiphertextBlob", {}],
    ["ReEncrypt", "CiphertextBlob", { DestinationKeyId: keys.encrypts }],
    ["Decapsulate", "SharedSecretCiphertextBlob", { KeyId: keys.encapsulates, EncapsulationAlgorithm: "ML_KEM" }],
    ["ImportKeyMaterial", "ImportToken", { ...importing, EncryptedKeyMaterial: value("EncryptedKeyMaterial") }],
    ["ImportKeyMaterial", "EncryptedKeyMaterial", { ...importing, ImportToken: value("ImportToken") }],
    ["Verify", "Signature", { KeyId: keys.signs, Message: value("Message"), SigningAlgorithm: "ECDSA_SHA_256" }],
    ["VerifyMac", "Mac", { KeyId: keys.macs, Message: value("Message"), MacAlgorithm: "HMAC_SHA_256" }],
    ["DeriveSharedSecret", "PublicKey", { KeyId: keys.agrees, KeyAgreementAlgorithm: "ECDH" }],
  ]);
  const changed = spoilt(chance, Buffer.from(String(value(member)), "base64")).toString("base64");
  return httpOf(chance, jsonCall("kms", `TrentService.${operation}`, bytesOf({ ...rest, [member]: changed }), credentials));
};

/** Where a list goes on, and tokens of grants: texts that only Trent makes. */
const marker: Kind = (chance, { credentials, keys, known }) => {
  const value = (member: string): string => String(known.get(member)?.[0]);
  const [operation, input] = oneOf<readonly [string, object]>(chance, [
    ["ListKeys", { Marker: spoiltText(chance, value("Marker")) }],
    ["ListAliases", { Marker: spoiltText(chance, value("Marker")) }],
    ["ListGrants", { KeyId: keys.encrypts, Marker: spoiltText(chance, value("Marker")) }],
    ["DescribeKey", { KeyId: keys.encrypts, GrantTokens: [spoiltText(chance, value("GrantToken"))] }],
    ["RetireGrant", { GrantToken: spoiltText(chance, value("GrantToken")) }],
  ]);
  return httpOf(chance, jsonCall("kms", `TrentService.${operation}`, bytesOf(input), credentials));
};

/** A policy by its grammar, for a key that no other kind needs a permission on. */
const policy: Kind = (chance, { credentials, keys }) => {
  const input = { KeyId: keys.policied, Policy: policyOf(chance), BypassPolicyLockoutSafetyCheck: chance.of(0.5) };
  return httpOf(chance, jsonCall("kms", "TrentService.PutKeyPolicy", bytesOf(input), credentials));
};

/** All of them, each with how many of a hundred cases are of it. */
export const KINDS: Readonly<Record<string, { readonly share: number; readonly make: Kind }>> = {
  json: { share: 40, make: json },
  query: { share: 14, make: query },
  signature: { share: 12, make: signature },
  presigned: { share: 4, make: presigned },
  token: { share: 6, make: token },
  opaque: { share: 10, make: opaque },
  marker: { share: 6, make: marker },
  policy: { share: 8, make: policy },
};
