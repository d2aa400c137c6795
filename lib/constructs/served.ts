import type { Construct } from "constructs";
import type { FACES } from "#faces";
import type { Assets } from "#lib/assets";
import type { Routes } from "#lib/constructs/ingress/rest-templates";
import type { AnyOperation } from "#operation";
import { type AccessRoles, reachOf } from "./access-role.ts";
import { LARGEST, sizeOf, TrentFunction, type TrentFunctionProps } from "./operation-function.ts";
import type { Site } from "./site.ts";

export type Face = (typeof FACES)[number];

/** What is served in a Region, and what its functions are made of. */
export interface Served {
  readonly site: Site;
  readonly roles: AccessRoles;
  readonly faces: readonly Face[];
  readonly assets: Assets;
}

export interface Callable {
  /** By operation of KMS, and by service of each neighbour. */
  readonly byName: ReadonlyMap<string, TrentFunction>;
  readonly routes: Routes;
}

/** One function for each operation of KMS and one for each neighbour, and the way of requests to them. */
export function servedBy(scope: Construct, served: Served): Callable {
  const { faces, assets } = served;
  const [kms, neighbours] = [faces.filter(({ service }) => service === "kms"), faces.filter(({ service }) => service !== "kms")];
  const targets = kms.flatMap(({ target, operations }) =>
    Object.values(operations).map((operation) => [`${target}.${operation.name}`, operation] as const),
  );
  const functions = [
    ...targets.map(([, operation]) => {
      const { name } = operation;
      return functionOf(scope, served, [operation], {
        name,
        description: `KMS ${name}`,
        asset: assets.operation(name),
        size: sizeOf(operation),
      });
    }),
    ...neighbours.map(({ service, operations }) => {
      const asset = assets.services(service, [service]);
      return functionOf(scope, served, Object.values(operations), {
        name: service,
        description: service.toUpperCase(),
        asset,
        size: LARGEST,
      });
    }),
  ];
  const byName = new Map(functions);
  const entryOf = (name: string): string => (byName.get(name) as TrentFunction).entryName;
  return {
    byName,
    routes: {
      targets: new Map(targets.map(([target, { name }]) => [target, entryOf(name)])),
      services: new Map(neighbours.map(({ service }) => [service, entryOf(service)])),
      ...defaultsOf(functions, neighbours, entryOf),
    },
  };
}

/** The one function that serves all. */
export function dispatcherOf(scope: Construct, served: Served): TrentFunction {
  const { faces, assets } = served;
  const operations = faces.flatMap(({ operations }) => Object.values(operations));
  const services = faces.map(({ service }) => service);
  const asset = assets.services("dispatcher", services);
  return functionOf(scope, served, operations, { name: "dispatcher", description: "All operations", asset, size: LARGEST })[1];
}

type Entry = readonly [name: string, serves: TrentFunction];

function functionOf(
  scope: Construct,
  { site, roles }: Served,
  operations: readonly AnyOperation[],
  props: Pick<TrentFunctionProps, "name" | "description" | "asset" | "size">,
): Entry {
  const reach = reachOf(...operations);
  return [props.name, new TrentFunction(scope, props.name, { ...props, site, reach, role: roles.of(reach) })];
}

/** Whatever is nobody's goes where there is least to be had: any function refuses what it does not serve, without a look at the store. */
function defaultsOf(
  functions: readonly Entry[],
  neighbours: readonly Face[],
  entryOf: (name: string) => string,
): Pick<Routes, "query" | "otherwise"> {
  const narrowest = functions
    .filter(([name]) => neighbours.every(({ service }) => service !== name))
    .toSorted(([nameA, a], [nameB, b]) => breadth(a) - breadth(b) || (nameA < nameB ? -1 : 1))
    .map(([name]) => entryOf(name))[0];
  const query = neighbours.find(({ protocol }) => protocol === "query");
  if (narrowest === undefined) throw new Error("Trent needs at least one operation of KMS.");
  return { otherwise: narrowest, query: query ? entryOf(query.service) : narrowest };
}

const breadth = ({ reach }: TrentFunction): number => Object.keys(reach.tables).length + reach.roots.length;
