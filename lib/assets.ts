import { bundle, bundleServices, layer } from "./bundle.ts";

/** What functions are deployed with: folders, made when they are asked for, once each. */
export interface Assets {
  operation(name: string): string;
  services(name: string, services: readonly string[]): string;
  layer(): string;
}

/** Bundles into a folder that stays: templates must not change with a temporary name. */
export function assetsIn(folder?: string): Assets {
  const made = new Map<string, string>();
  const once = (name: string, make: () => string): string => {
    const folder = made.get(name) ?? make();
    made.set(name, folder);
    return folder;
  };
  return {
    operation: (name) => once(name, () => bundle(name, folder)),
    services: (name, services) => once(name, () => bundleServices(name, services, folder)),
    layer: () => once("layer", () => layer(folder)),
  };
}

/** Of this checkout; all Regions share them. */
export const ASSETS: Assets = assetsIn();
