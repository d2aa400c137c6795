import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Ingress } from "#lib/constructs/ingress/ingress";
import { TABLES, type TableName } from "#store/tables";
import type { Duty } from "./duty.ts";
import { tableNameOf } from "./tables.ts";

export interface AlarmsProps {
  readonly prefix: string;
  readonly ingress: Ingress;
  readonly timers: readonly (readonly [duty: Duty, runs: IFunction])[];
  /** What is done when an alarm goes up, and when it comes down again. */
  readonly actions: readonly IAlarmAction[];
}

const MINUTES = 5;
const period = Duration.minutes(MINUTES);

/** What needs a human, each with what to look at first. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, { prefix, ingress, timers, actions }: AlarmsProps) {
    super(scope, id);
    this.all = [
      this.#alarm("ServerErrors", ingress.metricServerErrors({ period, statistic: "Sum" }), {
        threshold: 5,
        runbook:
          "Calls end with KMSInternalException or DependencyTimeoutException. Look at the alarms of the tables and of throttling: they are the usual causes. " +
          'Else find the cause in the functions\' log groups: lines with "event":"call failed" or "request failed" hold the request id, the causes and the place. ' +
          "All operations at once after a deployment: roll back. Callers' SDKs try again by themselves.",
      }),
      this.#alarm("Throttles", new Metric({ namespace: "AWS/Lambda", metricName: "Throttles", statistic: "Sum", period }), {
        threshold: 1,
        runbook:
          "Lambda refused to start a function: the account's concurrency in this Region is used up, by Trent or by another function. Callers got errors and try again. " +
          "See ConcurrentExecutions by function. Ask for a higher quota `Concurrent executions`, or reserve concurrency for Trent's functions.",
      }),
      this.#alarm("OutcomesNotRecorded", eventMetric("outcome not recorded"), {
        threshold: 1,
        runbook:
          "A change was committed, but its outcome could not be written to the log; its intent stands there. The caller got success. A timer completes the record by the version " +
          `of the item. If it goes on: look at the alarm of the table ${tableNameOf(prefix, "log")}. If it cannot be written for long, stop mutations: throttle the API's stage to 0.`,
      }),
      ...timers.flatMap(([duty, runs]) => this.#timerAlarms(duty, runs)),
      ...(Object.keys(TABLES) as TableName[]).map((table) => this.#tableAlarm(prefix, table)),
    ];
    for (const alarm of this.all) {
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
    }
  }

  #timerAlarms({ name, everyMinutes = MINUTES }: Duty, runs: IFunction): Alarm[] {
    const late = Duration.minutes(Math.max(3 * everyMinutes, MINUTES));
    return [
      this.#alarm(`${name}-late`, runs.metricInvocations({ period: late, statistic: "Sum" }), {
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: 1,
        missing: TreatMissingData.BREACHING,
        runbook:
          `${name} has not run for ${late.toMinutes()} minutes. What is due is refused by operations all the same, but it is not carried out. ` +
          "Is its EventBridge rule enabled, and may the rule invoke the function? Run it by hand: aws lambda invoke.",
      }),
      this.#alarm(`${name}-errors`, runs.metricErrors({ period: late, statistic: "Sum" }), {
        threshold: 2,
        runbook: `${name} fails. Its log group tells why. It may be run again at any time, twice at once too: it finds what is left to do.`,
      }),
    ];
  }

  #tableAlarm(prefix: string, table: TableName): Alarm {
    const tableName = tableNameOf(prefix, table);
    const metric = (metricName: string, dimensions: Record<string, string> = {}) =>
      new Metric({
        namespace: "AWS/DynamoDB",
        metricName,
        dimensionsMap: { TableName: tableName, ...dimensions },
        statistic: "Sum",
        period,
      });
    const operations =
      "appendOnly" in TABLES[table] ? ["ExecuteStatement", "Query"] : ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"];
    const usingMetrics: Record<string, IMetric> = {
      reads: metric("ReadThrottleEvents"),
      writes: metric("WriteThrottleEvents"),
      ...Object.fromEntries(operations.map((operation) => [`errors${operation}`, metric("SystemErrors", { Operation: operation })])),
    };
    const expression = Object.keys(usingMetrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(" + ");
    return this.#alarm(`table-${table}`, new MathExpression({ expression, usingMetrics, period, label: tableName }), {
      threshold: 5,
      runbook:
        `DynamoDB throttles or fails on ${tableName}. Callers get errors and try again; nothing is half done. ` +
        "Throttled: on-demand tables double by themselves within minutes; one hot partition (one key, one account's log shard) does not: see Contributor Insights. " +
        "System errors: see the AWS Health Dashboard of this Region.",
    });
  }

  #alarm(
    id: string,
    metric: IMetric,
    {
      threshold,
      runbook,
      comparison = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      missing = TreatMissingData.NOT_BREACHING,
    }: Rule,
  ): Alarm {
    return new Alarm(this, id, {
      metric,
      threshold,
      comparisonOperator: comparison,
      evaluationPeriods: 1,
      treatMissingData: missing,
      alarmDescription: runbook,
    });
  }
}

interface Rule {
  readonly threshold: number;
  /** What to do, for whoever is woken up by it: at most 1,024 characters. */
  readonly runbook: string;
  readonly comparison?: ComparisonOperator;
  readonly missing?: TreatMissingData;
}

/** How often the functions told the operator of an event: they write it to their logs in CloudWatch's embedded metric format. */
const eventMetric = (event: string): Metric =>
  new Metric({ namespace: "Trent", metricName: "Errors", dimensionsMap: { event }, statistic: "Sum", period });
