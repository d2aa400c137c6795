import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { expect, test, vi } from "vitest";
import { FACES } from "#faces";
import { dispatchHandlerOf } from "#lambda";
import { through } from "./function-url.ts";
import { HOME, ofType, synthesize } from "./synth.ts";

test("an alarm on what functions tell the operator watches a metric that they write, of an event that there is", async () => {
  const alarms = ofType(synthesize({ regions: [HOME] }).resources(`Trent-${HOME}`), "AWS::CloudWatch::Alarm").map(
    ([, { Properties }]) => Properties,
  );
  const watched = alarms.filter(({ Namespace }) => Namespace === "Trent");
  expect(watched).toHaveLength(1);

  const logged: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => logged.push(String(line)) > 0);
  const handler = dispatchHandlerOf(FACES, { version: "0", environment: { AWS_REGION: HOME } });
  const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "s3cr3t" };
  const kms = new KMSClient({
    region: HOME,
    endpoint: "https://trent.example",
    credentials,
    maxAttempts: 1,
    requestHandler: through(handler),
  });
  await expect(kms.send(new DescribeKeyCommand({ KeyId: "k" }))).rejects.toThrow();
  vi.restoreAllMocks();

  const [line] = logged.map((text) => JSON.parse(text)).filter(({ level }) => level === "error");
  const [metric] = line._aws.CloudWatchMetrics;
  for (const { Namespace, MetricName, Dimensions } of watched) {
    expect([Namespace, MetricName]).toEqual([metric.Namespace, metric.Metrics[0].Name]);
    expect(line).toMatchObject({ [MetricName]: 1, event: expect.any(String), _aws: { Timestamp: expect.any(Number) } });
    expect(Dimensions.map(({ Name }: { Name: string }) => Name)).toEqual(metric.Dimensions[0]);
    const told = readFileSync(join(import.meta.dirname, "../../lambdas/pipeline/audit.ts"), "utf8");
    for (const { Value } of Dimensions) expect(told).toContain(`error("${Value}"`);
  }
});
