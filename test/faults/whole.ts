import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../lambdas/local/main.ts", import.meta.url));

/** What the operator's own commands find wrong in a folder: each item, material, alias and grant, and items against the log. */
export async function wrongInStore(folder: string): Promise<string[]> {
  const [doctor, audit] = await Promise.all([run("doctor", "--data", folder), run("audit", "verify", "--state", "--data", folder)]);
  const found: Finding[] = [...(doctor.health ?? [NOTHING]), audit.findings ? audit : NOTHING].flatMap(({ findings }) => findings ?? []);
  // The servers here do not seal their log, which is found after a while.
  return found.filter((finding) => !isUnsealed(finding)).map((finding) => `The operator is told: ${JSON.stringify(finding)}`);
}

type Finding = string | { readonly kind: string };
interface Said {
  readonly findings?: readonly Finding[];
  readonly health?: readonly { readonly findings: readonly Finding[] }[];
}

const NOTHING: Said & { readonly findings: readonly Finding[] } = { findings: ["nothing"] };
const isUnsealed = (finding: Finding): boolean => typeof finding !== "string" && finding.kind === "unsealed";

/** What a command says, whatever its exit status is. */
const run = (...args: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args, "--json"], { maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve(stdout === "" ? { findings: [stderr], health: [{ findings: [stderr] }] } : JSON.parse(stdout)),
    );
  });
