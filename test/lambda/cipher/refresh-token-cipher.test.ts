import { EncryptCommand } from "@aws-sdk/client-kms";
import { Sealed } from "../../../contract/sealed";
import type { Deadline } from "../../../lambda/deadline";
import { createKmsSeal } from "../../../lambda/seal/refresh-token-seal";
import { REFRESH_KEY } from "../../simulation/stage";
import { answerKms } from "../stand/stand";
import { SHOP } from "../stand/store-stand";

const context = {
  secretArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:a-AbCdEf" as never,
  shop: SHOP,
};

const leaving = (milliseconds: number): Deadline => ({
  remainingMs: () => milliseconds,
  pause: async () => undefined,
});

test.each([28_499.123_456, 1_000, 0.4])(
  "closes and opens with %d milliseconds left: a real deadline has fractions",
  async (milliseconds) => {
    const seal = createKmsSeal({ send: answerKms } as never, REFRESH_KEY, leaving(milliseconds));
    const closed = await seal.close(Sealed.of("shprt_one"), context);
    expect((await seal.open(closed, context)).unseal()).toBe("shprt_one");
  },
);

test("what a former key sealed opens, and the key of now seals from then on", async () => {
  const formerKey = "arn:aws:kms:us-east-1:000000000000:key/former";
  const sealedUnder: unknown[] = [];
  const send = async (command: { readonly input: { readonly KeyId?: string } }) => {
    if (command instanceof EncryptCommand) sealedUnder.push(command.input.KeyId);
    return answerKms(command);
  };
  const former = createKmsSeal({ send } as never, formerKey, leaving(1_000));
  const seal = createKmsSeal({ send } as never, REFRESH_KEY, leaving(1_000));
  const old = await former.close(Sealed.of("shprt_one"), context);
  const opened = await seal.open(old, context);
  expect(opened.unseal()).toBe("shprt_one");
  await seal.close(opened, context);
  expect(sealedUnder).toEqual([formerKey, REFRESH_KEY]);
});

test("without a key of its own a function still opens what is sealed, and seals nothing", async () => {
  const seal = createKmsSeal({ send: answerKms } as never, REFRESH_KEY, leaving(1_000));
  const keyless = createKmsSeal({ send: answerKms } as never, undefined, leaving(1_000));
  const sealed = await seal.close(Sealed.of("shprt_one"), context);
  expect((await keyless.open(sealed, context)).unseal()).toBe("shprt_one");
  await expect(keyless.close(Sealed.of("shprt_two"), context)).rejects.toMatchObject({
    code: "environment_malformed",
  });
});
