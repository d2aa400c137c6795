import { describe, expect, test } from "vitest";
import { page, permissionsIn } from "./permissions.ts";
import { HOME, ofType, REPLICA, type Resource, synthesize } from "./synth.ts";

const rest = synthesize();
const url = synthesize({ ingress: "function-url", regions: [HOME] });
const at = (region: string) => permissionsIn(rest.resources(`Trent-${region}`), region);
const home = at(HOME);

describe("who may do what", () => {
  test("in the home Region, behind a REST API", async () => {
    await expect(page(home)).toMatchFileSnapshot("permissions.home.txt");
  });

  test("in another Region, behind a REST API: no more than at home", async () => {
    await expect(page(at(REPLICA))).toMatchFileSnapshot("permissions.replica.txt");
  });

  test("behind a function URL: one function may do what all may", async () => {
    await expect(page(permissionsIn(url.resources(`Trent-${HOME}`), HOME))).toMatchFileSnapshot("permissions.url.txt");
  });
});

describe("of the functions behind the REST API", () => {
  test("each may append to the log at most, and those whose work it is read it: none may change or delete what is there", () => {
    const levels = home.map(({ name, tables }) => [name, tables.get("log") ?? "a"] as const);
    const readers = levels.flatMap(([name, level]) => (level === "a" ? [] : [`${name} ${level}`]));
    expect(readers.toSorted()).toEqual([
      "trent-DisableKey ra",
      "trent-GetKeyLastUsage ra",
      "trent-ScheduleKeyDeletion ra",
      "trent-cloudtrail ra",
      "trent-operator ra",
      "trent-timer-reconciling ra i1",
      "trent-timer-sealing ra",
    ]);
  });

  test("none but the operator's may write domain keys", () => {
    const writers = home.filter(({ tables }) => [tables.get("domains"), tables.get("shared-domains")].includes("rw"));
    expect(writers.map(({ name }) => name).filter((name) => name !== "trent-operator")).toEqual([]);
  });

  test("none has a wildcard, but the beginning that rows about the use of access keys have in common", () => {
    for (const stack of [`Trent-${HOME}`, `Trent-${REPLICA}`]) {
      const documents = Object.values(rest.resources(stack)).flatMap(policiesOf);
      expect(documents.length).toBeGreaterThan(5);
      for (const document of documents) expect(JSON.stringify(document).replaceAll('"USED#*"', "")).not.toContain("*");
    }
  });

  test("the API may invoke them, and nothing else", () => {
    const resources = rest.resources(`Trent-${HOME}`);
    const [[, caller] = []] = ofType(resources, "AWS::IAM::Policy") as [[string, Resource]];
    const callable = ofType(resources, "AWS::Lambda::Function").filter(
      ([, { Properties }]) => !/-(timer-|operator)/.test(Properties.FunctionName),
    );
    expect(caller?.Properties.PolicyDocument.Statement).toEqual([
      { Action: "lambda:InvokeFunction", Effect: "Allow", Resource: callable.map(([id]) => ({ "Fn::GetAtt": [id, "Arn"] })) },
    ]);
  });
});

const policiesOf = ({ Properties }: Resource): object[] => [
  ...(Properties.PolicyDocument ? [Properties.PolicyDocument] : []),
  ...(Properties.Policies ?? []).map((policy: { PolicyDocument: object }) => policy.PolicyDocument),
];
