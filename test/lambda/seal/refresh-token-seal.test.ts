import { Sealed } from "../../../contract/sealed";
import type { Deadline } from "../../../lambda/deadline";
import { createKmsSeal } from "../../../lambda/seal/refresh-token-seal";
import { answerKms } from "../world/kms";
import { REFRESH_KEY, SHOP } from "../world/lambda-world";

const context = {
  secretArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:a-AbCdEf" as never,
  shop: SHOP,
};

const leaving = (milliseconds: number): Deadline => ({
  remainingMs: () => milliseconds,
  pause: async () => undefined,
});

test.each([28_499.123_456, 1_000, 0.4, -3.5])(
  "closes and opens with %d milliseconds left: a real deadline has fractions",
  async (milliseconds) => {
    const seal = createKmsSeal({ send: answerKms } as never, REFRESH_KEY, leaving(milliseconds));
    const closed = await seal.close(Sealed.of("shprt_one"), context);
    expect((await seal.open(closed, context)).unseal()).toBe("shprt_one");
  },
);
