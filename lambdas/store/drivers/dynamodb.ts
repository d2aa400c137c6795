import {
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { CeilingReached, Conflict, type Database, type Freshness, type Query, type Row, type RowKey, type Table } from "../port.ts";
import type { TableName } from "../tables.ts";
import { clientOf, limited, PATIENCE, type Patience } from "./dynamodb-client.ts";
import { type Attributes, attributesOf, keyOf, rowOf, sameRow, textOf } from "./dynamodb-row.ts";
import { rangeOf } from "./range.ts";

export { patienceOf } from "./dynamodb-client.ts";

export interface DynamodbOptions {
  /** A client, which stays the caller's to destroy, or what to make one from. */
  readonly client: DynamoDBClient | DynamoDBClientConfig;
  /** The name of the table that holds these rows of a Region; global tables are asked for with "global". */
  readonly tableName: (name: TableName, region: string) => string;
  /**
   * `partiql` needs no permission but `dynamodb:PartiQLInsert`, which cannot replace a row; `put` is for engines without PartiQL.
   * @default "partiql"
   */
  readonly appendBy?: "partiql" | "put";
  /** How old what was read may be when it is believed again; 0: not at all. */
  readonly cacheMs: number;
  /** @default PATIENCE */
  readonly patience?: Patience;
  /**
   * Milliseconds that whoever asks has left; a read or write takes no longer, and none is begun when there are none.
   * @default - as long as the patience lasts
   */
  readonly timeLeft?: () => number;
}

/** Opens tables that exist on DynamoDB, or on what speaks its API. */
export function openDynamodb({ client: given, tableName, appendBy = "partiql", cacheMs, ...time }: DynamodbOptions): Database {
  const { patience = PATIENCE, timeLeft = () => Number.POSITIVE_INFINITY } = time;
  const own = !(given instanceof DynamoDBClient);
  const client = own ? clientOf(given, patience) : given;
  const limit = limited(patience, timeLeft);
  const freshness: Freshness = {
    // Not a number is never equal to itself, nor less than anything.
    now: () => (cacheMs > 0 ? performance.now() : Number.NaN),
    holds: (stamp) => performance.now() - stamp < cacheMs,
  };
  return {
    table: (name, region) => ({
      freshness,
      ...reading(client, limit, tableName(name, region)),
      ...writing(client, limit, tableName(name, region), appendBy),
    }),
    async close() {
      if (own) client.destroy();
    },
  };
}

type Reading = Pick<Table, "get" | "query" | "scan" | "find">;
type Writing = Pick<Table, "put" | "delete" | "add" | "append">;
type Limit = ReturnType<typeof limited>;
/** When a writer that is refused looks whether it was itself. */
type Looks = "after any try" | "after more tries";

function reading(client: DynamoDBClient, limit: Limit, table: string): Reading {
  async function slice(
    query: Query,
    pk: string,
    sk: string,
    where: Partial<QueryCommandInput>,
  ): Promise<{ items: Attributes[]; more: boolean }> {
    const range = rangeOf(query);
    const items: Attributes[] = [];
    if (!range) return { items, more: false };
    const { from, to } = range;
    const bounds = [from && `${sk} >= :from`, to && `${sk} < :to`].filter(Boolean);
    let next: Attributes | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ...where,
          // A key may be compared once. BETWEEN takes in its end, which is dropped below.
          KeyConditionExpression: [`${pk} = :pk`, ...(bounds.length > 1 ? [`${sk} BETWEEN :from AND :to`] : bounds)].join(" AND "),
          ExpressionAttributeValues: { ":pk": { S: query.pk }, ...(from && { ":from": { S: from } }), ...(to && { ":to": { S: to } }) },
          ScanIndexForward: !query.backwards,
          ExclusiveStartKey: next,
          Limit: query.limit + 1 - items.length,
        }),
        limit(),
      );
      items.push(...(page.Items ?? []).filter((item) => textOf(item[sk]) !== to));
      next = page.LastEvaluatedKey;
    } while (next && items.length <= query.limit);
    return { items: items.slice(0, query.limit), more: items.length > query.limit };
  }

  return {
    async get(key) {
      const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true }), limit());
      return item && rowOf(item);
    },
    async query(query) {
      const { items, more } = await slice(query, "pk", "sk", { ConsistentRead: true });
      return { rows: items.map(rowOf), more };
    },
    async scan({ after, limit: rows }) {
      const start = after && { ExclusiveStartKey: keyOf(after) };
      const command = new ScanCommand({ TableName: table, ConsistentRead: true, Limit: rows, ...start });
      const { Items: items = [], LastEvaluatedKey: last } = await client.send(command, limit());
      return { rows: items.map(rowOf), ...(last && { next: { pk: textOf(last["pk"]), sk: textOf(last["sk"]) } }) };
    },
    async find(index, query) {
      const indexSk = `i${index}sk`;
      const { items, more } = await slice(query, `i${index}pk`, indexSk, { IndexName: `index${index}` });
      return { hints: items.map(({ pk, sk, [indexSk]: at }) => ({ pk: textOf(pk), sk: textOf(sk), indexSk: textOf(at) })), more };
    },
  };
}

function writing(client: DynamoDBClient, limit: Limit, table: string, appendBy: "partiql" | "put"): Writing {
  /**
   * Makes a conflict out of a condition that did not hold, unless the write had succeeded before: the SDK tries again when the reply to a first
   * try is lost, and what is between it and DynamoDB may send one request twice. The later one meets what the first wrote.
   */
  async function conditionally(
    key: RowKey,
    write: () => Promise<unknown>,
    { isDone, looks }: { readonly isDone: (stored: Attributes | undefined) => boolean; readonly looks: Looks },
  ): Promise<void> {
    try {
      await write();
    } catch (cause) {
      if (!isRefused(cause)) throw cause;
      const mayLook = looks === "after any try" || cause.$metadata.attempts !== 1;
      if (!mayLook || !isDone(await storedAt(key))) throw new Conflict("The row is not as the condition says.", { cause });
    }
  }

  async function storedAt(key: RowKey): Promise<Attributes | undefined> {
    try {
      const get = new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true });
      return (await client.send(get, limit())).Item;
    } catch (cause) {
      // Also where one may only append, and not look. Not to know is an outage, and no conflict.
      throw new Error("Nobody can say whether the row was written.", { cause });
    }
  }

  const put = (row: Row, replacing?: number, looks: Looks = "after any try"): Promise<void> => {
    const own = crypto.randomUUID().slice(0, 8);
    return conditionally(
      row,
      () =>
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...attributesOf(row), [WRITE]: { S: own } },
            ...(replacing === undefined
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : { ConditionExpression: "v = :v", ExpressionAttributeValues: { ":v": { N: String(replacing) } } }),
          }),
          limit(),
        ),
      { looks, isDone: (stored) => stored?.[WRITE]?.S === own },
    );
  };

  const insert = (row: Row): Promise<void> => {
    const attributes = Object.entries(attributesOf(row));
    return conditionally(
      row,
      () =>
        client.send(
          new ExecuteStatementCommand({
            Statement: `INSERT INTO "${table}" VALUE {${attributes.map(([name]) => `'${name}': ?`)}}`,
            Parameters: attributes.map(([, value]) => value),
          }),
          limit(),
        ),
      { looks: APPENDING, isDone: (stored) => stored !== undefined && sameRow(row, rowOf(stored)) },
    );
  };

  return {
    put,
    delete: (key, version) =>
      conditionally(
        key,
        () =>
          client.send(
            new DeleteItemCommand({
              TableName: table,
              Key: keyOf(key),
              ConditionExpression: "v = :v",
              ExpressionAttributeValues: { ":v": { N: String(version) } },
            }),
            limit(),
          ),
        // After a first try, what is gone is another's to have removed.
        { looks: "after more tries", isDone: (stored) => stored === undefined },
      ),
    async add(key, amount, ceiling) {
      try {
        const { Attributes: changed } = await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(key),
            UpdateExpression: "ADD body :amount, v :one",
            ConditionExpression: amount > ceiling ? "body <= :room" : "attribute_not_exists(body) OR body <= :room",
            ExpressionAttributeValues: { ":amount": { N: String(amount) }, ":one": { N: "1" }, ":room": { N: String(ceiling - amount) } },
            ReturnValues: "UPDATED_NEW",
          }),
          limit(),
        );
        return Number(changed?.["body"]?.N);
      } catch (cause) {
        if (isRefused(cause)) throw new CeilingReached("The sum would be more than the ceiling.", { cause });
        throw cause;
      }
    },
    async append(rows) {
      // One after the other, so that what a crash leaves is a beginning of them.
      for (const row of rows) await (appendBy === "put" ? put(row, undefined, APPENDING) : insert(row));
    },
  };
}

type Refused = Error & { readonly $metadata: { readonly attempts?: number } };

/** Not after a first try: that two announce the same day is usual, and a function may not look at its log. */
const APPENDING: Looks = "after more tries";

/** Names the write that a row is of, so that a writer knows its own. Nothing else is made of it. */
const WRITE = "w";

/** The third is what DynamoDB Local calls the second. */
const REFUSALS = ["ConditionalCheckFailedException", "DuplicateItemException", "DuplicateItem"];

const isRefused = (cause: unknown): cause is Refused => cause instanceof Error && REFUSALS.includes(cause.name) && "$metadata" in cause;
