/** Policies as tests write them. */
export const allowing = (...actions: readonly string[]): string => on("*", ...actions);

export const on = (resource: string, ...actions: readonly string[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: resource }] });

export const denying = (...actions: readonly string[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: actions, Resource: "*" }] });

export const trusting = (principal: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }] });

/** A policy of this many characters, white space not counted, and as many spaces. */
export function longPolicy(characters: number): string {
  const action = (name: string) =>
    JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: `kms:${name}`, Resource: "*" } });
  const text = action("A".repeat(characters - action("").length));
  return text.replace("{", `{${" ".repeat(characters)}`);
}
