import { CreateKeyCommand, DescribeKeyCommand, DisableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it, vi } from "vitest";
import { newFolder, profileOf, type Starting, serve } from "./command.ts";

// Every test starts a process.
vi.setConfig({ testTimeout: 60_000 });

const TOKEN = "correct-horse-battery";

async function start(args: readonly string[] = [], starting: Starting = {}) {
  const folder = newFolder();
  const endpoint = await serve(folder, args, starting).ready;
  const kms = new KMSClient({ endpoint, region: "us-east-1", credentials: profileOf(folder), maxAttempts: 1 });
  const metrics = (headers: Readonly<Record<string, string>> = {}) => fetch(new URL("/metrics", endpoint), { headers });
  return { kms, metrics, endpoint };
}

describe("GET /metrics", () => {
  it("counts calls and errors by operation, and how long they took", async () => {
    const { kms, metrics } = await start();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    await expect(kms.send(new DescribeKeyCommand({ KeyId: "alias/none" }))).rejects.toThrow();

    const answer = await metrics();
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=/);
    expect(answer.headers.get("x-trent-version")).toMatch(/^\d/);
    const text = await answer.text();
    expect(text).toContain('trent_call_seconds_count{operation="CreateKey"} 1\n');
    expect(text).toContain('trent_call_seconds_count{operation="DescribeKey"} 2\n');
    expect(text).toContain('trent_errors_total{operation="DescribeKey",error="NotFoundException"} 1\n');
    expect(text).toContain('trent_call_seconds_bucket{le="+Inf",operation="DescribeKey"} 2\n');
    expect(Number(/trent_call_seconds_sum\{operation="CreateKey"\} (\S+)/.exec(text)?.[1])).toBeGreaterThan(0);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text, "nothing that a caller sent").not.toContain("none");
  });

  it("shows how much of the quotas is used, whether the log is behind, and keys by state", async () => {
    const { kms, metrics } = await start(["--quotas", "current"]);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new CreateKeyCommand({}));
    await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }));

    const text = await (await metrics()).text();
    const used = /trent_quota_used_ratio\{region="us-east-1",bucket="CreateKey"\} (\S+)/.exec(text)?.[1];
    expect(Number(used)).toBeGreaterThan(0);
    expect(text).toContain('trent_log_waiting_records{region="us-east-1"} 0\n');
    expect(text).toContain('trent_log_lag_seconds{region="us-east-1"} 0\n');
    for (const timer of ["deletion", "rotation"])
      expect(text).toContain(`trent_timer_lag_seconds{region="us-east-1",timer="${timer}"} 0\n`);
    expect(text).toContain('trent_keys{region="us-east-1",state="Enabled"} 1\n');
    expect(text).toContain('trent_keys{region="us-east-1",state="Disabled"} 1\n');
    expect(text, "no account has a number of its own").not.toMatch(/\d{12}"/);
  });

  it("is for this machine, and elsewhere for who shows the token", async () => {
    const { metrics } = await start(["--behind-proxy", "127.0.0.0/8"], { env: { TRENT_METRICS_TOKEN: TOKEN } });
    const elsewhere = { "X-Forwarded-For": "192.0.2.7" };
    expect((await metrics({ "X-Forwarded-For": "127.0.0.1" })).status).toBe(200);
    expect((await metrics(elsewhere)).status).toBe(403);
    for (const wrong of [`${TOKEN}x`, TOKEN.slice(1), ""])
      expect((await metrics({ ...elsewhere, Authorization: `Bearer ${wrong}` })).status).toBe(403);
    expect((await metrics({ ...elsewhere, Authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });

  it("is refused to all who are elsewhere when there is no token", async () => {
    const { metrics } = await start(["--behind-proxy", "127.0.0.0/8"]);
    const refused = await metrics({ "X-Forwarded-For": "192.0.2.7", Authorization: "Bearer undefined" });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("TRENT_METRICS_TOKEN");
  });

  it("takes no token that is easy to guess", async () => {
    const { ended } = serve(newFolder(), [], { env: { TRENT_METRICS_TOKEN: "short" } });
    expect(await ended).toMatchObject({ code: 2, stderr: expect.stringContaining("at least 16 characters") });
  });
});
