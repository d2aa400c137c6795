import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import { TABLES, type TableName } from "#store/tables";

export interface TablesProps {
  /** `regional`: the tables of one Region. `global`: those that Regions share; the home Region makes them, and their replicas. */
  readonly scope: "regional" | "global";
  readonly prefix: string;
  /** The other Regions that hold a replica of each table. */
  readonly replicas?: readonly string[];
  readonly removalPolicy: RemovalPolicy;
  readonly encryption: TableEncryption;
}

/** The key that DynamoDB encrypts rows at rest with: its own, or the account's `aws/dynamodb`, whose use CloudTrail shows. */
export type TableEncryption = "owned" | "managed";

/** The physical name of a table: the same in every Region. */
export const tableNameOf = (prefix: string, table: TableName): string => `${prefix}-${table}`;

/** The tables of one scope, as `TABLES` describes them. */
export class Tables extends Construct {
  readonly byName: ReadonlyMap<TableName, TableV2>;

  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id);
    const names = (Object.keys(TABLES) as TableName[]).filter((name) => TABLES[name].scope === props.scope);
    this.byName = new Map(names.map((name) => [name, tableOf(this, name, props)]));
  }
}

function tableOf(scope: Construct, name: TableName, { prefix, replicas = [], removalPolicy, encryption }: TablesProps): TableV2 {
  const schema = TABLES[name];
  return new TableV2(scope, name, {
    tableName: tableNameOf(prefix, name),
    ...keyOf("pk", "sk"),
    globalSecondaryIndexes: Array.from({ length: schema.indexes }, (_, n) => ({
      indexName: `index${n + 1}`,
      ...keyOf(`i${n + 1}pk`, `i${n + 1}sk`),
      projectionType: ProjectionType.KEYS_ONLY,
    })),
    billing: Billing.onDemand(),
    encryption: encryption === "managed" ? TableEncryptionV2.awsManagedKey() : TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: !("shreddable" in schema) },
    ...("expires" in schema && { timeToLiveAttribute: "expires" }),
    replicas: replicas.map((region) => ({ region })),
    removalPolicy,
    deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
  });
}

const keyOf = (pk: string, sk: string) => ({
  partitionKey: { name: pk, type: AttributeType.STRING },
  sortKey: { name: sk, type: AttributeType.STRING },
});
