/**
 * Who may import whom. The rules are `noRestrictedImports` in biome.json; here they are shown to bite.
 *
 * In a copy of biome.json's folder, one canary stands in each place of the tree and imports everything there is. What the linter lets pass must
 * be what the place may have, to the letter.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const ITSELF = ["./same.ts", "./range.ts", "./sqlite-group.ts", "./dynamodb-row.ts"];
const PORT = ["../port.ts", "../tables.ts"];
const DOMAIN_TYPES = ["Key from #domain/key", "Fault from #domain/fault"];
const DOMAIN = [...DOMAIN_TYPES, "newKey from #domain/key", "evaluate from #domain/policy/evaluate"];
const WIRE = ["Fields from #wire/shape", "string from #wire/shape", "decode from #wire/decode"];
const CRYPTO = ["BackingKey from @trent/crypto", "seal from @trent/crypto"];
const STORE_TYPES = ["Regional from #store", "Conflict from #store"];
const STORE = [...STORE_TYPES, "openShared from #store", "GLOBAL from #store", "* from #store"];
const PIPELINE = ["Face from #pipeline", "dispatcher from #pipeline", "record from #pipeline/record"];
const LISTS = ["* from #kms", "* from #sts", "* from #iam", "* from #cloudtrail", "* from #servicequotas"];
const FACES = "FACES from #faces";
const KEY_OBJECT = "KeyObject from node:crypto";
const FILES = ["readFileSync from node:fs", "join from node:path"];
const NODE = [
  ...[KEY_OBJECT, "createHmac from node:crypto", "isUtf8 from node:buffer", "Blob from node:buffer", ...FILES],
  ...["open from node:fs/promises", "DatabaseSync from node:sqlite", "Worker from node:worker_threads", "spawn from node:child_process"],
];
const NOBLE = ["ed25519 from @noble/curves/ed25519.js", "ml_dsa65 from @noble/post-quantum/ml-dsa.js"];
const DYNAMODB = "DynamoDBClient from @aws-sdk/client-dynamodb";
const SECRETS = "SecretsManagerClient from @aws-sdk/client-secrets-manager";
const KMS = "KMSClient from @aws-sdk/client-kms";
const LAMBDA = "LambdaClient from @aws-sdk/client-lambda";
const CDK = [
  "App from aws-cdk-lib",
  "Function from aws-cdk-lib/aws-lambda",
  "NagSuppressions from cdk-nag",
  "Construct from constructs",
  "build from esbuild",
];

/** Everything that anybody could import: a specifier, and a name where names matter. */
const UNIVERSE: readonly string[] = [
  ...[...ITSELF, ...PORT, "../arn.ts", "./policy/accept.ts", "./drivers/sqlite.ts"],
  ...[
    "../pipeline/index.ts",
    "./../pipeline/index.ts",
    "./policy/../../pipeline/index.ts",
    ".//same.ts",
    "../../lib/bundle.ts",
    "/etc/passwd.ts",
  ],
  ...[
    ...DOMAIN,
    ...WIRE,
    ...STORE,
    ...PIPELINE,
    ...LISTS,
    FACES,
    "operation from #operation",
    "accessOf from #access",
    "handler from #lambda",
  ],
  ...[
    "Row from #store/port",
    "TABLES from #store/tables",
    "openSqlite from #store/drivers/sqlite",
    "openDynamodb from #store/drivers/dynamodb",
  ],
  ...["rootOf from #roots/root", "serve from #local/serve", "bundle from #lib/bundle", "Trent from #lib/constructs/trent"],
  ...[...CRYPTO, "header from @trent/crypto/header.ts", ...NODE, "readFile from fs", "createHash from crypto"],
  ...[
    ...NOBLE,
    "middy from @middy/core",
    DYNAMODB,
    SECRETS,
    LAMBDA,
    KMS,
    ...CDK,
    "test from vitest",
    "jose from jose",
    "Registry from prom-client",
    "trace from @opentelemetry/api",
    "parse from yaml",
    "Encrypter from age-encryption",
    "create from tar",
  ],
];

const OPERATIONS = [...ITSELF, "operation from #operation", ...WIRE, ...DOMAIN, ...CRYPTO];
const FROM_OUTSIDE = [...ITSELF, ...DOMAIN, ...STORE_TYPES, ...CRYPTO];
const BY_NAME = UNIVERSE.filter((one) => /from #/.test(one) && !one.includes("#lib/"));

/** Each place of the tree, and what may be imported there. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  "lambdas/crypto/canary.ts": [...ITSELF, KEY_OBJECT, "createHmac from node:crypto", ...NOBLE],
  "lambdas/domain/canary.ts": [...ITSELF, "./policy/accept.ts", ...DOMAIN, ...CRYPTO],
  "lambdas/domain/policy/canary.ts": [...ITSELF, ...PORT, "../arn.ts", ...DOMAIN, ...CRYPTO],
  "lambdas/wire/canary.ts": [...ITSELF, "Fault from #domain/fault", ...WIRE, KEY_OBJECT, "createHmac from node:crypto"],
  "lambdas/kms/canary.ts": OPERATIONS,
  "lambdas/iam/canary.ts": OPERATIONS,
  "lambdas/sts/canary.ts": OPERATIONS,
  "lambdas/cloudtrail/canary.ts": OPERATIONS,
  "lambdas/servicequotas/canary.ts": OPERATIONS,
  "lambdas/store/canary.ts": [...ITSELF, ...DOMAIN, ...CRYPTO, KEY_OBJECT],
  "lambdas/store/drivers/canary.ts": PORT,
  "lambdas/store/drivers/sqlite-canary.ts": [
    ...["./range.ts", "./sqlite-group.ts", ...PORT, ...FILES],
    ...["DatabaseSync from node:sqlite", "Worker from node:worker_threads"],
  ],
  "lambdas/store/drivers/dynamodb-canary.ts": ["./range.ts", "./dynamodb-row.ts", ...PORT, DYNAMODB],
  "lambdas/pipeline/canary.ts": [
    ...[...ITSELF, "operation from #operation", ...WIRE, ...DOMAIN, ...STORE_TYPES],
    ...["middy from @middy/core", "isUtf8 from node:buffer", KEY_OBJECT],
  ],
  "lambdas/roots/canary.ts": [...FROM_OUTSIDE, KEY_OBJECT, ...FILES, SECRETS, KMS],
  "lambdas/keystores/canary.ts": FROM_OUTSIDE,
  "lambdas/issuers/canary.ts": [...FROM_OUTSIDE, "jose from jose"],
  "lambdas/timers/canary.ts": [...ITSELF, ...DOMAIN, ...STORE, ...CRYPTO],
  "lambdas/operation.ts": ["Fields from #wire/shape", ...DOMAIN_TYPES, ...STORE_TYPES, "BackingKey from @trent/crypto"],
  "lambdas/access.ts": ["operation from #operation", ...LISTS, FACES],
  "lambdas/faces.ts": ["operation from #operation", ...LISTS, "Face from #pipeline"],
  "lambdas/operator.ts": [
    ...BY_NAME.filter((one) => !/#local|sqlite|#domain\/policy/.test(one)),
    ...CRYPTO,
    ...NODE.filter((one) => !one.includes("node:fs/")),
  ],
  "lambdas/operator/canary.ts": [
    ...[...ITSELF, ...DOMAIN, FACES, "Face from #pipeline", ...STORE, ...CRYPTO],
    ...[KEY_OBJECT, "createHmac from node:crypto", LAMBDA],
  ],
  "lambdas/lambda.ts": [...BY_NAME.filter((one) => !/#local|sqlite/.test(one)), ...CRYPTO, ...NODE],
  "lambdas/timer.ts": [...BY_NAME.filter((one) => !/#local|sqlite/.test(one)), ...CRYPTO, ...NODE],
  "lambdas/local/canary.ts": [
    ...ITSELF,
    ...BY_NAME,
    ...CRYPTO,
    ...NODE,
    "Registry from prom-client",
    "trace from @opentelemetry/api",
    "parse from yaml",
    "Encrypter from age-encryption",
    "create from tar",
  ],
  "examples/envelope/canary.ts": [...ITSELF, ...NODE, KMS, "jose from jose"],
  "lib/canary.ts": [
    ...ITSELF,
    ...LISTS,
    FACES,
    "operation from #operation",
    "accessOf from #access",
    "TABLES from #store/tables",
    "bundle from #lib/bundle",
    "Trent from #lib/constructs/trent",
    ...CDK,
    ...NODE,
  ],
};

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BIOME = join(ROOT, "node_modules/@biomejs/biome/bin/biome");

const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

/** Lints files under this repository's rules, in a folder of their own; answers the lines of each that were flagged. */
function flaggedLines(files: Readonly<Record<string, string>>): ReadonlyMap<string, ReadonlySet<number>> {
  const copy = mkdtempSync(join(tmpdir(), "trent-canaries-"));
  copies.push(copy);
  copyFileSync(join(ROOT, "biome.json"), join(copy, "biome.json"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  const args = [BIOME, "lint", "--reporter=json", "--max-diagnostics=none", "--only=style/noRestrictedImports", "."];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8", maxBuffer: 1e8 });
  if (!stdout.startsWith("{")) throw new Error(`biome did not lint: ${stderr}`);
  const flagged = new Map(Object.keys(files).map((path) => [path, new Set<number>()]));
  for (const { location } of JSON.parse(stdout).diagnostics) flagged.get(location.path)?.add(location.start.line);
  return flagged;
}

function statementOf(imported: string): string {
  const [name, specifier] = imported.includes(" from ") ? imported.split(" from ") : ["canary", imported];
  return `import ${name === "*" ? "* as all" : `{ ${name} }`} from "${specifier}";`;
}

const sources = globSync(["examples/**/*.ts", "lambdas/**/*.ts", "lib/**/*.ts"], {
  cwd: ROOT,
  exclude: ["**/node_modules/**", "lambdas/crypto/test/**"],
});

describe("an import", () => {
  const text = UNIVERSE.map(statementOf).join("\n");
  const flagged = flaggedLines(Object.fromEntries(Object.keys(PLACES).map((place) => [place, text])));

  test.each(Object.entries(PLACES))("into %s passes when the table allows it, and is flagged when not", (place, allowed) => {
    const passed = UNIVERSE.filter((_, index) => !flagged.get(place)?.has(index + 1));
    expect(passed).toEqual(UNIVERSE.filter((imported) => allowed.includes(imported)));
  });

  test("is flagged in every form", () => {
    const forms = [
      'import "#kms";',
      'import { a } from "#kms";',
      'import type { B } from "#kms";',
      'import * as c from "#kms";',
      'import d from "#kms";',
      'export { e } from "#kms";',
      'export type { F } from "#kms";',
      'export * from "#kms";',
      'const g = await import("#kms");',
      'export type * from "#kms";',
    ];
    const place = "lambdas/domain/canary.ts";
    expect(flaggedLines({ [place]: forms.join("\n") }).get(place)?.size).toBe(forms.length);
  });

  test("of any file of ours stands under a rule", () => {
    const places = new Set(Object.keys(PLACES).map((place) => (basename(place).includes("canary") ? dirname(place) : place)));
    const free = sources.filter((path) => !places.has(path) && !places.has(dirname(path)) && !/^(lib|examples)\//.test(path));
    expect(free).toEqual([]);
  });

  test("goes no way that the rules do not see", () => {
    const unseen = /biome-ignore(-\w+)? lint\/style\/noRestrictedImports|(?<!await )\bimport\(|\brequire\(|createRequire|getBuiltinModule/;
    // What it packs, not it itself, is given a `require`.
    const bundler = "lib/pack.ts";
    expect(sources.filter((path) => unseen.test(readFileSync(join(ROOT, path), "utf8")))).toEqual([bundler]);
  });
});
