/** The shape of the files: how long, what they are called, what they export; and what an operation is not given. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as cloudtrail from "#cloudtrail";
import { own } from "#domain/quota";
import * as iam from "#iam";
import * as kms from "#kms";
import { operation } from "#operation";
import * as servicequotas from "#servicequotas";
import * as sts from "#sts";
import { structure } from "#wire/shape";
import { HOME, startService } from "./service.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OPERATIONS = "lambdas/{kms,iam,sts,cloudtrail,servicequotas}/*.ts";

/** Files of ours, as paths from the root. */
const ours = (...patterns: string[]): string[] =>
  globSync(patterns, { cwd: ROOT, exclude: ["**/node_modules/**", "**/cdk.out/**", "**/.asset/**"] }).sort();
const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const linesOf = (path: string): number => textOf(path).trimEnd().split("\n").length;
const uncommented = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
const longerThan = (lines: number, paths: readonly string[]) => paths.filter((path) => linesOf(path) > lines);

const code = ours("{examples,lambdas,lib,test}/**/*.{ts,js,mjs,cjs,py,sh}", "*.config.ts", "biome.json", ".ci/run");

describe("files", () => {
  test("have at most 300 lines", () => {
    expect(longerThan(300, code)).toEqual([]);
  });

  test("of operations have at most 100 lines", () => {
    expect(longerThan(100, ours(OPERATIONS))).toEqual([]);
  });

  test("of the pipeline's steps have at most 60 lines", () => {
    const index = textOf("lambdas/pipeline/index.ts");
    const steps = ours("lambdas/pipeline/*.ts").filter((path) => index.includes(`"./${basename(path)}"`));
    expect(steps.length).toBeGreaterThanOrEqual(10);
    expect(
      longerThan(
        60,
        steps.filter((path) => !/exchange|deps/.test(path)),
      ),
    ).toEqual([]);
  });

  test("that explain a folder have at most 40 lines", () => {
    // That of the crypto package is the specification of its formats.
    const specification = "lambdas/crypto/README.md";
    expect(
      longerThan(40, ours("{examples,lambdas,lib,test}/**/README.md")).filter((path) => !String(path).includes(specification)),
    ).toEqual([]);
  });

  test("are called after what they hold, in kebab case", () => {
    const names = code.map((path) => basename(path)).filter((name) => name !== "run");
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name))).toEqual([]);
    const hollow = /^(utils?|helpers?|common|managers?|types|data|info)\.|-(utils?|helpers?)\./;
    expect(names.filter((name) => hollow.test(name))).toEqual([]);
  });

  test("have no default export", () => {
    expect(code.filter((path) => path.endsWith("ts") && /^export default\b|\bas default\b/m.test(textOf(path)))).toEqual([
      "test/mutate/vitest.config.ts",
      "vitest.config.ts",
    ]);
  });

  test("of the core read no clock, no environment and no chance but the one handed to them", () => {
    const impure =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.|\bfetch\(|\bset(Timeout|Interval)\(|\bconsole\./;
    const core = ours("lambdas/{domain,crypto}/**/*.ts").filter((path) => !path.includes("/test/"));
    expect(core.filter((path) => impure.test(uncommented(textOf(path))))).toEqual([]);
  });
});

describe.each([
  { face: "kms", operations: kms },
  { face: "sts", operations: sts },
  { face: "iam", operations: iam },
  { face: "cloudtrail", operations: cloudtrail },
  { face: "servicequotas", operations: servicequotas },
])("the operations of $face", ({ face, operations }) => {
  test("have a file each, called after the one thing it exports, and one line each in the index", () => {
    const files = ours(`lambdas/${face}/*.ts`).map((path) => basename(path, ".ts"));
    const camelCase = (name: string) => name.replaceAll(/-(id(?=-)|aws(?=-)|\w)/g, (_, letters: string) => letters.toUpperCase());
    const lines = files.filter((name) => name !== "index").map((name) => `export { ${camelCase(name)} } from "./${name}.ts";`);
    expect(textOf(`lambdas/${face}/index.ts`).trim().split("\n").sort()).toEqual(lines.sort());
  });

  test("are called on the wire as their exports are here", () => {
    for (const [name, { name: onTheWire }] of Object.entries(operations))
      expect(onTheWire).toBe(name.charAt(0).toUpperCase() + name.slice(1));
  });
});

describe("docs/threat-model.md", () => {
  const tables = textOf("docs/threat-model.md")
    .split(/\n\n+/)
    .filter((part) => part.startsWith("|"));
  const cells = (row: string) => row.split("|").slice(1, -1);

  test("has tables whose rows have as many cells as their heads", () => {
    expect(tables).toHaveLength(4);
    const uneven = tables.flatMap((table) =>
      table
        .trim()
        .split("\n")
        .filter((row, _, [head = ""]) => cells(row).length !== cells(head).length),
    );
    expect(uneven).toEqual([]);
  });

  test("names a test for every defence, and only tests that there are", () => {
    const defences = tables.flatMap((table) => {
      const [head = "", , ...rows] = table.trim().split("\n");
      return /\| test *\|$/.test(head) ? rows : [];
    });
    const namedBy = (row: string) =>
      Array.from(
        cells(row)
          .at(-1)
          ?.matchAll(/`([^`]+)`/g) ?? [],
        ([, path = ""]) => path,
      );
    const isThere = (path: string) => ours(`test/${path}${path.endsWith(".ts") ? "" : "/*.test.ts"}`).length > 0;
    expect(defences.length).toBeGreaterThanOrEqual(30);
    expect(defences.flatMap(namedBy).filter((path) => !isThere(path))).toEqual([]);
    expect(defences.filter((row) => namedBy(row).length === 0)).toEqual([]);
  });
});

test("the lockfile holds every package that another in it names, for all platforms, or npm ci refuses it", () => {
  const { packages } = JSON.parse(textOf("package-lock.json")) as {
    readonly packages: Readonly<Record<string, { readonly dependencies?: object; readonly optionalDependencies?: object }>>;
  };
  const missing: string[] = [];
  for (const [path, { dependencies = {}, optionalDependencies = {} }] of Object.entries(packages)) {
    // Looked for beside the package itself, then in each node_modules above it.
    const above = path.split("node_modules/").map((_, depth, parts) => parts.slice(0, depth + 1).join("node_modules/"));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const places = ["", ...above].map((folder) => `${folder === "" || folder.endsWith("/") ? folder : `${folder}/`}node_modules/${name}`);
      if (!places.some((place) => packages[place])) missing.push(`${path} -> ${name}`);
    }
  }
  expect(missing).toEqual([]);
});

test("every package is pinned to one version, and its bytes by the lockfile", () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(textOf("package.json"));
  const ranges = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
  );
  expect(ranges).toEqual([]);
  interface Locked {
    readonly integrity?: string;
    readonly link?: true;
    readonly inBundle?: true;
  }
  const { packages } = JSON.parse(textOf("package-lock.json")) as { readonly packages: Readonly<Record<string, Locked>> };
  const unpinned = Object.entries(packages).filter(
    ([path, { integrity, link, inBundle }]) => path.startsWith("node_modules/") && !integrity && !link && !inBundle,
  );
  // Of those for other machines not every registry tells the bytes.
  expect(unpinned.map(([path]) => path).filter((path) => !path.startsWith("node_modules/@biomejs/cli-"))).toEqual([]);
});

test("an operation that declares reading gets no method that writes, and no table that it did not declare", async () => {
  const look = operation({
    name: "Look",
    quota: own,
    permission: null,
    uses: { keys: "read" },
    input: structure({}),
    errors: [],
    async handle({ stores }) {
      expect(Object.keys(stores)).toEqual(["keys"]);
      expect(Object.keys(stores.keys).sort()).toEqual(["get", "list"]);
      // @ts-expect-error: reading does not create.
      expect(stores.keys.create).toBeUndefined();
      // @ts-expect-error: reading does not replace.
      expect(stores.keys.replace).toBeUndefined();
      // @ts-expect-error: aliases were not declared.
      expect(stores.aliases).toBeUndefined();
    },
  });
  const service = await startService();
  try {
    const { stores } = await service.host.region(HOME);
    await look.handle({ stores: stores(look.uses, async () => {}) } as unknown as Parameters<typeof look.handle>[0]);
  } finally {
    await service.stop();
  }
  expect.assertions(5);
});
