import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  MathExpression,
  Metric,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Ingress } from "#lib/constructs/ingress/ingress";
import { TABLES, type TableName } from "#store/tables";
import { tableNameOf } from "./tables.ts";

export interface DashboardProps {
  readonly prefix: string;
  readonly region: string;
  readonly ingress: Ingress;
  readonly alarms: readonly IAlarm[];
}

const WIDTH = 12;

/** One Region on one screen: is anything wrong, how much is asked, how fast is it answered, and what the tables and functions do meanwhile. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { prefix, region, ingress, alarms }: DashboardProps) {
    super(scope, id);
    const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []) =>
      new GraphWidget({ title, left: [...left], right: [...right], width: WIDTH });
    new CloudWatchDashboard(this, "Board", { dashboardName: `${prefix}-${region}` }).addWidgets(
      new AlarmStatusWidget({ title: `Trent in ${region}`, alarms: [...alarms], width: 2 * WIDTH }),
      graph("Calls and server errors", [ingress.metricCalls({ label: "calls" })], [ingress.metricServerErrors({ label: "server errors" })]),
      graph(
        "Latency (ms)",
        ["p50", "p99"].map((statistic) => ingress.metricLatency({ statistic, label: statistic })),
      ),
      graph("Calls by operation", [search(`{AWS/Lambda,FunctionName} MetricName="Invocations" FunctionName="${prefix}-"`, "Sum")]),
      // What the functions say of each call: #pipeline/metrics.
      graph("Latency by operation (ms, p99)", [search('{Trent,Operation} MetricName="Latency"', "p99")]),
      graph("Refused calls by operation and error", [search('{Trent,Operation,Error} MetricName="Errors"', "Sum")]),
      graph("Functions that failed or were throttled", [
        search(`{AWS/Lambda,FunctionName} MetricName=("Errors" OR "Throttles") FunctionName="${prefix}-"`, "Sum"),
      ]),
      graph("Consumed by table: reads", capacity(prefix, "ConsumedReadCapacityUnits")),
      graph("Consumed by table: writes", capacity(prefix, "ConsumedWriteCapacityUnits")),
    );
  }
}

const capacity = (prefix: string, metricName: string): IMetric[] =>
  (Object.keys(TABLES) as TableName[]).map(
    (table) =>
      new Metric({
        namespace: "AWS/DynamoDB",
        metricName,
        dimensionsMap: { TableName: tableNameOf(prefix, table) },
        statistic: "Sum",
        label: table,
      }),
  );

const search = (terms: string, statistic: string): IMetric =>
  new MathExpression({ expression: `SEARCH('${terms}', '${statistic}', 300)`, label: "", usingMetrics: {} });
