/**
 * The mapping templates of the REST API, in Apache's Velocity: a request becomes the event `rest` of `lambdas/lambda.ts`, and a reply of a
 * function becomes an answer.
 *
 * No template ends a line outside of its JSON: what stands there would be sent.
 * @see Amazon API Gateway Developer Guide, "Variables for data transformations for REST APIs"
 */

/** Which function gets a request. Nothing here is believed: the function checks the signature against what it serves. */
export interface Routes {
  /** By `X-Amz-Target`. */
  readonly targets: ReadonlyMap<string, string>;
  /** By the service in the credential scope; of services without targets. */
  readonly services: ReadonlyMap<string, string>;
  /** Of requests that look like the query protocol and have no scope. */
  readonly query: string;
  /** Of all others: it refuses them as the service does. */
  readonly otherwise: string;
}

/** The headers that a client may sign, or that mean something to the service. API Gateway hands over only what it is asked for by name. */
const HEADERS = [
  "Accept",
  "Accept-Encoding",
  "Access-Control-Request-Headers",
  "Access-Control-Request-Method",
  "Amz-Sdk-Invocation-Id",
  "Amz-Sdk-Request",
  "Amz-Sdk-Retry",
  "Authorization",
  "Aws-Sdk-Invocation-Id",
  "Aws-Sdk-Retry",
  "Content-Type",
  "Date",
  "Host",
  "Origin",
  "User-Agent",
  "X-Amz-Api-Version",
  "X-Amz-Content-Sha256",
  "X-Amz-Date",
  "X-Amz-Security-Token",
  "X-Amz-Target",
  "X-Amz-User-Agent",
  "X-K8s-Aws-Id",
  "X-Vault-AWS-IAM-Server-ID",
];

/** The parameters of a query that mean something. There is no way to the query as it was sent. The last makes a URL a signed one. */
const SIGNATURE = "X-Amz-Signature";
const PARAMETERS = [
  "Action",
  "Version",
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-SignedHeaders",
  SIGNATURE,
];

/** The headers that answers may carry. */
const ANSWERED = [
  "Content-Type",
  "Cache-Control",
  "Expires",
  "Pragma",
  "x-amzn-RequestId",
  "x-trent-version",
  "Access-Control-Allow-Headers",
  "Access-Control-Allow-Methods",
  "Access-Control-Allow-Origin",
  "Access-Control-Expose-Headers",
  "Access-Control-Max-Age",
];

/** `escapeJavaScript` also escapes apostrophes, which JSON does not know. */
const escaped = (expression: string): string => `$util.escapeJavaScript(${expression}).replaceAll("\\\\'","'")`;
const sent = (name: string): string => `$input.params('${name}')`;
/**
 * One header, as a member of the event: an empty text when it is absent, which `escapeJavaScript` would make `{}` of. What is asked for by its
 * name is looked for in the query first, so that of a signed URL its parameters would be found.
 */
const header = (name: string): string => {
  const absent = PARAMETERS.includes(name) ? `||${sent(SIGNATURE)}!=""` : "";
  return `"${name}":"#if(${sent(name)}==""${absent})#{else}${escaped(sent(name))}#end"`;
};
const map = (entries: ReadonlyMap<string, string>): string => `{${[...entries].map(([key, value]) => `"${key}":"${value}"`).join(",")}}`;

/**
 * @param arnOf the ARN of the function whose name a variable of the template holds.
 * @param isForm for requests whose body is a form: those of the query protocol.
 */
export function requestTemplate(
  { targets, services, query, otherwise }: Routes,
  arnOf: (variable: string) => string,
  isForm: boolean,
): string {
  const route = [
    `#set($targets=${map(targets)})`,
    `#set($scope="${sent("Authorization")}${sent("X-Amz-Credential")}")`,
    `#set($to=$targets.get(${sent("X-Amz-Target")}))`,
    ...[...services].map(([service, name]) => `#if($scope.contains("/${service}/aws4_request"))#set($to="${name}")#end`),
    `#if(!$to&&!$scope.contains("/aws4_request")&&${sent("X-Amz-Target")}==""${isForm ? "" : '&&$context.httpMethod=="GET"'})#set($to="${query}")#end`,
    `#if(!$to)#set($to="${otherwise}")#end`,
    `#set($context.requestOverride.path.function="${arnOf("$to")}")`,
    // A request without a body is given one by the gateway.
    `#if($context.httpMethod=="GET"||$context.httpMethod=="OPTIONS")#set($body="")#else#set($body=$util.base64Encode($input.body))#end`,
    `#set($query="")`,
    `#set($and="")`,
    `#if(${sent(SIGNATURE)}!=""||$context.httpMethod=="GET")`,
    // LocalStack takes a text with "&Action=" in it for a request of the query protocol, and cannot create the method.
    ...PARAMETERS.map(
      (name) => `#if(${sent(name)}!="")#set($query="$query\${and}${name}=$util.urlEncode(${sent(name)})")#set($and="&")#end`,
    ),
    "#end",
  ];
  const event = [
    `"via":"rest"`,
    // The gateway answers under this id, whatever the function says.
    `"id":"$context.requestId"`,
    `"method":"$context.httpMethod"`,
    `"path":"${escaped("$context.path")}"`,
    `"query":"$query"`,
    `"peer":"$context.identity.sourceIp"`,
    `"headers":{${HEADERS.map(header).join(",")}}`,
    `"body":"$body"`,
  ];
  return `${route.join("")}{${event.join(",")}}`;
}

/** @param version goes with the answer that is made here, when a function ended without a reply: it ran out of time or memory. */
export function responseTemplate(version: string): string {
  const answer = (name: string, value: string): string => `#set($context.responseOverride.header.${name}=${value})`;
  return [
    "#set($reply=$input.path('$'))",
    "#if($reply.statusCode)",
    "#set($context.responseOverride.status=$reply.statusCode)",
    ...ANSWERED.map((name) => `#if($reply.headers.get('${name}'))${answer(name, `$reply.headers.get('${name}')`)}#end`),
    "$reply.body",
    "#else",
    "#set($context.responseOverride.status=500)",
    answer("Content-Type", '"application/x-amz-json-1.1"'),
    answer("x-trent-version", `"${version}"`),
    '{"__type":"KMSInternalException"}',
    "#end",
  ].join("");
}
