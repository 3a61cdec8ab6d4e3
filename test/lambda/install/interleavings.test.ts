import { peek } from "../world/kms";
import { MINUTE } from "../world/lambda-world";
import { InstallWorld } from "./install-world";

/** A store whose pair is past half its life, so that the sweep would renew it now. */
async function installedStore(): Promise<InstallWorld> {
  const install = await InstallWorld.create();
  await install.install();
  install.world.clock.now += 35 * MINUTE;
  return install;
}

/** Lets `other` happen, once, right before the call of this number from now on. */
function during(install: InstallWorld, at: number, other: () => Promise<unknown>): () => boolean {
  const { world } = install;
  const first = world.calls.length;
  let hasHappened = false;
  world.before = async ({ index }) => {
    if (hasHappened || index !== first + at) return;
    hasHappened = true;
    await other().catch(() => undefined); // a renewal that loses fails, as it should
  };
  return () => hasHappened;
}

/** The chain is alive: the refresh token of AWSCURRENT would be taken, and its access token works. */
async function expectAlive({ world }: InstallWorld): Promise<void> {
  const current = await world.current();
  const refreshToken = peek(current?.record.refreshTokenSealed ?? "") ?? "";
  expect(world.shopify.control.refreshTokenLife({ refreshToken })).toMatchObject({ usable: true });
  expect(world.isAlive(current?.record.accessToken.unseal() ?? "")).toBe(true);
}

/** An hour later the sweep renews, and renews again. */
async function expectRenewable(install: InstallWorld): Promise<void> {
  install.world.before = async () => undefined;
  install.world.plan = () => undefined;
  for (let round = 0; round < 2; round += 1) {
    install.world.clock.now += 40 * MINUTE;
    await install.world.renew();
    await expectAlive(install);
  }
}

/** More calls than either of the two makes. */
const MOST_CALLS = 20;
const POINTS = Array.from({ length: MOST_CALLS }, (_, at) => at);

/** Runs an interleaving at every call, and makes sure that the calls were not fewer than believed. */
async function atEveryCall(run: (at: number) => Promise<boolean>, atLeast: number): Promise<void> {
  const happened: boolean[] = [];
  for (const at of POINTS) happened.push(await run(at));
  expect(happened.filter(Boolean).length).toBeGreaterThanOrEqual(atLeast);
  // Beyond its last call nothing can be put in between.
  expect(happened.at(-1)).toBe(false);
}

test("an install at every point of a renewal wins", async () => {
  await atEveryCall(async (at) => {
    const install = await installedStore();
    let approved: string | undefined;
    const hasHappened = during(install, at, async () => {
      await install.install();
      approved = (await install.world.current())?.versionId;
    });
    await install.world.renew().catch(() => undefined);
    if (approved !== undefined) {
      // Only a renewal of the install itself may follow it.
      const { versionId, record } = (await install.world.current()) ?? {};
      expect([versionId, record?.parentVersion]).toContain(approved);
    }
    await expectAlive(install);
    await expectRenewable(install);
    return hasHappened();
  }, 6);
});

test("a renewal at every point of an install loses nothing", async () => {
  await atEveryCall(async (at) => {
    const install = await installedStore();
    const visit = await install.begin();
    const query = install.approve(visit);
    const hasHappened = during(install, at, () => install.world.renew());
    expect((await install.callback(query, [visit.cookie])).statusCode).toBe(200);
    await expectAlive(install);
    await expectRenewable(install);
    return hasHappened();
  }, 9);
});

test("an earlier install at every point of a later one does not win", async () => {
  await atEveryCall(async (at) => {
    const install = await installedStore();
    const [one, other] = [await install.begin(), await install.begin()];
    const [first, second] = [install.approve(one), install.approve(other)];
    // Two approvals within one second are told apart by nobody.
    const hasHappened = during(install, at, async () => {
      install.world.clock.now += 2_000;
      await install.callback(second, [other.cookie]);
      install.world.clock.now += 2_000;
    });
    expect((await install.callback(first, [one.cookie])).statusCode).toBe(200);
    await expectAlive(install);
    await expectRenewable(install);
    return hasHappened();
  }, 9);
});

describe("a function that is killed", () => {
  test.each(["killed_before", "killed_after"] as const)(
    "at every point of an install (%s) loses the chain only between the exchange and the store",
    async (fault) => {
      const lost: string[] = [];
      for (const at of POINTS) {
        const install = await installedStore();
        const visit = await install.begin();
        const query = install.approve(visit);
        const first = install.world.calls.length;
        install.world.plan = ({ index }) => (index === first + at ? fault : undefined);
        await install.callback(query, [visit.cookie]).catch(() => undefined);
        install.world.plan = () => undefined;
        install.world.clock.now += 40 * MINUTE;
        await install.world.renew().catch(() => {
          lost.push(install.world.calls[first + at]?.operation ?? "");
        });
      }
      expect(lost).toEqual(
        fault === "killed_before"
          ? ["Encrypt", "PutSecretValue"]
          : ["/admin/oauth/access_token", "Encrypt"],
      );
    },
  );

  test("before the promotion of a first install leaves a store that is approved again", async () => {
    const install = await InstallWorld.create();
    install.world.plan = ({ operation }) =>
      operation === "UpdateSecretVersionStage" ? "killed_before" : undefined;
    await install.install();
    install.world.plan = () => undefined;
    // Nobody took the mark of the first one away.
    expect((await install.install()).statusCode).toBe(409);
    install.world.clock.now += 25 * MINUTE;
    expect((await install.install()).statusCode).toBe(200);
    await expectAlive(install);
  });
});
