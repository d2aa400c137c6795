import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { CreateKeyCommand, DescribeKeyCommand, KMSClient, ListKeysCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { advance, movableClock } from "#local/clock";
import { HOME, startService } from "../service.ts";
import { newFolder, serve, trent } from "./command.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

const DAY = 86_400;
const HOUR = 3_600_000;
const JSON_BODY = { "content-type": "application/json" };
const sandbox = serve(newFolder(afterAll), ["--sandbox"], {}, afterAll);
let url: string;
beforeAll(async () => {
  url = await sandbox.ready;
}, 60_000);

const at = (region: string) => ({ endpoint: url, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
const post = (body: string, headers: Record<string, string> = JSON_BODY) =>
  fetch(new URL("/_trent/clock", url), { method: "POST", body, headers });
const shown = async () => ((await (await fetch(new URL("/_trent/clock", url))).json()) as { now: string }).now;
const move = async (seconds: number) => {
  const answer = await post(JSON.stringify({ advanceSeconds: seconds }));
  return ((await answer.json()) as { now: string }).now;
};

/** A key that is to be deleted in so many days. */
async function doomed(kms: KMSClient, days: number) {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const { KeyId = "", DeletionDate } = await kms.send(
    new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: days }),
  );
  return { KeyId, DeletionDate };
}

describe("the clock of a sandbox", () => {
  test("moves, and what falls due meanwhile is done when it does, in every Region", async () => {
    const [kms, far] = [new KMSClient(at("us-east-1")), new KMSClient(at("eu-west-1"))];
    const [late, early, other] = [await doomed(kms, 30), await doomed(kms, 7), await doomed(far, 10)];
    await move(6 * DAY);
    expect((await kms.send(new DescribeKeyCommand(early))).KeyMetadata?.KeyState).toBe("PendingDeletion");
    const before = await shown();
    const now = await move(400 * DAY);
    expect(Date.parse(now) - Date.parse(before)).toBeGreaterThanOrEqual(400 * DAY * 1000);
    expect(Date.parse(now) - Date.parse(before)).toBeLessThan(400 * DAY * 1000 + HOUR);
    expect(Date.parse(await shown())).toBeGreaterThanOrEqual(Date.parse(now));
    for (const { KeyId } of [late, early]) await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toThrow("does not exist");
    for (const client of [kms, far]) expect((await client.send(new ListKeysCommand({}))).Keys).toEqual([]);

    const ends = async (region: string) => {
      const lookup = new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "DeleteKey" }] });
      const { Events = [] } = await new CloudTrailClient(at(region)).send(lookup);
      return Events.map(({ EventTime }) => Math.round(Number(EventTime) / HOUR));
    };
    const hour = (date: Date | undefined) => Math.round(Number(date) / HOUR);
    expect(await ends("us-east-1")).toEqual([hour(late.DeletionDate), hour(early.DeletionDate)]);
    expect(await ends("eu-west-1")).toEqual([hour(other.DeletionDate)]);
  });

  test("moves by every step when several come at once", async () => {
    const before = Date.parse(await shown());
    await Promise.all(Array.from({ length: 10 }, () => move(DAY)));
    expect(Date.parse(await shown()) - before).toBeGreaterThanOrEqual(10 * DAY * 1000);
    expect(Date.parse(await shown()) - before).toBeLessThan(10 * DAY * 1000 + HOUR);
  });

  test("refuses what is no step forward, and web pages, and stays where it is", async () => {
    const before = Date.parse(await shown());
    const wrong = [-1, 0, 1.5, 1e12, '"1"', "null", "[1]"].map((n) => `{"advanceSeconds":${n}}`);
    for (const body of ["", "{", "null", "[]", "{}", ...wrong, " ".repeat(2_000_000)]) {
      const answer = await post(body);
      expect([answer.status, await answer.json()]).toEqual([400, { error: expect.stringMatching(/^Send application\/json: [^\n]+$/) }]);
    }
    expect((await post('{"advanceSeconds":86400}', { "content-type": "text/plain" })).status).toBe(400);
    expect((await post('{"advanceSeconds":86400}', { ...JSON_BODY, origin: "http://localhost" })).status).toBe(403);
    expect(Date.parse(await shown()) - before).toBeLessThan(HOUR);
  });

  test("is moved by a command, too", async () => {
    const before = Date.parse(await shown());
    const { code, stdout } = await trent(["clock", "advance", "2d", "--endpoint", url]).ended;
    expect([code, Date.parse(stdout.trim()) - before >= 2 * DAY * 1000]).toEqual([0, true]);
    const { stdout: json } = await trent(["clock", "show", "--endpoint", url, "--json"]).ended;
    expect(Date.parse(JSON.parse(json).now)).toBeGreaterThanOrEqual(Date.parse(stdout.trim()));
    expect(await trent(["clock", "advance", "2w", "--endpoint", url]).ended).toMatchObject({
      code: 2,
      stderr: "trent: clock advance 2w is not a time: write it as 30m, 24h or 7d.\n",
    });
  });
});

const unnumbered = (text = "") => text.replace(/<RequestId>.*<\/RequestId>/, "");

test("without --sandbox there is no clock, as if its path were any other", async () => {
  const server = await serve(newFolder()).ready;
  const [clock, other] = ["/_trent/clock", "/_trent/nothing"].map((path) => new URL(path, server));
  for (const init of [{}, { method: "POST", body: '{"advanceSeconds":1}', headers: JSON_BODY }]) {
    const [one, two] = await Promise.all([clock, other].map((path) => fetch(path as URL, init)));
    expect([one?.status, unnumbered(await one?.text())]).toEqual([two?.status, unnumbered(await two?.text())]);
  }
  expect(await trent(["clock", "advance", "1d", "--endpoint", server]).ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is no sandbox"),
  });
  expect(await trent(["clock", "show", "--endpoint", "http://127.0.0.1:1"]).ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Nobody answers at"),
  });
});

test("what fails is tried again as by the timers, and does not keep the clock from moving on", async () => {
  const service = await startService();
  const clock = movableClock();
  const begun = clock.now().getTime();
  const tried: number[] = [];
  const stuck = {
    ...{ name: "stuck", everyMinutes: 5, uses: {} },
    find: async (_: never, now: Date) => ({ ids: now.getTime() - begun >= 10 * HOUR ? ["one"] : [] }),
    read: async () => true,
    due: () => true,
    async run() {
      tried.push(clock.now().getTime() - begun);
      throw new Error("It cannot be done.");
    },
  };
  const operator = { error: () => undefined, debug: () => undefined };
  const deps = { ...service.host.timers, now: clock.now, operator };
  try {
    const now = await advance({ clock, timers: [stuck], deps, regions: async () => [HOME] }, 400 * DAY);
    expect(now.getTime() - begun).toBeGreaterThanOrEqual(400 * DAY * 1000);
    expect(tried.slice(0, 3).map((time) => Math.floor(time / 60_000))).toEqual([600, 605, 610]);
    expect(tried.length).toBeLessThan(30);
  } finally {
    await service.stop();
  }
});
