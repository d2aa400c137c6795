import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AdministratorKey } from "#operator/administrator";

export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** Of this checkout: logs, and what is running. */
export const FOLDER = join(PROJECT, ".stack");
const FILE = join(FOLDER, "deployment");

/** Of AWS, as far as a stack has any. */
export const AWS_ACCOUNT = "000000000000";
/** The home Region first. */
export const REGIONS = ["us-east-1", "eu-west-1"] as const;
/** Begins the name of everything that is deployed. */
export const PREFIX = "trent";

/** A Trent that is deployed and initialised. */
export interface Deployment {
  /** `other`: somebody else's, at TRENT_STACK_ENDPOINT. */
  readonly stack: "ministack" | "localstack" | "other";
  readonly ingress: "rest" | "function-url";
  /** Of the stack itself, where its own APIs answer. */
  readonly endpoint: string;
  /** By Region: the `endpoint_url` of KMS clients. */
  readonly doors: Readonly<Record<string, string>>;
  readonly administrator: AdministratorKey;
}

/** @throws a sentence when nothing is deployed. */
export function deployed(): Deployment {
  if (!existsSync(FILE)) throw new Error("Nothing is deployed: node test/stack/main.ts up ministack");
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** Nothing is deployed any more. */
export const forget = (): void => rmSync(FILE, { force: true });

export const remember = (deployment: Deployment): void => writeFileSync(FILE, JSON.stringify(deployment, undefined, 2), { mode: 0o600 });
