import { RemovalPolicy } from "aws-cdk-lib";
import type { Alarm, IAlarmAction, Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { FACES } from "#faces";
import { ASSETS, type Assets } from "#lib/assets";
import { FunctionUrlIngress } from "#lib/constructs/ingress/function-url";
import type { Ingress } from "#lib/constructs/ingress/ingress";
import { RestIngress, type Throttle } from "#lib/constructs/ingress/rest";
import { dutiesOf } from "#lib/duties";
import { OptionError } from "#lib/option-error";
import { VERSION } from "#lib/version";
import { AccessRoles } from "./access-role.ts";
import { Alarms } from "./alarms.ts";
import { CryptoLayer } from "./crypto-layer.ts";
import { Dashboard } from "./dashboard.ts";
import { type Duty, dutyFunction } from "./duty.ts";
import type { TrentFunction } from "./operation-function.ts";
import { dispatcherOf, type Face, type Served, servedBy } from "./served.ts";
import { requireRegionOf, type Site } from "./site.ts";
import { Tables } from "./tables.ts";
import { TrentData, type TrentDataProps } from "./trent-data.ts";

export interface TrentProps extends Omit<TrentDataProps, "replicas"> {
  /**
   * The home Region: the one where principals are written.
   * @default - the Region of this stack
   */
  readonly home?: string;
  /**
   * The Regions of all stacks over the same global tables: ReplicateKey refuses any other.
   * @default - the Region of this stack, so that keys are not replicated
   */
  readonly regions?: readonly string[];
  /**
   * How many days Trent's own records are kept, 14 to 3650; and of which accounts longer, as in `90,111122223333=400`.
   * @default "90"
   */
  readonly logDays?: string;
  /**
   * Who makes what Regions share, the global tables and the roots. `own`: this construct, for a Trent in one Region. `deployed`: a `TrentData`
   * with the same `prefix` and `roots`, in a stack of the home Region that is deployed before this one.
   * @default "own"
   */
  readonly data?: "own" | "deployed";
  /**
   * The door. `rest`: a REST API before one function an operation, each with the least privilege. `function-url`: one function for everything,
   * with the privileges of all.
   * @default "rest"
   */
  readonly ingress?: "rest" | "function-url";
  /**
   * Requests a second and at once that the REST API takes.
   * @default - what AWS grants a new account: 10,000 and 5,000
   */
  readonly throttle?: Throttle;
  /**
   * Whether this construct sets the role by which API Gateway writes logs; a Region has one for all of its REST APIs.
   * @default true
   */
  readonly ownsLoggingRole?: boolean;
  /**
   * Of the functions' logs and the access log. Trent's own records live in a table: `logDays`.
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
  /**
   * The request quotas: AWS's of today, AWS's of 2023, or none.
   * @default "current"
   */
  readonly quotas?: "current" | "2023" | "off";
  /**
   * How old an item may be when it is believed again, in milliseconds; 0: each call reads.
   * @default 1000
   */
  readonly stateCacheMs?: number;
  /**
   * How long one request to DynamoDB may take, in milliseconds, before it is tried again. More only where it is not AWS that answers.
   * @default 1500
   */
  readonly storeTimeoutMs?: number;
  /**
   * Calls, errors and latency by operation as CloudWatch metrics, each of which is charged for.
   * @default true
   */
  readonly callMetrics?: boolean;
  /**
   * Whether X-Ray sees the requests that it samples, at the door and in the functions: how long each took, and nothing that a caller sent.
   * @default false
   */
  readonly tracing?: boolean;
  /**
   * Of which functions so many are kept started (provisioned concurrency), by the names in `functions`: `{ Encrypt: 2 }`, or with a function URL
   * `{ dispatcher: 2 }`. Each is paid for while it waits.
   * @default - none: a call that finds no function free waits for a start
   */
  readonly provisioned?: Readonly<Record<string, number>>;
  /**
   * What is done when an alarm goes up or comes down.
   * @default - nothing; alarms are seen in CloudWatch and on the dashboard
   */
  readonly alarmActions?: readonly IAlarmAction[];
  /**
   * The services and operations to deploy.
   * @default - all
   */
  readonly faces?: readonly Face[];
  /**
   * The functions that no caller reaches.
   * @default - the timers and the operator
   */
  readonly duties?: readonly Duty[];
  /**
   * What functions are deployed with.
   * @default - bundled from this checkout
   */
  readonly assets?: Assets;
}

/**
 * A key management service that speaks the AWS KMS API, in one Region.
 *
 * @example
 *
 * const kms = new Trent(this, "Kms", { quotas: "2023" });
 *
 * new CfnOutput(this, "Endpoint", { value: kms.endpoint });
 * kms.grantInvokeOperator(deployer);
 * kms.metricServerErrors().createAlarm(this, "Wrong", { threshold: 1, evaluationPeriods: 1 });
 *
 * It is empty until its operator's first action, `init`, has made domain keys, an account and an administrator. Its stack must know account and
 * Region. For several Regions, deploy a `TrentData` in the home Region first, then a `Trent` with `data: "deployed"` in each.
 */
export class Trent extends Construct {
  /** What clients are given as `endpoint_url`. */
  readonly endpoint: string;
  readonly ingress: Ingress;
  /** By name: an operation's, a neighbour's service, a timer's, `operator`; with a function URL `dispatcher` instead of the first two. */
  readonly functions: ReadonlyMap<string, TrentFunction>;
  /** Of this Region. */
  readonly tables: Tables;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: TrentProps = {}) {
    super(scope, id);
    const region = requireRegionOf(this);
    const { prefix = "trent", data = "own", home = region, roots = { kind: "generated" } } = props;
    const { removalPolicy = RemovalPolicy.RETAIN, encryption = "owned", logRetention = RetentionDays.THREE_MONTHS } = props;
    const { faces = facesIn(home === region), assets = ASSETS, duties = dutiesOf(assets, home === region) } = props;
    if (data === "own" && home !== region) {
      throw new OptionError(
        `${this.node.path}: the home Region is ${home}, so what Regions share is made there by a TrentData. Say \`data: "deployed"\` here.`,
      );
    }
    if (data === "own") new TrentData(this, "Data", { prefix, roots, removalPolicy, encryption });

    this.tables = new Tables(this, "Tables", { scope: "regional", prefix, removalPolicy, encryption });
    const site: Site = {
      prefix,
      layer: new CryptoLayer(this, "Crypto", { asset: assets.layer() }),
      roots,
      environment: {
        TRENT_REGION: home,
        ...(props.regions && { TRENT_REGIONS: props.regions.join(" ") }),
        ...(props.logDays !== undefined && { TRENT_LOG_DAYS: props.logDays }),
        TRENT_QUOTAS: props.quotas ?? "current",
        TRENT_STATE_CACHE_MS: String(props.stateCacheMs ?? 1000),
        ...(props.storeTimeoutMs !== undefined && { TRENT_STORE_TIMEOUT_MS: String(props.storeTimeoutMs) }),
        ...(props.callMetrics === false && { TRENT_METRICS: "off" }),
      },
      logRetention,
      removalPolicy,
      tracing: props.tracing ?? false,
      provisioned: props.provisioned ?? {},
    };
    const functions = new Construct(this, "Functions");
    const roles = new AccessRoles(this, "Roles", { prefix, roots });
    const served: Served = { site, roles, faces, assets };
    const { ingress, callable } =
      props.ingress === "function-url" ? this.#byUrl(functions, served) : this.#byRest(functions, served, props);
    requireNamed(Object.keys(site.provisioned), [...callable.keys()]);
    const timed = duties.map((duty) => [duty, dutyFunction(functions, site, duty)] as const);

    this.ingress = ingress;
    this.endpoint = ingress.url;
    this.functions = new Map([...callable, ...timed.map(([{ name }, runs]) => [name, runs] as const)]);
    const timers = timed.filter(([{ everyMinutes }]) => everyMinutes !== undefined);
    this.alarms = new Alarms(this, "Alarms", { prefix, ingress, timers, actions: props.alarmActions ?? [] }).all;
    new Dashboard(this, "Dashboard", { prefix, region, ingress, alarms: this.alarms });
  }

  /** Lets somebody act as the operator: initialise, recover accounts, command audit and roots. Whoever may do that may do everything. */
  grantInvokeOperator(grantee: IGrantable): Grant {
    return this.grantInvoke(grantee, "operator");
  }

  /** Lets somebody run one function without the door: `operator`, or a timer by hand. @throws when there is none of this name. */
  grantInvoke(grantee: IGrantable, name: string): Grant {
    const named = this.functions.get(name);
    if (!named) throw new Error(`${this.node.path} has no function ${name}.`);
    return named.grantInvoke(grantee);
  }

  /** Calls of every kind, refused ones too. @default sum over 5 minutes */
  metricCalls(options?: MetricOptions): Metric {
    return this.ingress.metricCalls(options);
  }

  /** Calls that ended with an error of ours. @default sum over 5 minutes */
  metricServerErrors(options?: MetricOptions): Metric {
    return this.ingress.metricServerErrors(options);
  }

  /** Milliseconds from the request to the answer, at the door. @default average over 5 minutes */
  metricLatency(options?: MetricOptions): Metric {
    return this.ingress.metricLatency(options);
  }

  #byRest(functions: Construct, served: Served, props: TrentProps) {
    const { byName, routes } = servedBy(functions, served);
    const { prefix, logRetention, removalPolicy, tracing } = served.site;
    const ingress = new RestIngress(this, "Rest", {
      prefix,
      version: VERSION,
      routes,
      functions: [...byName.values()].map(({ entry }) => entry),
      throttle: props.throttle ?? { rate: 10_000, burst: 5_000 },
      logRetention,
      removalPolicy,
      tracing,
      ownsLoggingRole: props.ownsLoggingRole ?? true,
    });
    return { ingress, callable: byName };
  }

  #byUrl(functions: Construct, served: Served) {
    const dispatcher = dispatcherOf(functions, served);
    return {
      ingress: new FunctionUrlIngress(this, "Url", { dispatcher: dispatcher.entry }),
      callable: new Map([["dispatcher", dispatcher]]),
    };
  }
}

/** @throws {OptionError} when one of the names is no function that callers are led to. */
function requireNamed(names: readonly string[], callable: readonly string[]): void {
  const unknown = names.find((name) => !callable.includes(name));
  if (unknown !== undefined) throw new OptionError(`provisioned: there is no function ${unknown}. There are ${callable.join(", ")}.`);
}

/** What one Region alone may write is served by that Region alone. */
const facesIn = (isHome: boolean): readonly Face[] => FACES.filter(({ homeOnly }) => isHome || !homeOnly);
