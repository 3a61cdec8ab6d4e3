import type { Host } from "../../cli/host";
import { docsPageOf } from "../../cli/print/docs-page";
import { codedRefusal } from "../../cli/refusal";
import { run } from "../../cli/run";

test("a refusal with a code is followed by the address of its page, where somebody said where the docs are", async () => {
  const said: string[] = [];
  const output = {
    isTerminal: false,
    columns: undefined,
    write: (text: string) => said.push(text),
  };
  const host = {
    env: { SHOPIFY_SECRETS_DOCS: "https://docs.example.com/" },
    out: output,
    err: output,
    connect: () => {
      throw codedRefusal("secret_not_found");
    },
  } as unknown as Host;
  expect(await run(["status", "--prefix", "shopify/prod"], host)).toBe(1);
  expect(said.at(-1)).toBe("Read: https://docs.example.com/errors/secret_not_found\n");
});

test.each([{}, { SHOPIFY_SECRETS_DOCS: "" }, { SHOPIFY_SECRETS_DOCS: "javascript:alert(1)" }])(
  "no address is made up of %j",
  (env) => {
    expect(docsPageOf("token_dead", { env })).toBeUndefined();
  },
);
