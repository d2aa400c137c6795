import {
  CreateUserCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  type IAMClient,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allowing, denying } from "./documents.ts";
import { refusal } from "./refusal.ts";

const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const CONDITIONAL = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "kms:Encrypt",
      Resource: "*",
      Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
    },
    { Effect: "Allow", Action: "iam:GetUser", Resource: `arn:aws:iam::*:user/\${aws:username}` },
  ],
});

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  await iam.send(new PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument: CONDITIONAL }));
});
afterAll(() => service.stop());

describe("SimulateCustomPolicy", () => {
  it("tells of each action what the policies would decide, and which", async () => {
    const { EvaluationResults } = await iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [allowing("kms:*"), denying("kms:Decrypt")],
        PermissionsBoundaryPolicyInputList: [allowing("kms:Encrypt", "kms:Decrypt")],
        ActionNames: ["kms:Encrypt", "kms:Decrypt", "kms:Sign", "iam:GetUser"],
        ResourceArns: [KEY],
      }),
    );
    expect(EvaluationResults?.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision])).toEqual([
      ["kms:Encrypt", "allowed"],
      ["kms:Decrypt", "explicitDeny"],
      ["kms:Sign", "implicitDeny"],
      ["iam:GetUser", "implicitDeny"],
    ]);
    expect(EvaluationResults?.[0]).toMatchObject({ EvalResourceName: KEY, MatchedStatements: [{ SourcePolicyId: "PolicyInputList.1" }] });
    expect(EvaluationResults?.[2]?.PermissionsBoundaryDecisionDetail).toEqual({ AllowedByPermissionsBoundary: false });
  });

  it("refuses policies and actions that are none", async () => {
    const simulate = (policy: string, action: string) =>
      refusal(iam.send(new SimulateCustomPolicyCommand({ PolicyInputList: [policy], ActionNames: [action] })));
    expect(await simulate("{}", "kms:Encrypt")).toMatchObject({ name: "InvalidInput", status: 400 });
    expect(await simulate(allowing("kms:*"), "Encrypt")).toMatchObject({ name: "InvalidInput" });
  });
});

describe("SimulatePrincipalPolicy", () => {
  it("asks the policies of a user, and tells which condition keys it would have to know", async () => {
    const simulate = async (input = {}) =>
      (await iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: ALICE, ActionNames: ["kms:Encrypt"], ...input })))
        .EvaluationResults?.[0];
    expect(await simulate()).toMatchObject({ EvalDecision: "implicitDeny", MissingContextValues: ["kms:viaservice"] });
    const ContextEntries = [
      { ContextKeyName: "kms:ViaService", ContextKeyType: "string", ContextKeyValues: ["s3.us-east-1.amazonaws.com"] },
    ];
    expect(await simulate({ ContextEntries })).toMatchObject({ EvalDecision: "allowed", MatchedStatements: [{ SourcePolicyId: "p" }] });
    expect(await simulate({ ActionNames: ["iam:GetUser"], ResourceArns: [ALICE] })).toMatchObject({ EvalDecision: "allowed" });
    expect(await simulate({ PolicyInputList: [denying("kms:*")], ContextEntries })).toMatchObject({ EvalDecision: "explicitDeny" });
  });

  it("answers in pages", async () => {
    const ask = (Marker?: string) =>
      iam.send(
        new SimulatePrincipalPolicyCommand({ PolicySourceArn: ALICE, ActionNames: ["kms:Encrypt", "kms:Decrypt"], MaxItems: 1, Marker }),
      );
    const first = await ask();
    const second = await ask(first.Marker);
    expect([first, second].map(({ EvaluationResults, IsTruncated }) => [EvaluationResults?.[0]?.EvalActionName, IsTruncated])).toEqual([
      ["kms:Encrypt", true],
      ["kms:Decrypt", false],
    ]);
  });

  it("refuses a source that is not there, another account's, or none", async () => {
    const simulate = (PolicySourceArn: string) =>
      refusal(iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ["kms:Encrypt"] })));
    await service.user("foreign-simulated", [], "444455556666");
    expect(await simulate(`arn:aws:iam::${ACCOUNT}:user/nobody`)).toMatchObject({ name: "NoSuchEntity" });
    expect(await simulate("arn:aws:iam::444455556666:user/foreign-simulated")).toMatchObject({ name: "NoSuchEntity" });
    expect(await simulate(KEY)).toMatchObject({ name: "InvalidInput" });
  });
});

describe("a simulation", () => {
  const simulate = (actions: number, resources: number, rest = {}) =>
    iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [allowing("kms:*")],
        ActionNames: Array.from({ length: actions }, (_, number) => `kms:A${number}`),
        ResourceArns: Array.from({ length: resources }, (_, number) => `arn:${number}`),
        ...rest,
      }),
    );

  it("has limits on what it is asked", async () => {
    const values = (ContextKeyValues: string[]) => ({
      ContextEntries: [{ ContextKeyName: "aws:username", ContextKeyType: "stringList" as const, ContextKeyValues }],
    });
    const refused = { name: "ValidationError", status: 400 };
    expect(await refusal(simulate(1001, 1))).toMatchObject(refused);
    expect(await refusal(simulate(1, 1001))).toMatchObject(refused);
    expect(await refusal(simulate(101, 100))).toMatchObject(refused);
    expect(await refusal(simulate(1, 1, values(Array.from({ length: 101 }, String))))).toMatchObject(refused);
    expect(await refusal(simulate(1, 1, values(["a".repeat(8193)])))).toMatchObject(refused);
    expect(await refusal(simulate(1, 1, { PolicyInputList: Array.from({ length: 101 }, () => allowing("kms:*")) }))).toMatchObject(refused);
  });

  it("goes on where its page ended, over each action on each resource", async () => {
    const first = await simulate(100, 100, { MaxItems: 150 });
    const second = await simulate(100, 100, { MaxItems: 1, Marker: first.Marker });
    expect([first.EvaluationResults?.length, first.EvaluationResults?.at(-1)]).toMatchObject([
      150,
      { EvalActionName: "kms:A1", EvalResourceName: "arn:49" },
    ]);
    expect(second.EvaluationResults).toMatchObject([{ EvalActionName: "kms:A1", EvalResourceName: "arn:50" }]);
  });
});

describe("the condition keys that policies ask for", () => {
  it("are found in time, and not as variables where there are none", async () => {
    const asking = (Version: string, text: string) =>
      JSON.stringify({
        Version,
        Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*", Condition: { StringLike: { "aws:UserAgent": text } } }],
      });
    const keys = async (...PolicyInputList: string[]) =>
      (await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList }))).ContextKeyNames;
    const before = performance.now();
    expect(await keys(asking("2008-10-17", `\${a`.repeat(20_000)))).toEqual(["aws:UserAgent"]);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(await keys(asking("2008-10-17", `\${aws:username}`))).toEqual(["aws:UserAgent"]);
    expect(await keys(asking("2012-10-17", `\${aws:username}-\${aws:userid, 'none'}-\${*}`))).toEqual([
      "aws:UserAgent",
      "aws:username",
      "aws:userid",
    ]);
  });

  it("are not those of what is no policy", async () => {
    const refused = iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: ["{}"] }));
    expect(await refusal(refused)).toMatchObject({ name: "InvalidInput", status: 400 });
  });

  it("are listed as they are written, variables too", async () => {
    const custom = await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [CONDITIONAL, allowing("kms:*")] }));
    expect(custom.ContextKeyNames).toEqual(["kms:ViaService", "aws:username"]);
    const principal = await iam.send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: ALICE }));
    expect(principal.ContextKeyNames).toEqual(["kms:ViaService", "aws:username"]);
  });
});
