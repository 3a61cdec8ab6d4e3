import { measureBurst, shareOfQuota } from "../../bench/run-time/burst";

/** More than a second's worth of writes, so that most of them have to wait for their turn. */
const STORES = 120;

test(`${STORES} rotations that fall due in one moment share AWS's quota of writes: none is lost, none begins anew`, async () => {
  const burst = await measureBurst(STORES);
  expect(burst.refused["PutSecretValue"]).toBeGreaterThan(0);
  expect(burst).toMatchObject({ lost: 0, triedAgain: 0 });
  expect(shareOfQuota(burst)).toBeGreaterThan(0.75);
});
