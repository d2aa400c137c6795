import { Duration, type RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import {
  AccessLogFormat,
  AwsIntegration,
  type CfnRestApi,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  PassthroughBehavior,
  ResponseType,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Ingress } from "./ingress.ts";
import { type Routes, requestTemplate, responseTemplate } from "./rest-templates.ts";

/** Requests a second that the whole API takes, and at once. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

export interface RestIngressProps {
  readonly prefix: string;
  /** Goes with the answers that no function made. */
  readonly version: string;
  readonly routes: Routes;
  /** Those that the routes lead to. */
  readonly functions: readonly Pick<IFunction, "functionArn">[];
  readonly throttle: Throttle;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly tracing: boolean;
  /** Whether to set the role by which API Gateway writes logs. A Region has one for all of its APIs; without any, none may have an access log. */
  readonly ownsLoggingRole: boolean;
}

const STAGE = "v1";
/** The media types of the two protocols. A request without one counts as JSON. */
const FORM = "application/x-www-form-urlencoded";
const TAKEN = ["application/x-amz-json-1.1", "application/x-amz-json-1.0", "application/json", FORM];

/** One line a request. Nothing in it was written by the caller, so that nobody can forge a line: what they sent stands in Trent's own records. */
const ACCESS_LOG = {
  time: "$context.requestTimeEpoch",
  gatewayRequestId: "$context.requestId",
  peer: "$context.identity.sourceIp",
  method: "$context.httpMethod",
  status: "$context.status",
  tls: "$context.tlsVersion",
  latency: "$context.responseLatency",
  functionLatency: "$context.integration.latency",
  functionStatus: "$context.integration.status",
  error: "$context.error.responseType",
};

const NO_PROTOCOL =
  "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n";
/** What the gateway answers by itself, in the service's words. */
const REFUSALS: readonly (readonly [id: string, type: ResponseType, status: string, body: string])[] = [
  ["Throttled", ResponseType.THROTTLED, "400", '{"__type":"ThrottlingException","message":"Rate exceeded"}'],
  ["TooLarge", ResponseType.REQUEST_TOO_LARGE, "413", '{"__type":"RequestEntityTooLargeException"}'],
  ["NoSuchMediaType", ResponseType.UNSUPPORTED_MEDIA_TYPE, "403", NO_PROTOCOL],
  ["NoSuchPath", ResponseType.MISSING_AUTHENTICATION_TOKEN, "400", '{"__type":"UnknownOperationException"}'],
  ["Refused", ResponseType.DEFAULT_4XX, "400", '{"__type":"SerializationException"}'],
  ["Failed", ResponseType.DEFAULT_5XX, "500", '{"__type":"KMSInternalException"}'],
];

/**
 * A regional REST API: one method, whose template picks the function of a request.
 *
 * It cannot see who calls; each function verifies the signature. Trent takes no request that API Gateway would sign or cache.
 */
export class RestIngress extends Construct implements Ingress {
  readonly url: string;
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: RestIngressProps) {
    super(scope, id);
    const { prefix, version, logRetention, removalPolicy, throttle } = props;
    const accessLog = new LogGroup(this, "AccessLog", {
      logGroupName: `/aws/apigateway/${prefix}`,
      retention: logRetention,
      removalPolicy,
    });
    this.api = new RestApi(this, "Api", {
      restApiName: prefix,
      description: "Trent: the AWS KMS API and its neighbours",
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: props.ownsLoggingRole,
      ...(props.ownsLoggingRole && { cloudWatchRoleRemovalPolicy: removalPolicy }),
      deployOptions: {
        stageName: STAGE,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
        throttlingRateLimit: throttle.rate,
        throttlingBurstLimit: throttle.burst,
        loggingLevel: MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        ...(props.tracing && { tracingEnabled: true }),
      },
    });
    // What the endpoint is, the stack tells.
    this.api.node.tryRemoveChild("Endpoint");
    requireModernTls(this.api);
    this.api.root.addMethod("ANY", integrationOf(this, props), { methodResponses: [{ statusCode: "200" }] });
    for (const [name, type, statusCode, body] of REFUSALS) {
      this.api.addGatewayResponse(name, {
        type,
        statusCode,
        responseHeaders: { "x-trent-version": `'${version}'` },
        templates: { "application/json": body },
      });
    }
    this.url = this.api.url;
    acknowledge(this.api, props.ownsLoggingRole);
  }

  metricCalls(options?: MetricOptions): Metric {
    return this.api.metricCount(options);
  }
  metricServerErrors(options?: MetricOptions): Metric {
    return this.api.metricServerError(options);
  }
  metricLatency(options?: MetricOptions): Metric {
    return this.api.metricLatency(options);
  }
}

/** TLS 1.2 or 1.3 with forward secrecy, and key agreement that a quantum computer does not break where the client can: as the endpoints of KMS. */
function requireModernTls(api: RestApi): void {
  const resource = api.node.defaultChild as CfnRestApi;
  resource.securityPolicy = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09";
  resource.endpointAccessMode = "STRICT";
}

/** Invokes the function that the template named, by a role that may invoke these and no other. */
function integrationOf(scope: Construct, { routes, functions, version }: RestIngressProps): AwsIntegration {
  const { partition, region, account } = Stack.of(scope);
  const caller = new Role(scope, "Caller", {
    assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
    description: "Trent: the REST API invokes functions",
  });
  caller.addToPolicy(
    new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: functions.map(({ functionArn }) => functionArn) }),
  );
  const arnOf = (variable: string) => `arn:${partition}:lambda:${region}:${account}:function:${variable}`;
  return new AwsIntegration({
    service: "lambda",
    path: "2015-03-31/functions/{function}/invocations",
    options: {
      credentialsRole: caller,
      passthroughBehavior: PassthroughBehavior.NEVER,
      timeout: Duration.seconds(29),
      // The template puts a function in its place; there is none of this name.
      requestParameters: { "integration.request.path.function": "'none'" },
      requestTemplates: Object.fromEntries(TAKEN.map((type) => [type, requestTemplate(routes, arnOf, type === FORM)])),
      integrationResponses: [{ statusCode: "200", responseTemplates: { "application/json": responseTemplate(version) } }],
    },
  });
}

function acknowledge(api: RestApi, ownsLoggingRole: boolean): void {
  Validations.of(api).acknowledge(
    {
      id: "AwsSolutions-APIG2",
      reason: "Trent validates requests by AWS's own models, after it knows who sent them, and records the refusal.",
    },
    {
      id: "AwsSolutions-APIG3",
      reason: "Floods are met by throttling and by a limiter before authentication; whoever wants AWS WAF associates it with the stage.",
    },
    {
      id: "AwsSolutions-APIG4",
      reason: "Every call is authenticated by its own SigV4 signature, in the function: API Gateway does not know Trent's principals.",
    },
    { id: "AwsSolutions-COG4", reason: "As APIG4: callers are Trent's principals, not users of Cognito." },
    {
      id: "AwsSolutions-APIG6",
      reason:
        "Execution logs can hold bodies, and these are plaintext and key material. The access log and Trent's own records tell what happened.",
    },
  );
  if (ownsLoggingRole) {
    Validations.of(api).acknowledge({
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
      reason: "The policy that AWS made for this role, which all REST APIs of the Region write their logs by.",
    });
  }
}
