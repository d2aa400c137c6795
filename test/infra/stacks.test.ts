import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { FACES } from "#faces";
import * as kms from "#kms";
import type { AnyOperation } from "#operation";
import { TABLES, type TableName } from "#store/tables";
import { TIMER_FUNCTIONS } from "#timers";
import { ACCOUNT, HOME, newApp, ofType, REPLICA, type Resource, synthesize, the } from "./synth.ts";

const DATA = "TrentData";
const REGION = `Trent-${HOME}`;
const rest = synthesize();
const url = synthesize({ ingress: "function-url" });
const data = rest.resources(DATA);
const region = rest.resources(REGION);
const OPERATIONS: readonly AnyOperation[] = Object.values(kms);

const table = (name: TableName): Resource => {
  const tables = ofType({ ...data, ...region }, "AWS::DynamoDB::GlobalTable").map(([, found]) => found);
  const found = tables.find(({ Properties }) => Properties.TableName === `trent-${name}`);
  if (!found) throw new Error(`There is no table ${name}.`);
  return found;
};

describe("the stacks", () => {
  test("hold no custom resource, and refer to no other stack", () => {
    for (const stack of [DATA, REGION, `Trent-${REPLICA}`]) {
      expect(Object.values(rest.resources(stack)).filter(({ Type }) => /^Custom::|CustomResource/.test(Type))).toEqual([]);
      expect(rest.template(stack)).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput|"Export"/);
    }
  });

  test("are the same in every Region but for its name, for IAM and for the operator, who write what is shared at home only", () => {
    const kinds = (of: string) =>
      Object.entries(rest.resources(of)).flatMap(([id, { Type }]) => (/iam/.test(id) || Type === "AWS::IAM::Role" ? [] : [Type]));
    expect(kinds(`Trent-${REPLICA}`)).toEqual(kinds(REGION));
    const functions = (of: string) =>
      Object.values(rest.resources(of)).flatMap(({ Type, Properties }) =>
        Type === "AWS::Lambda::Function" ? [Properties.FunctionName] : [],
      );
    expect(functions(REGION).filter((name) => !functions(`Trent-${REPLICA}`).includes(name))).toEqual(["trent-iam"]);
  });

  test("are deployed after the data they share", () => {
    for (const stack of rest.regions.values()) expect(stack.dependencies).toEqual([rest.data]);
  });

  test.each([
    ["a REST API", rest],
    ["a function URL", url],
  ])("hold to AWS's rules for solutions with %s, or say why not", (_, { data, regions }) => {
    const found = [data, ...regions.values()].flatMap((stack) => new AwsSolutionsChecks().validateScope(stack).violations);
    expect(found.map(({ ruleName, violatingResources: where }) => [ruleName, ...where.map((one) => one.resourceLogicalId)])).toEqual([]);
  });

  test("would not pass those rules unnoticed", () => {
    const careless = new Stack(newApp(), "Careless");
    new Secret(careless, "Unrotated");
    expect(new AwsSolutionsChecks().validateScope(careless).violations.map(({ ruleName }) => ruleName)).toEqual(["AwsSolutions-SMG4"]);
  });
});

describe("a table", () => {
  test.each(Object.entries(TABLES))("%s is as the schema says", (name, schema) => {
    const { Properties, DeletionPolicy } = table(name as TableName);
    const isGlobal = schema.scope === "global";

    expect(Object.values(isGlobal ? data : region)).toContainEqual(expect.objectContaining({ Properties }));
    expect(Properties.Replicas.map((replica: { Region: string }) => replica.Region).sort()).toEqual(isGlobal ? [REPLICA, HOME] : [HOME]);
    for (const replica of Properties.Replicas) {
      expect(replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(!("shreddable" in schema));
      expect(replica.DeletionProtectionEnabled).toBe(true);
    }
    expect(Properties.TimeToLiveSpecification).toEqual("expires" in schema ? { AttributeName: "expires", Enabled: true } : undefined);
    expect(Properties.GlobalSecondaryIndexes ?? []).toHaveLength(schema.indexes);
    for (const index of Properties.GlobalSecondaryIndexes ?? []) expect(index.Projection.ProjectionType).toBe("KEYS_ONLY");
    expect(Properties.BillingMode).toBe("PAY_PER_REQUEST");
    expect(Properties.SSESpecification).toEqual({ SSEEnabled: false });
    expect(DeletionPolicy).toBe("Retain");
  });

  test("goes with its stack only when that was chosen, and may use the account's key", () => {
    const { resources } = synthesize({ removalPolicy: RemovalPolicy.DESTROY, encryption: "managed", regions: [HOME] });
    const tables = [DATA, REGION].flatMap((stack) => ofType(resources(stack), "AWS::DynamoDB::GlobalTable"));
    expect(tables).toHaveLength(Object.keys(TABLES).length);
    for (const [, { Properties, DeletionPolicy }] of tables) {
      expect(DeletionPolicy).toBe("Delete");
      expect(Properties.Replicas[0].DeletionProtectionEnabled).toBe(false);
      expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: "KMS" });
    }
  });
});

describe("the roots", () => {
  test("are two secrets of 64 hexadecimal digits, made by Secrets Manager, kept, and replicated to every Region", () => {
    const secrets = ofType(data, "AWS::SecretsManager::Secret").map(([, secret]) => secret);

    expect(secrets.map(({ Properties }) => Properties.Name)).toEqual(["trent/root/control", "trent/root/material"]);
    for (const { Properties, DeletionPolicy } of secrets) {
      expect(Properties.SecretString).toBeUndefined();
      expect(Properties.GenerateSecretString).toEqual({
        PasswordLength: 64,
        ExcludeCharacters: "ghijklmnopqrstuvwxyz",
        ExcludeUppercase: true,
        ExcludePunctuation: true,
        RequireEachIncludedType: false,
      });
      expect(Properties.ReplicaRegions).toEqual([{ Region: REPLICA }]);
      expect(DeletionPolicy).toBe("Retain");
    }
  });

  test("that stand in one Region keep Trent out of the others, with a sentence", () => {
    const roots = { kind: "existing", control: "my/control", material: "my/material", regions: [HOME] } as const;

    expect(() => synthesize({ roots })).toThrow(
      `The root secrets my/control and my/material are in ${HOME}, but Trent is to run in ${REPLICA} too, where nothing could be decrypted`,
    );
    const alone = synthesize({ roots, regions: [HOME] });
    expect(ofType(alone.resources(DATA), "AWS::SecretsManager::Secret")).toEqual([]);
    expect(alone.template(REGION)).toContain("secret:my/material-??????");
  });
});

describe("a timer", () => {
  test.each(TIMER_FUNCTIONS)("$name has a rule, which may invoke its function", ({ name, schedule }) => {
    const runs = ofType(region, "AWS::Lambda::Function").find(([, { Properties }]) => Properties.FunctionName === `trent-timer-${name}`);
    const arn = { "Fn::GetAtt": [runs?.[0], "Arn"] };
    const rules = ofType(region, "AWS::Events::Rule").filter(([, { Properties }]) => Properties.Name === `trent-timer-${name}`);

    expect(rules.map(([, { Properties }]) => [Properties.ScheduleExpression, Properties.State, Properties.Targets[0].Arn])).toEqual([
      [schedule, "ENABLED", arn],
    ]);
    expect(ofType(region, "AWS::Lambda::Permission").map(([, { Properties }]) => Properties)).toContainEqual({
      Action: "lambda:InvokeFunction",
      FunctionName: arn,
      Principal: "events.amazonaws.com",
      SourceArn: { "Fn::GetAtt": [rules[0]?.[0], "Arn"] },
    });
  });
});

describe("an alarm", () => {
  const alarms = ofType(region, "AWS::CloudWatch::Alarm");

  test.each(alarms)("%s tells what to do", (_, { Properties }) => {
    expect(Properties.AlarmDescription.length).toBeGreaterThan(100);
    expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
    expect((Properties.Metrics ?? []).length).toBeLessThanOrEqual(10);
  });

  test("stands for each thing that can go wrong", () => {
    const ids = alarms.map(([id]) => /^TrentAlarms(.+)[0-9A-F]{8}$/.exec(id)?.[1]);
    expect(ids).toEqual([
      ...["ServerErrors", "Throttles", "OutcomesNotRecorded"],
      ...TIMER_FUNCTIONS.flatMap(({ name }) => [`timer${name}late`, `timer${name}errors`]),
      ...Object.keys(TABLES).map((name) => `table${name.replaceAll("-", "")}`),
    ]);
  });
});

describe("with all 56 operations of KMS", () => {
  const names = Array.from({ length: 56 }, (_, n) => OPERATIONS[n]?.name ?? `GenerateDataKeyPairWithoutPlaintext${n}`);
  const all = names.map((name, n) => [name, { ...(OPERATIONS[n % OPERATIONS.length] as AnyOperation), name }] as const);
  const faces = FACES.map((face) => (face.service === "kms" ? { ...face, operations: Object.fromEntries(all) } : face));
  const whole = synthesize({ regions: [HOME] }, { faces });
  const resources = whole.resources(REGION);

  test("a stack has at most 450 resources, and its template at most 1 MB", () => {
    expect(ofType(resources, "AWS::Lambda::Function").length).toBeGreaterThanOrEqual(57 + TIMER_FUNCTIONS.length);
    expect(Object.keys(resources).length).toBeLessThanOrEqual(450);
    expect(whole.template(REGION).length).toBeLessThan(1_000_000);
  });

  test("no role's policies are over 10,240 characters, and no mapping template is over 300 kB", () => {
    const arn = `arn:aws:logs:ap-southeast-1:${ACCOUNT}:log-group:/aws/lambda/trent-GenerateDataKeyPairWithoutPlaintext:*`;
    for (const [, { Properties }] of [...ofType(resources, "AWS::IAM::Role"), ...ofType(resources, "AWS::IAM::Policy")]) {
      const written = JSON.stringify(Properties.Policies ?? Properties.PolicyDocument, (_, value) => (value?.["Fn::GetAtt"] ? arn : value));
      expect(written?.length ?? 0).toBeLessThan(10_240);
    }
    const { RequestTemplates } = the(resources, "AWS::ApiGateway::Method").Integration;
    for (const template of Object.values(RequestTemplates)) expect(JSON.stringify(template).length).toBeLessThan(300_000);
  });
});
