/** What is in an AWS account, by the APIs of AWS itself, so that a test can tell what a deployment made and left. */
import { deployed, PREFIX } from "./deployment.ts";

/** The scope tells a stack which service is meant; the signature is nothing to it. */
async function ask(service: string, region: string, { path = "/", ...init }: RequestInit & { readonly path?: string }): Promise<string> {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(new URL(path, deployed().endpoint), { ...init, headers: { ...init.headers, authorization } });
  if (!answer.ok) throw new Error(`${service}: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

const json = (service: string, region: string, target: string, body = "{}") =>
  ask(service, region, { method: "POST", headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target }, body });

const query = (service: string, region: string, version: string, action: string) =>
  ask(service, region, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `Action=${action}&Version=${version}`,
  });

/** LocalStack 4.14 fails when a layer has no version left, and that is how a layer is deleted. */
const layers = (region: string) =>
  ask("lambda", region, { path: "/2018-10-31/layers" }).catch((cause: Error) => {
    if (/ListLayers: list index out of range/.test(cause.message)) return "";
    throw cause;
  });

/** How to list each kind of resource, and where the names are in the answer. */
const KINDS: Readonly<Record<string, { list(region: string): Promise<string>; readonly name: RegExp }>> = {
  table: { list: (region) => json("dynamodb", region, "DynamoDB_20120810.ListTables"), name: /"([^"{}[\]:,]+)"(?=[,\]])/g },
  function: {
    list: (region) => ask("lambda", region, { path: "/2015-03-31/functions/?MaxItems=1000" }),
    name: /"FunctionName": ?"([^"]+)"/g,
  },
  layer: { list: layers, name: /"(?:LayerName|Description)": ?"([^"]+)"/g },
  secret: { list: (region) => json("secretsmanager", region, "secretsmanager.ListSecrets"), name: /"Name": ?"([^"]+)"/g },
  "log group": { list: (region) => json("logs", region, "Logs_20140328.DescribeLogGroups"), name: /"logGroupName": ?"([^"]+)"/g },
  rule: { list: (region) => json("events", region, "AWSEvents.ListRules"), name: /"Name": ?"([^"]+)"/g },
  role: { list: (region) => query("iam", region, "2010-05-08", "ListRoles"), name: /<RoleName>([^<]+)</g },
  api: { list: (region) => ask("apigateway", region, { path: "/restapis" }), name: /"name": ?"([^"]+)"/g },
  alarm: { list: (region) => query("monitoring", region, "2010-08-01", "DescribeAlarms"), name: /<AlarmName>([^<]+)</g },
};

/** The names of what Trent has in a Region, by kind. */
export async function resourcesOf(region: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const kinds = Object.entries(KINDS).map(async ([kind, { list, name }]) => {
    const names = [...(await list(region)).matchAll(name)].map(([, found = ""]) => found);
    return [kind, names.filter((found) => new RegExp(PREFIX, "i").test(found)).sort()] as const;
  });
  return Object.fromEntries((await Promise.all(kinds)).filter(([, names]) => names.length > 0));
}
