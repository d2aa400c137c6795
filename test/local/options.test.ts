import { describe, expect, test, vi } from "vitest";
import { optionsOf, UsageError } from "#local/options";
import { trent } from "./command.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

/** What an option that makes no sense is: refused, in one line. */
function refusal(args: readonly string[], environment: Record<string, string> = {}): string {
  try {
    optionsOf(args, environment);
  } catch (cause) {
    expect(cause).toBeInstanceOf(UsageError);
    expect((cause as Error).message).not.toContain("\n");
    return (cause as Error).message;
  }
  return "accepted";
}

describe("a wrong option is refused", () => {
  test.each([
    [["--port", "99999"], "--port 99999 is not a port"],
    [["--port", "-1"], "--port"],
    [["--port", "80x"], "--port 80x is not a port"],
    [["--port", ""], "--port  is not a port"],
    [["--port"], "--port"],
    [["--host", "0.0.0.0"], "--host 0.0.0.0 is not a loopback address"],
    [["--host", "::"], "--host :: is not a loopback address"],
    [["--host", "10.0.0.1"], "is not a loopback address"],
    [["--host", "127.0.0.1.example.com"], "is not a loopback address"],
    [["--host", "localhost.example.com"], "is not a loopback address"],
    [["--host", ""], "is not a loopback address"],
    [["--data", ""], "--data is empty"],
    [["--region", "us-east-9"], "--region us-east-9 is not one of the Regions"],
    [["--region", "US-EAST-1"], "is not one of the Regions"],
    [["--regions", ""], "'' is not the name of a Region"],
    [["--regions", "us-east-1,../x"], "'../x' is not the name of a Region"],
    [["--regions", "eu-west-1", "--region", "us-east-1"], "--region us-east-1 is not one of the Regions"],
    [["--account", "12345"], "--account 12345 is not an account"],
    [["--account", "12345678901a"], "is not an account"],
    [["--root", "nowhere"], "--root nowhere is none: use"],
    [["--root", "file:"], "--root file: is none: use"],
    [["--root", "aws-kms"], "--root aws-kms is none: use file:PATH, passphrase, env or aws-kms:KEY."],
    [["--quotas", "none"], "--quotas none is not a profile"],
    [["--quotas", "./quotas.json"], "--quotas ./quotas.json: it cannot be read"],
    [["--quotas", "constructor"], "is not a profile"],
    [["--table", "nonsense"], "--table nonsense"],
    [["--log-days", "13"], "--log-days: 13 does not begin with a number of days from 14 to 3650"],
    [["--domain-rotation-days", "0"], "--domain-rotation-days 0 is not a number from 1 to 3650"],
    [["--domain-rotation-days", "30", "--sandbox"], "--domain-rotation-days is for a data folder"],
    [["--log-days", "90,1=9"], "--log-days: 1=9 is no account"],
    [["--log-level", "verbose"], "--log-level verbose is not a level"],
    [["--sandbox=maybe"], "--sandbox"],
    [["--nonsense"], "--nonsense"],
    [["--Port", "1"], "--Port"],
    [["-p", "1"], "-p"],
    [["surplus"], "surplus"],
    [["--", "--port"], "--port"],
  ])("%j", (args, text) => {
    expect(refusal(args)).toContain(text);
  });

  test.each(["0", "65", "two", "1.5", "-1", ""])("--workers %j", (count) => {
    expect(refusal([`--workers=${count}`])).toBe(`--workers ${count} is not a number of processes: give one from 1 to 64.`);
  });

  test("--workers of a sandbox", () => {
    expect(refusal(["--workers", "2", "--sandbox"])).toBe("--workers: a --sandbox is kept in the memory of one process.");
  });

  test("in a variable, too", () => {
    expect(refusal([], { TRENT_PORT: "x" })).toContain("--port x is not a port");
    expect(refusal([], { TRENT_HOST: "0.0.0.0" })).toContain("is not a loopback address");
    expect(refusal([], { TRENT_SANDBOX: "yes" })).toBe("TRENT_SANDBOX must be true or false.");
    expect(refusal([], { TRENT_LOG_LEVEL: "loud" })).toContain("--log-level loud");
  });
});

describe("an option", () => {
  test("wins over its variable, which wins over what is usual", () => {
    expect(optionsOf([], {})).toMatchObject({ port: 4599, host: "127.0.0.1", data: ".trent", region: undefined, sandbox: false });
    const environment = { TRENT_PORT: "1", TRENT_DATA: "/a", TRENT_SANDBOX: "true", TRENT_LOG_LEVEL: "debug" };
    expect(optionsOf([], environment)).toMatchObject({ port: 1, data: "/a", sandbox: true, logLevel: "debug" });
    expect(optionsOf(["--port", "2", "--data", "/b"], environment)).toMatchObject({ port: 2, data: "/b" });
  });

  test("of the root: a root key or a passphrase is taken when it is set, unless something else is named", () => {
    expect(optionsOf([], {}).root).toEqual({ kind: "file", path: undefined });
    expect(optionsOf([], { TRENT_ROOT_KEY: "x" }).root).toEqual({ kind: "env" });
    expect(optionsOf([], { TRENT_PASSPHRASE: "x" }).root).toEqual({ kind: "passphrase" });
    expect(optionsOf([], { TRENT_PASSPHRASE_FILE: "x" }).root).toEqual({ kind: "passphrase" });
    expect(optionsOf(["--root", "aws-kms:alias/a"], { TRENT_PASSPHRASE: "x" }).root).toEqual({ kind: "aws-kms", keyId: "alias/a" });
    expect(optionsOf(["--root", "file:/a"], { TRENT_ROOT_KEY: "x" }).root).toEqual({ kind: "file", path: "/a" });
  });

  test.each(["127.0.0.1", "127.8.8.8", "::1", "localhost"])("of the host: %s is a loopback address", (host) => {
    expect(optionsOf(["--host", host], {}).host).toBe(host);
  });

  test("of the host may be any address in the sandbox, which has no quotas", () => {
    expect(optionsOf(["--sandbox", "--host", "0.0.0.0"], {})).toMatchObject({ host: "0.0.0.0", quotas: {} });
  });
});

describe("the command line", () => {
  test("--help tells every command and option", async () => {
    const { code, stdout, stderr } = await trent(["--help"]).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const word of ["serve", "env", "status"]) expect(stdout).toMatch(new RegExp(`^  ${word} `, "m"));
    // A secret has a variable only.
    for (const name of Object.keys(optionsOf([], {})).filter((option) => option !== "metricsToken")) {
      expect(stdout).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    }
    expect(await trent(["serve", "--help"]).ended).toMatchObject({ code: 0, stdout });
  });

  test.each([
    [["serve"], { TRENT_WORKERS: "none" }, "trent: --workers none is not a number of processes: give one from 1 to 64.\n"],
    [["serve"], { TRENT_PORT: "x" }, "trent: --port x is not a port: give a number from 0 to 65535.\n"],
    [["nonsense"], {}, "trent: 'nonsense' is not a command; see --help.\n"],
    [["constructor"], {}, "trent: 'constructor' is not a command; see --help.\n"],
  ])("%j is answered by exit 2 and one line", async (args, env, stderr) => {
    expect(await trent(args, { env }).ended).toEqual({ code: 2, stdout: "", stderr });
  });

  test("without a command is told what there is, and is no success", async () => {
    expect(await trent([]).ended).toMatchObject({ code: 2, stdout: expect.stringContaining("usage:") });
  });
});
