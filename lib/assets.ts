import { bundle, bundleOperator, bundleServices, bundleTimer, layer } from "./bundle.ts";

/** What functions are deployed with: folders, made when they are asked for, once each. */
export interface Assets {
  operation(name: string): string;
  services(name: string, services: readonly string[]): string;
  timer(name: string): string;
  operator(): string;
  layer(): string;
}

/** Bundles into a folder that stays: all Regions share what is in it. */
export function assetsIn(folder?: string): Assets {
  const made = new Map<string, string>();
  const once = (name: string, make: () => string): string => {
    const asset = made.get(name) ?? make();
    made.set(name, asset);
    return asset;
  };
  return {
    operation: (name) => once(name, () => bundle(name, folder)),
    services: (name, services) => once(name, () => bundleServices(name, services, folder)),
    timer: (name) => once(`timer-${name}`, () => bundleTimer(name, folder)),
    operator: () => once("operator", () => bundleOperator(folder)),
    layer: () => once("layer", () => layer(folder)),
  };
}

/** Of this checkout. */
export const ASSETS: Assets = assetsIn();
