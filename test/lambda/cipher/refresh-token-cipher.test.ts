import { EncryptCommand } from "@aws-sdk/client-kms";
import { Sealed } from "../../../contract/sealed";
import { createKmsCipher } from "../../../lambda/cipher/refresh-token-cipher";
import type { Deadline } from "../../../lambda/deadline";
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
    const cipher = createKmsCipher(
      { send: answerKms } as never,
      REFRESH_KEY,
      leaving(milliseconds),
    );
    const closed = await cipher.encrypt(Sealed.of("shprt_one"), context);
    expect((await cipher.decrypt(closed, context)).unseal()).toBe("shprt_one");
  },
);

test("what a former key sealed opens, and the key of now seals from then on", async () => {
  const formerKey = "arn:aws:kms:us-east-1:000000000000:key/former";
  const sealedUnder: unknown[] = [];
  const send = async (command: { readonly input: { readonly KeyId?: string } }) => {
    if (command instanceof EncryptCommand) sealedUnder.push(command.input.KeyId);
    return answerKms(command);
  };
  const former = createKmsCipher({ send } as never, formerKey, leaving(1_000));
  const cipher = createKmsCipher({ send } as never, REFRESH_KEY, leaving(1_000));
  const old = await former.encrypt(Sealed.of("shprt_one"), context);
  const opened = await cipher.decrypt(old, context);
  expect(opened.unseal()).toBe("shprt_one");
  await cipher.encrypt(opened, context);
  expect(sealedUnder).toEqual([formerKey, REFRESH_KEY]);
});

test("without a key of its own a function still opens what is sealed, and seals nothing", async () => {
  const cipher = createKmsCipher({ send: answerKms } as never, REFRESH_KEY, leaving(1_000));
  const keyless = createKmsCipher({ send: answerKms } as never, undefined, leaving(1_000));
  const sealed = await cipher.encrypt(Sealed.of("shprt_one"), context);
  expect((await keyless.decrypt(sealed, context)).unseal()).toBe("shprt_one");
  await expect(keyless.encrypt(Sealed.of("shprt_two"), context)).rejects.toMatchObject({
    code: "environment_malformed",
  });
});
