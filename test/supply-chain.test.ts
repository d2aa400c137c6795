/** What Trent is made of that others wrote: how much it is, that it is what was locked, and that nobody knows it to be dangerous. */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  /** It came inside of another package, and is locked with that. */
  readonly inBundle?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}
const locked: readonly (readonly [path: string, entry: Locked])[] = Object.entries<Locked>(json("package-lock.json").packages).filter(
  ([path, { link, inBundle }]) => path.includes("node_modules/") && !link && !inBundle,
);
/** What runs with `trent serve` or in a function; the Node that `npm ci` brings is optional. */
const shipped = locked.filter(([, { dev, optional }]) => !dev && !optional);

function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}

/** The linter's programs for other systems than Linux with glibc: the registry that the lockfile was made from does not have them. */
const NOT_MIRRORED = /^node_modules\/@biomejs\/cli-(?!linux-(?:x64|arm64)$)/;

describe("every package", () => {
  test("is locked to its content, by SHA-512, and to no host", () => {
    expect(locked.length).toBeGreaterThan(100);
    for (const [path, { integrity, resolved }] of locked) {
      if (!NOT_MIRRORED.test(path)) expect.soft(integrity, path).toMatch(/^sha512-/);
      expect.soft(resolved, path).toBeUndefined();
    }
  });

  test("runs nothing when it is installed", () => {
    expect(readFileSync(join(root, ".npmrc"), "utf8")).toMatch(/^ignore-scripts=true$/m);
    // Of those that would, none is shipped; what they would do was not missed.
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  test("that Trent names is named by its exact version", () => {
    const { dependencies, devDependencies, optionalDependencies } = json("package.json");
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      expect.soft(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  });
});

/** Raise these only with a reason in the README's table of dependencies. */
const MOST = { packages: 65, megabytes: 40 };

test("what is shipped is not more than it was, in number and size", () => {
  const installed = shipped.filter(([path]) => existsSync(join(root, path)));
  const megabytes = installed.reduce((sum, [path]) => sum + bytesIn(join(root, path)), 0) / 2 ** 20;
  console.log(`${shipped.length} packages are shipped, ${megabytes.toFixed(0)} MB; ${locked.length} are locked in all`);
  expect(installed.length).toBe(shipped.length);
  expect(shipped.length).toBeLessThanOrEqual(MOST.packages);
  expect(megabytes).toBeLessThanOrEqual(MOST.megabytes);
});

interface Report {
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
}

/** The policy: nothing that is shipped has a known hole that is high or critical. Lesser ones are looked at when the versions are raised. */
const dangerous = ({ vulnerabilities = {} }: Report): readonly string[] =>
  Object.entries(vulnerabilities).flatMap(([name, { severity }]) =>
    severity === "high" || severity === "critical" ? [`${name}: ${severity}`] : [],
  );

describe("what is shipped has no known hole that is high or critical", () => {
  test("of which an audit tells", () => {
    const of = (severity: string) => ({ auditReportVersion: 2, vulnerabilities: { one: { severity } } });
    expect(["low", "moderate", "high", "critical"].map((severity) => dangerous(of(severity)).length)).toEqual([0, 0, 1, 1]);
  });

  test("where the registry answers an audit", { timeout: 60_000 }, ({ skip }) => {
    const asked = ["audit", "--omit=dev", "--omit=optional", "--json", "--fetch-retries=0", "--fetch-timeout=20000"];
    const { stdout } = spawnSync("npm", asked, { cwd: root, encoding: "utf8", timeout: 50_000 });
    const report = reportIn(stdout);
    if (report.auditReportVersion === undefined) skip("The registry answers no audit here.");
    expect(dangerous(report)).toEqual([]);
  });
});

function reportIn(text: string): Report {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
