/**
 * One operation -> one asset: what a function is deployed with, and the layer beside it.
 *
 * Functions are CommonJS, because `require` finds what a layer holds and `import` does not; the layer's package stays an ES module.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, buildSync } from "esbuild";
import { FACES } from "#faces";
import type { AnyOperation } from "#operation";

type Face = (typeof FACES)[number];

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const ASSETS = join(ROOT, ".asset");
const PACKAGE = "@trent/crypto";

/** What everything is bundled with. */
export const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node24",
  // The SDK's ES modules: what a function does not use of them is left out.
  mainFields: ["module", "main"],
  metafile: true,
  write: false,
  logLevel: "silent",
} as const satisfies BuildOptions;

/**
 * Bundles the function of one operation: its file, the pipeline and the DynamoDB driver, and no other operation.
 *
 * The folder holds `index.js`, whose `handler` is the function, and its source map; beside the folder stands `<operation>.meta.json`, which tells
 * what went in. The same sources make the same bytes, wherever they are.
 * @throws when no face has the operation.
 */
export function bundle(operation: string, into: string = ASSETS): string {
  const face = FACES.find(({ operations }) => Object.hasOwn(operations, operation));
  if (!face) throw new Error(`There is no operation ${operation}.`);
  const { operations: _, ...kind } = face;
  return bundled(operation, into, [
    importOf(face, operation),
    `import { handlerOf } from "./lambdas/lambda.ts";`,
    ...optionsOf(face.operations[operation]),
    `export const handler = handlerOf(${JSON.stringify(kind)}, ${nameOf(face, operation)}, options);`,
  ]);
}

/** Bundles one function that serves every operation of these services: a neighbour's, or the one behind a function URL. @throws when one is none of ours. */
export function bundleServices(name: string, services: readonly string[], into: string = ASSETS): string {
  const faces = services.map((wanted) => {
    const face = FACES.find(({ service }) => service === wanted);
    if (!face) throw new Error(`There is no service ${wanted}.`);
    return face;
  });
  const source = faces.map(({ operations, ...kind }) => {
    const named = Object.keys(operations).map((operation) => `${operation}: ${nameOf({ operations, ...kind }, operation)}`);
    return `{ ...${JSON.stringify(kind)}, operations: { ${named.join(", ")} } }`;
  });
  return bundled(name, into, [
    ...faces.flatMap((face) => Object.keys(face.operations).map((operation) => importOf(face, operation))),
    `import { dispatchHandlerOf } from "./lambdas/lambda.ts";`,
    ...optionsOf(...faces.flatMap(({ operations }) => Object.values(operations))),
    `export const handler = dispatchHandlerOf([${source.join(", ")}], options);`,
  ]);
}

/** Bundles the function of a timer: its file is called after it, and exports it under its name. */
export function bundleTimer(timer: string, into: string = ASSETS): string {
  return bundled(`timer-${timer}`, into, [
    `import { ${exportedFrom(timer)} } from "./lambdas/timers/${timer}.ts";`,
    `import { timerOf } from "./lambdas/timer.ts";`,
    `export const handler = timerOf(${exportedFrom(timer)}, ${OPTIONS});`,
  ]);
}

/** Bundles the operator's function. */
export function bundleOperator(into: string = ASSETS): string {
  return bundled("operator", into, [
    `import { operatorHandlerOf } from "./lambdas/operator.ts";`,
    `export const handler = operatorHandlerOf();`,
  ]);
}

/** Builds the layer: the crypto package as JavaScript, at the place where Lambda's NODE_PATH looks. Returns the layer's folder. */
export function layer(into: string = ASSETS): string {
  const { version, type } = JSON.parse(readFileSync(join(ROOT, "lambdas/crypto/package.json"), "utf8"));
  // Minified, it does not say where the packages lay that went in.
  const shape = { outdir: ".asset/layer", format: "esm", minify: true } as const;
  const { outputFiles } = buildSync({ ...SHARED, ...shape, entryPoints: ["lambdas/crypto/index.ts"] });
  const folder = emptied(join(into, "layer"));
  const home = join(folder, "nodejs", "node_modules", PACKAGE);
  mkdirSync(home, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(home, basename(path)), contents);
  writeFileSync(join(home, "package.json"), `${JSON.stringify({ name: PACKAGE, version, type, exports: "./index.js" })}\n`);
  return folder;
}

const OPTIONS = JSON.stringify({ version: JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version });

/** Lines that say what a function is given beside its operations: those that are not signed need to know who else may vouch for callers. */
function optionsOf(...operations: readonly (AnyOperation | undefined)[]): readonly string[] {
  if (!operations.some((operation) => operation?.auth === "none")) return [`const options = ${OPTIONS};`];
  return [`import { openIdIssuers } from "./lambdas/issuers/open-id.ts";`, `const options = { ...${OPTIONS}, issuers: openIdIssuers() };`];
}

function bundled(name: string, into: string, lines: readonly string[]): string {
  const { outputFiles, metafile } = buildSync({
    ...SHARED,
    stdin: { contents: lines.join("\n"), resolveDir: ROOT, sourcefile: `${name}.entry.js` },
    // Only names the paths in the source map: what is written goes to the folder that was asked for.
    outfile: `.asset/${name}/index.js`,
    format: "cjs",
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    external: [PACKAGE],
    // The SDK looks for credentials in places that a function does not have; a third of the bundle would be for that.
    alias: { "@aws-sdk/credential-provider-node": "./lambdas/store/drivers/dynamodb-credentials.ts" },
  });
  const folder = emptied(join(into, name));
  for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents);
  writeFileSync(join(dirname(folder), `${name}.meta.json`), JSON.stringify(metafile));
  return folder;
}

export function emptied(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Names in an entry: services may have operations of the same name. */
const nameOf = ({ service }: Face, operation: string): string => `${service}${operation}`;

/** An operation stands in the file of its name, under its name: `ReEncrypt` is `reEncrypt` in `re-encrypt.ts`. */
function importOf(face: Face, operation: string): string {
  const file = operation.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
  const exported = operation.charAt(0).toLowerCase() + operation.slice(1);
  return `import { ${exported} as ${nameOf(face, operation)} } from "./lambdas/${face.service}/${file}.ts";`;
}

const exportedFrom = (file: string): string => file.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
