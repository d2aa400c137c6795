import { Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { accessOf, type Level, type RootName } from "#access";
import type { AnyOperation } from "#operation";
import type { TableName } from "#store/tables";
import { type Roots, secretArnOf, secretNameOf } from "./root-secrets.ts";
import { tableNameOf } from "./tables.ts";

/** What a function may touch, and in which indexes of its tables it may look. */
export interface Reach {
  readonly tables: { readonly [T in TableName]?: Level };
  readonly roots: readonly RootName[];
  readonly indexes?: { readonly [T in TableName]?: readonly number[] };
  /** Of these tables, only rows whose partition key is like one of these; by default any. */
  readonly rows?: { readonly [T in TableName]?: readonly string[] };
}

/** What each level of access to a table means to IAM. */
const ACTIONS = {
  add: ["dynamodb:UpdateItem"],
  append: ["dynamodb:PartiQLInsert"],
  read: ["dynamodb:GetItem", "dynamodb:Query"],
  "read-add": ["dynamodb:GetItem", "dynamodb:Query"],
  "read-append": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PartiQLInsert"],
  write: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
} as const satisfies Record<Level, readonly string[]>;

/**
 * The rows of a table that a function may name, by their partition keys; of tables that are not here, any: their partitions belong to keys,
 * principals and accounts that only a call tells.
 */
const LEADING: { readonly [T in TableName]?: (reach: Reach) => readonly string[] } = {
  domains: ({ roots }) => [...(roots.includes("material") ? ["DOMAIN#material"] : []), "DOMAIN#mac"],
  "shared-domains": ({ roots }) => [
    ...(roots.includes("material") ? ["DOMAIN#material"] : []),
    ...["DOMAIN#mac", "DOMAIN#token", "DOMAIN#secret"],
  ],
};

/**
 * The reach of a function that serves these operations. Whoever asks for a key looks for the caller's grants and the key's aliases by the first
 * index, as those do who list; what a principal may retire is found by the second.
 */
export function reachOf(...operations: readonly AnyOperation[]): Reach {
  const finds = operations.some(({ on, uses }) => on !== undefined || uses.keys !== undefined || uses.aliases !== undefined);
  const retirable = operations.some(({ on, uses }) => on === undefined && uses.grants !== undefined);
  return { ...accessOf(...operations), ...(finds && { indexes: { keys: retirable ? [1, 2] : [1] } }) };
}

export interface AccessRoleProps {
  readonly prefix: string;
  readonly reach: Reach;
  readonly roots: Roots;
}

/** The role of functions with one reach: the tables, indexes and roots that they declared, and their own log groups. */
export class AccessRole extends Role {
  readonly #logs: PolicyStatement;

  constructor(scope: Construct, id: string, { prefix, reach, roots }: AccessRoleProps) {
    const logs = new PolicyStatement({ sid: "Logs", actions: ["logs:CreateLogStream", "logs:PutLogEvents"] });
    super(scope, id, {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `${prefix}: ${nameOf(reach)}`,
      inlinePolicies: {
        access: new PolicyDocument({
          statements: [
            ...(Object.keys(reach.tables) as TableName[]).flatMap((table) => tableStatements(scope, prefix, reach, table)),
            ...reach.roots.map((root) => rootStatement(scope, root, secretNameOf(prefix, roots, root))),
            logs,
          ],
        }),
      },
    });
    this.#logs = logs;
  }

  /** Lets a function with this role write its log. */
  logsTo(group: ILogGroup): void {
    this.#logs.addResources(group.logGroupArn);
  }
}

function tableStatements(scope: Construct, prefix: string, reach: Reach, table: TableName): PolicyStatement[] {
  const { tables, indexes = {} } = reach;
  const level = tables[table];
  if (level === undefined) return [];
  const { partition, region, account } = Stack.of(scope);
  const arn = `arn:${partition}:dynamodb:${region}:${account}:table/${tableNameOf(prefix, table)}`;
  const looked = (indexes[table] ?? []).map((index) => `${arn}/index/index${index}`);
  return [
    new PolicyStatement({ sid: sidOf(table, level), actions: [...ACTIONS[level]], resources: [arn], ...leading(reach, table) }),
    ...(level === "read-add"
      ? [new PolicyStatement({ sid: sidOf(table, "add"), actions: [...ACTIONS.add], resources: [arn], ...ofUses() })]
      : []),
    ...(looked.length > 0 ? [new PolicyStatement({ sid: sidOf(table, "find"), actions: ["dynamodb:Query"], resources: looked })] : []),
  ];
}

/**
 * Who writes domain keys makes all of them.
 * @see Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control": `dynamodb:LeadingKeys`. A set operator
 * also holds where a request has no such key, so it must have one.
 */
function leading(reach: Reach, table: TableName) {
  const rows = reach.rows?.[table];
  if (rows) return only(rows);
  const keys = reach.tables[table] === "read" && LEADING[table]?.(reach);
  if (!keys) return {};
  return { conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": keys }, Null: { "dynamodb:LeadingKeys": "false" } } };
}

/** Adding is for the rows that tell of the use of access keys. */
const ofUses = () => only(["USED#*"]);

const only = (rows: readonly string[]) => ({
  conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": rows }, Null: { "dynamodb:LeadingKeys": "false" } },
});

const rootStatement = (scope: Construct, root: RootName, name: string): PolicyStatement =>
  new PolicyStatement({ sid: sidOf(root, "root"), actions: ["secretsmanager:GetSecretValue"], resources: [secretArnOf(scope, name)] });

/** `shared-domains`, `read` -> `SharedDomainsRead` */
const sidOf = (...words: readonly string[]): string =>
  words
    .flatMap((word) => word.split("-"))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** In words: what this reach has beyond that of every call. */
function nameOf({ tables, roots, indexes = {} }: Reach): string {
  const common: Reach = reachOf();
  const words = [
    ...(Object.entries(tables) as [TableName, Level][])
      .filter(([table, level]) => common.tables[table] !== level)
      .map((pair) => pair.join("-")),
    ...(Object.entries(indexes) as [TableName, readonly number[]][]).flatMap(([table, numbers]) =>
      numbers.map((n) => `${table}-index${n}`),
    ),
    ...roots.filter((root) => !common.roots.includes(root)).map((root) => `${root}-root`),
  ];
  return words.join(" ") || "every-call";
}

/** The roles of one Region: functions with the same reach have the same. */
export class AccessRoles extends Construct {
  readonly #props: Omit<AccessRoleProps, "reach">;

  constructor(scope: Construct, id: string, props: Omit<AccessRoleProps, "reach">) {
    super(scope, id);
    this.#props = props;
  }

  of(reach: Reach): AccessRole {
    const id = sidOf(...nameOf(reach).split(" "));
    const made = this.node.tryFindChild(id);
    return made instanceof AccessRole ? made : new AccessRole(this, id, { ...this.#props, reach });
  }
}
