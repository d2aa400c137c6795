/** The app's stacks as templates, without bundling: every function is deployed with the same empty asset. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { type Deployment, deploymentOf } from "#lib/app";
import type { Assets } from "#lib/assets";
import type { TrentProps } from "#lib/constructs/trent";
import type { Options } from "#lib/options";

export const ACCOUNT = "111122223333";
export const HOME = "us-east-1";
export const REPLICA = "eu-west-1";

/** What `cdk deploy --all -c regions=us-east-1,eu-west-1` chooses. */
export const OPTIONS: Options = {
  account: ACCOUNT,
  regions: [HOME, REPLICA],
  prefix: "trent",
  ingress: "rest",
  quotas: "current",
  roots: { kind: "generated" },
  encryption: "owned",
  removalPolicy: RemovalPolicy.RETAIN,
  logRetention: RetentionDays.THREE_MONTHS,
  stateCacheMs: 1000,
  storeTimeoutMs: 1500,
  callMetrics: true,
  logDays: "90",
  tracing: false,
  provisioned: {},
};

export const CONTEXT = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")).context;

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a property is compared as it stands in the template
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

export interface Synthesized extends Deployment {
  readonly app: App;
  /** By logical id. */
  readonly resources: (stack: string) => Readonly<Record<string, Resource>>;
  readonly template: (stack: string) => string;
}

const folder = mkdtempSync(join(tmpdir(), "trent-synth-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const asset = join(folder, "asset");
mkdirSync(asset);
writeFileSync(join(asset, "index.js"), "exports.handler = () => undefined;\n");
export const EMPTY: Assets = {
  operation: () => asset,
  services: () => asset,
  timer: () => asset,
  operator: () => asset,
  layer: () => asset,
};

export const newApp = (): App => {
  const outdir = mkdtempSync(join(folder, "out-"));
  return new App({ context: CONTEXT, outdir, analyticsReporting: false, treeMetadata: false, builtinCloudFormationValidation: false });
};

/** Synthesizes once; ask for as many templates as needed. */
export function synthesize(options: Partial<Options> = {}, parts: Pick<TrentProps, "faces" | "duties"> = {}): Synthesized {
  const app = newApp();
  const deployment = deploymentOf(app, { ...OPTIONS, ...options }, { assets: EMPTY, ...parts });
  const assembly = app.synth();
  const template = (stack: string): string => readFileSync(join(assembly.directory, `${stack}.template.json`), "utf8");
  return { app, ...deployment, template, resources: (stack) => JSON.parse(template(stack)).Resources };
}

export const ofType = (resources: Readonly<Record<string, Resource>>, type: string): [id: string, resource: Resource][] =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

/** The one resource of this type. */
export function the(resources: Readonly<Record<string, Resource>>, type: string): Resource["Properties"] {
  const [only, ...others] = ofType(resources, type);
  if (!only || others.length > 0) throw new Error(`There are ${others.length + (only ? 1 : 0)} of ${type}.`);
  return only[1].Properties;
}
