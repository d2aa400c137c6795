import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AccountRootPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { describe, expect, test } from "vitest";
import { Trent, type TrentProps } from "#lib/constructs/trent";
import { optionsOf } from "#lib/options";
import { TABLES } from "#store/tables";
import { ACCOUNT, CONTEXT, EMPTY, HOME, newApp, OPTIONS, ofType, REPLICA, type Resource, synthesize } from "./synth.ts";

describe("Trent in somebody's app", () => {
  const stack = () => new Stack(newApp(), "Theirs", { env: { account: ACCOUNT, region: HOME } });
  const inside = (theirs: Stack, props: TrentProps = {}) => new Trent(theirs, "Kms", { assets: EMPTY, ...props });
  const resourcesOf = (theirs: Stack): Readonly<Record<string, Resource>> => Template.fromStack(theirs).toJSON()["Resources"];

  test("is whole in one stack: all tables, the roots, one endpoint", () => {
    const theirs = stack();
    const kms = inside(theirs);
    const resources = resourcesOf(theirs);

    expect(ofType(resources, "AWS::DynamoDB::GlobalTable")).toHaveLength(Object.keys(TABLES).length);
    expect(ofType(resources, "AWS::SecretsManager::Secret")).toHaveLength(2);
    expect(JSON.stringify(theirs.resolve(kms.endpoint))).toContain(".execute-api.");
  });

  test("lets somebody act as its operator, and nobody else", () => {
    const theirs = stack();
    const deployer = new Role(theirs, "Deployer", { assumedBy: new AccountRootPrincipal() });
    const kms = inside(theirs);
    kms.grantInvokeOperator(deployer);
    const resources = resourcesOf(theirs);
    const [operator = ""] =
      ofType(resources, "AWS::Lambda::Function").find(([, { Properties }]) => Properties.FunctionName === "trent-operator") ?? [];
    const policy = ofType(resources, "AWS::IAM::Policy").find(([id]) => id.startsWith("Deployer"))?.[1].Properties;

    expect(policy.PolicyDocument.Statement).toMatchObject([
      { Action: "lambda:InvokeFunction", Resource: [{ "Fn::GetAtt": [operator, "Arn"] }, expect.anything()] },
    ]);
    expect(() => kms.grantInvoke(deployer, "Nobody")).toThrow("Theirs/Kms has no function Nobody.");
  });

  test("is measured at its door, whichever it is", () => {
    for (const ingress of ["rest", "function-url"] as const) {
      const kms = inside(stack(), { ingress });
      expect([kms.metricCalls(), kms.metricServerErrors(), kms.metricLatency()].map(({ metricName }) => metricName)).toEqual(
        ingress === "rest" ? ["Count", "5XXError", "Latency"] : ["UrlRequestCount", "Url5xxCount", "UrlRequestLatency"],
      );
    }
  });

  test("two of them stand beside each other under different prefixes", () => {
    const theirs = stack();
    inside(theirs);
    new Trent(theirs, "Test", { assets: EMPTY, prefix: "test", ownsLoggingRole: false });
    const resources = resourcesOf(theirs);
    const names = ofType(resources, "AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName);

    expect(new Set(names).size).toBe(names.length);
    expect(ofType(resources, "AWS::ApiGateway::Account")).toHaveLength(1);
  });

  test("asks for a stack that knows its Region, and for its data in the home Region", () => {
    expect(() => inside(new Stack(newApp(), "Theirs"))).toThrow("Theirs/Kms: Trent needs a stack whose Region is known.");
    expect(() => inside(stack(), { home: REPLICA })).toThrow(`Theirs/Kms: the home Region is ${REPLICA}`);
  });
});

describe("the options of the app", () => {
  const optionsIn = (context: Record<string, string>, environment = {}) => {
    const { node } = newApp();
    for (const [name, value] of Object.entries(context)) node.setContext(name, value);
    return optionsOf(node, environment);
  };

  test("come from the context; whoever deploys is the account, in one Region, with everything kept", () => {
    expect(optionsIn({}, { CDK_DEFAULT_ACCOUNT: ACCOUNT, CDK_DEFAULT_REGION: REPLICA })).toEqual({ ...OPTIONS, regions: [REPLICA] });
    expect(
      optionsIn({
        ...{
          account: ACCOUNT,
          regions: `${HOME}, ${REPLICA}`,
          prefix: "kms",
          ingress: "function-url",
          quotas: "2023",
          encryption: "managed",
        },
        ...{ removalPolicy: "destroy", logRetentionDays: "7", stateCacheMs: "0", callMetrics: "off", storeTimeoutMs: "6000" },
        ...{ logDays: "90,111122223333=400", tracing: "on", provisioned: "Encrypt=2,Decrypt=50" },
        ...{ roots: "existing", rootControl: "a", rootMaterial: "b", rootRegions: `${HOME},${REPLICA}` },
      }),
    ).toEqual({
      ...{ account: ACCOUNT, regions: [HOME, REPLICA], prefix: "kms", ingress: "function-url", quotas: "2023", encryption: "managed" },
      ...{
        removalPolicy: RemovalPolicy.DESTROY,
        logRetention: RetentionDays.ONE_WEEK,
        stateCacheMs: 0,
        callMetrics: false,
        storeTimeoutMs: 6000,
        logDays: "90,111122223333=400",
        tracing: true,
        provisioned: { Encrypt: 2, Decrypt: 50 },
      },
      roots: { kind: "existing", control: "a", material: "b", regions: [HOME, REPLICA] },
    });
  });

  test.each([
    [{}, "account is missing: an AWS account of 12 digits, by default that of your credentials."],
    [{ account: "1" }, "account=1: it is an AWS account of 12 digits, by default that of your credentials."],
    [{ account: ACCOUNT, ingress: "alb" }, "ingress=alb: it is one of rest, function-url."],
    [{ account: ACCOUNT, regions: "us-east-1,moon" }, '"moon" is no Region.'],
    [{ account: ACCOUNT, regions: "us-east-1,us-east-1" }, "regions names one Region twice."],
    [{ account: ACCOUNT, logRetentionDays: "42" }, "logRetentionDays=42: CloudWatch keeps logs for"],
    [{ account: ACCOUNT, logDays: "9" }, "logDays=9: it is a number of days, and more for some accounts, as in 90,111122223333=400."],
    [{ account: ACCOUNT, provisioned: "Encrypt=2,Decrypt=0" }, 'provisioned: "Decrypt=0" is not a function and how many of it are kept'],
    [{ account: ACCOUNT, prefix: "A" }, "prefix=A: it is 2 to 20 small letters, digits and hyphens."],
    [
      { account: ACCOUNT, roots: "existing", rootControl: "one", rootMaterial: "one" },
      "roots=existing: rootControl and rootMaterial name two secrets",
    ],
  ])("%j is refused with a sentence", (context, sentence) => {
    expect(() => optionsIn(context)).toThrow(sentence);
  });

  test("of the environment do not change what is synthesized", () => {
    expect(CONTEXT).not.toHaveProperty("account");
    expect(synthesize({ regions: [HOME] }).template(`Trent-${HOME}`)).toBe(synthesize({ regions: [HOME] }).template(`Trent-${HOME}`));
  });
});
