/** The app as `cdk` runs it, in a process of its own and with its own bundles: here, in a copy of the code, and in one with an operation more. */
import { execFile, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, CONTEXT, HOME, type Resource } from "./synth.ts";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "trent-app-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPERATION = `import { own } from "#domain/quota";
import { operation } from "#operation";
import { integer, required, structure } from "#wire/shape";

/** Tells how many principals an account has. */
export const countPrincipals = operation({
  name: "CountPrincipals",
  quota: own,
  permission: "kms:CountPrincipals",
  uses: { aliases: "read", principals: "write", material: "write" },
  input: structure({}),
  output: structure({ Count: required(integer()) }),
  errors: [],
  async handle() {
    return { Count: 0 };
  },
});
`;
const LINE = 'export { countPrincipals } from "./count-principals.ts";\n';

function copyOf(name: string): string {
  const copy = join(folder, name);
  for (const part of ["lambdas", "lib", "package.json"]) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Synthesizes what stands in a folder, as the CLI does. Returns the folder of the assembly. */
async function synthesized(code: string, name: string): Promise<string> {
  const out = join(folder, name);
  const context = JSON.stringify({ ...CONTEXT, account: ACCOUNT, regions: HOME });
  const env = { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: context };
  await promisify(execFile)(process.execPath, [join(code, "lib/app.ts")], { cwd: code, env });
  return out;
}

const contents = (assembly: string): ReadonlyMap<string, string> =>
  new Map(
    globSync("**/*", { cwd: assembly, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(assembly.length + 1), readFileSync(path, "base64")] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
const resourcesIn = (assembly: string): Readonly<Record<string, Resource>> =>
  JSON.parse(readFileSync(join(assembly, `Trent-${HOME}.template.json`), "utf8")).Resources;

let here: string;
let again: string;
let more: string;

beforeAll(async () => {
  const copy = copyOf("copy");
  const extended = copyOf("extended");
  writeFileSync(join(extended, "lambdas/kms/count-principals.ts"), OPERATION);
  appendFileSync(join(extended, "lambdas/kms/index.ts"), LINE);
  // One after the other: they are heavy, and the first two are compared.
  here = await synthesized(copy, "first");
  rmSync(join(copy, ".asset"), { recursive: true });
  again = await synthesized(copy, "second");
  more = await synthesized(extended, "third");
}, 400_000);

describe("the app", () => {
  test("synthesizes the same bytes again", () => {
    const [first, second] = [contents(here), contents(again)];
    expect([...second.keys()]).toEqual([...first.keys()]);
    expect([...first].filter(([path, text]) => second.get(path) !== text).map(([path]) => path)).toEqual([]);
  });

  test("deploys nothing that tells of the machine it was synthesized on", () => {
    for (const [path, text] of contents(here)) {
      // The first is for the CLI, which points to the line of a construct by it. In the second, a copy's packages lie where its link leads.
      if (/\.metadata\.json$|\.js\.map$/.test(path)) continue;
      const plain = Buffer.from(text, "base64").toString("latin1");
      expect([path, plain.includes(folder), plain.includes(ROOT)]).toEqual([path, false, false]);
    }
  });

  test("says in one line what it lacks, and ends with 2", () => {
    const { status, stderr } = spawnSync(process.execPath, ["lib/app.ts"], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"] },
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([2, "account is missing: an AWS account of 12 digits, by default that of your credentials.\n"]);
  });
});

describe("a new operation: one file and one line", () => {
  const added = (): [string, Resource][] => {
    const before = resourcesIn(here);
    return Object.entries(resourcesIn(more)).filter(([id]) => !Object.hasOwn(before, id));
  };

  test("appears as a function with its log and, as nobody had its profile, a role; besides, the API is deployed anew", () => {
    expect(
      added()
        .map(([, { Type }]) => Type)
        .sort(),
    ).toEqual(["AWS::ApiGateway::Deployment", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Logs::LogGroup"]);
    const properties = Object.fromEntries(added().map(([, { Type, Properties }]) => [Type, Properties]));
    expect(properties["AWS::Lambda::Function"]).toMatchObject({
      FunctionName: "trent-CountPrincipals",
      Description: "KMS CountPrincipals",
    });
    expect(JSON.stringify(properties["AWS::IAM::Role"])).toContain("secret:trent/root/material-??????");
  });

  test("appears as a route, which the API may take", () => {
    const resources = resourcesIn(more);
    const [id = ""] = added().find(([, { Type }]) => Type === "AWS::Lambda::Function") ?? [];
    const method = Object.values(resources).find(({ Type }) => Type === "AWS::ApiGateway::Method");
    const caller = Object.values(resources).find(({ Type }) => Type === "AWS::IAM::Policy");

    for (const template of Object.values<string>(method?.Properties.Integration.RequestTemplates))
      expect(template).toContain('"TrentService.CountPrincipals":"trent-CountPrincipals"');
    expect(caller?.Properties.PolicyDocument.Statement[0].Resource).toContainEqual({ "Fn::GetAtt": [id, "Arn"] });
  });

  test("changes nothing else but the operator, who explains what any operation refused", () => {
    const [before, after] = [resourcesIn(here), resourcesIn(more)];
    const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
    expect(changed.flatMap((id) => before[id]?.Properties.FunctionName ?? [])).toEqual(["trent-operator"]);
    expect(changed.map((id) => before[id]?.Type).sort()).toEqual([
      // The old deployment is gone, the stage points to the new one.
      ...["AWS::ApiGateway::Deployment", "AWS::ApiGateway::Method", "AWS::ApiGateway::Stage", "AWS::IAM::Policy", "AWS::Lambda::Function"],
    ]);
  });
});
