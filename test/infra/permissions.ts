/** Reads out of a template who may do what, in words; it fails at whatever it cannot read. */
import { isDeepStrictEqual } from "node:util";
import { TABLES, type TableName } from "#store/tables";
import { ACCOUNT, ofType, type Resource } from "./synth.ts";

interface Statement {
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What one function may do. */
export interface Permissions {
  readonly name: string;
  /** By table: `r`, `rw`, `a` (append), `ra`; in parentheses the only domain keys that may be named, or `own`: a timer's lease and mark; each index that it may query. */
  readonly tables: ReadonlyMap<TableName, string>;
  readonly roots: readonly string[];
}

const LEVELS: Readonly<Record<string, string>> = {
  "dynamodb:GetItem dynamodb:Query": "r",
  "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem": "rw",
  "dynamodb:PartiQLInsert": "a",
  "dynamodb:UpdateItem": "+",
  "dynamodb:GetItem dynamodb:PartiQLInsert dynamodb:Query": "ra",
};

const many = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** Every function of a Region's stack, with what its role allows. @throws when a statement is none of the known kinds. */
export function permissionsIn(resources: Readonly<Record<string, Resource>>, region: string): Permissions[] {
  return ofType(resources, "AWS::Lambda::Function").map(([, { Properties }]) => {
    const role = Properties.Role["Fn::GetAtt"][0];
    const log = Properties.LoggingConfig.LogGroup.Ref;
    const attached = ofType(resources, "AWS::IAM::Policy").filter(([, policy]) =>
      policy.Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role),
    );
    if (attached.length > 0 || resources[role]?.Properties.ManagedPolicyArns)
      throw new Error(`${Properties.FunctionName}: its role has more policies.`);
    const documents: { PolicyDocument: { Statement: Statement[] } }[] = resources[role]?.Properties.Policies;
    return {
      name: Properties.FunctionName,
      ...read(
        Properties.FunctionName,
        documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
        log,
        region,
      ),
    };
  });
}

function read(name: string, statements: readonly Statement[], log: string, region: string): Omit<Permissions, "name"> {
  const tables = new Map<TableName, string>();
  const roots: string[] = [];
  let logs = false;
  for (const statement of statements) {
    const { Effect, Action, Resource: resource, Condition } = statement;
    const actions = many(Action).toSorted().join(" ");
    const unknown = () => new Error(`${name}: what does this allow? ${JSON.stringify(statement)}`);
    const rows = rowsOf(Condition);
    if (Effect !== "Allow" || rows === undefined) throw unknown();
    for (const one of many(resource)) {
      if (actions === "logs:CreateLogStream logs:PutLogEvents") {
        const group = (one as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"];
        if (group?.[1] !== "Arn") throw unknown();
        logs ||= group[0] === log;
        continue;
      }
      if (typeof one !== "string") throw unknown();
      const table = new RegExp(`^arn:aws:dynamodb:${region}:${ACCOUNT}:table/trent-([a-z-]+)(?:/index/index(\\d))?$`).exec(one);
      const secret = new RegExp(`^arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:trent/root/([a-z]+)-\\?{6}$`).exec(one);
      if (table?.[2] && actions === "dynamodb:Query") tables.set(tableIn(table[1]), `${tables.get(tableIn(table[1])) ?? ""} i${table[2]}`);
      else if (table?.[1] === "principals" && actions === "dynamodb:UpdateItem" && rows === OF_USES)
        tables.set("principals", `${tables.get("principals") ?? ""} + (used)`);
      else if (table && !table[2] && LEVELS[actions]) tables.set(tableIn(table[1]), LEVELS[actions] + rows);
      else if (rows !== "") throw unknown();
      else if (secret?.[1] && actions === "secretsmanager:GetSecretValue") roots.push(secret[1]);
      else throw unknown();
    }
  }
  if (!logs) throw new Error(`${name} may not write its own log.`);
  return { tables, roots };
}

const OF_USES = " (USED#*)";

/** The rows that a condition leaves, in words; undefined when it is none of the known kind. */
function rowsOf(condition: unknown): string | undefined {
  if (condition === undefined) return "";
  const own = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["TIMER#sealing"] }, Null: { "dynamodb:LeadingKeys": "false" } };
  if (isDeepStrictEqual(condition, own)) return " (own)";
  const uses = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["USED#*"] }, Null: { "dynamodb:LeadingKeys": "false" } };
  if (isDeepStrictEqual(condition, uses)) return OF_USES;
  const keys = (condition as { "ForAllValues:StringEquals"?: { "dynamodb:LeadingKeys"?: string[] } })["ForAllValues:StringEquals"];
  const named = keys?.["dynamodb:LeadingKeys"] ?? [];
  const known = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": named }, Null: { "dynamodb:LeadingKeys": "false" } };
  if (!isDeepStrictEqual(condition, known) || !named.every((key) => key.startsWith("DOMAIN#"))) return undefined;
  return ` (${named.map((key) => key.slice("DOMAIN#".length)).join(" ")})`;
}

function tableIn(name = ""): TableName {
  if (name in TABLES) return name as TableName;
  throw new Error(`There is no table ${name}.`);
}

/** As a page to read. Its columns stay where they are, so that a change shows as a line. */
export function page(all: readonly Permissions[]): string {
  const names = Object.keys(TABLES) as TableName[];
  const rows = [
    ["function", ...names, "roots"],
    ...all.map(({ name, tables, roots }) => [name, ...names.map((table) => tables.get(table) ?? "·"), roots.join(" ") || "·"]),
  ];
  const least = (column: number) => (rows[0]?.[column]?.includes("domains") ? "r (mac token secret)" : "rw i1 i2").length;
  const width = (column: number) => (column === 0 ? 45 : Math.max(rows[0]?.[column]?.length ?? 0, least(column)) + 2);
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(width(column)))
          .join("")
          .trimEnd()}\n`,
    )
    .join("");
}
