import { withoutControls } from "../../cli/print/plain";
import { Operator } from "./arrange";

/** Renames the window, clears the screen, and writes a line that is none. */
const ESCAPES = "\u001b]0;pwned\u0007\u001b[2J\u001b[HFAKE\u0000\r\u009b1A\u0008";
const PASTED = "shpat_0123456789abcdef0123456789abcdef";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come out
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

async function fleetOfAnAttacker(): Promise<Operator> {
  const operator = new Operator();
  // Tags take no control characters; a description takes what somebody with UpdateSecret writes.
  await operator.addStore({
    key: "heritage",
    kind: "custom-app",
    scopes: [`read_orders`, `read_x${ESCAPES}`],
    state: "ok",
  });
  operator.input = PASTED;
  operator.answer = (name) =>
    name.endsWith("enrol")
      ? { store: "heritage", outcome: "written", why: "x", checked: `ok${ESCAPES}`, scope: ESCAPES }
      : {
          stores: [
            {
              store: "heritage",
              kind: "custom-app",
              state: "ok",
              code: "scope_missing",
              missingScopes: [ESCAPES],
              scope: ESCAPES,
              versionId: `v${ESCAPES}`,
            },
          ],
        };
  return operator;
}

const WORDS = [
  "status",
  "status --json",
  "check",
  "check --json",
  "put heritage",
  "put heritage --json",
  "rotate heritage",
  "rollback heritage",
  "unstick heritage",
  "doctor",
  "install-link heritage",
  "restore heritage",
  "migrate heritage",
  "history heritage",
  "reader-policy heritage",
  `status nope${ESCAPES.replaceAll(" ", "")}`,
  `cmd${ESCAPES}`,
  `status --opt${ESCAPES}`,
  `restore x${ESCAPES}`,
  `--prefix x${ESCAPES}`,
  `status --prefix x${ESCAPES}`,
  `status --region x${ESCAPES}`,
  `deployer-policy --boundary ${ESCAPES}`,
];

test.each(WORDS)(
  "%j: nothing that moves a terminal comes out, whatever a store says of itself",
  async (words) => {
    const operator = await fleetOfAnAttacker();
    const { out, err } = await operator.type(
      words.includes("--prefix") ? words : `${words} --prefix shopify/prod`,
    );
    expect(`${out}${err}`).not.toBe("");
    expect(`${out}${err}`).not.toMatch(CONTROLS);
  },
);

test.each([
  "put PASTED",
  "restore PASTED",
  "check PASTED",
  "rotate PASTED",
  "rollback PASTED",
  "unstick PASTED",
  "migrate PASTED",
  "history PASTED",
  "install-link PASTED",
  "reader-policy PASTED",
  "status PASTED",
  "PASTED",
  "status --PASTED",
  "status --prefix PASTED",
  "status --region PASTED",
  "status --endpoint-url PASTED",
  "status --fail-on PASTED",
  "history heritage --since PASTED",
  "rotate --app PASTED",
  "deployer-policy --boundary PASTED",
  "deployer-policy --state-key PASTED",
  "boundary-policy --topic PASTED",
  "completion PASTED",
  "exec heritage --min-life PASTED -- true",
])("%s: a token that was pasted in the wrong place is not repeated", async (words) => {
  const operator = await fleetOfAnAttacker();
  const { out, err, code } = await operator.type(words.replaceAll("PASTED", PASTED));
  expect(code).not.toBe(0);
  expect(`${out}${err}`).not.toContain(PASTED);
});

test("the command's own colours, and what clears a line or the screen, get through", () => {
  for (const own of ["\u001b[31mred\u001b[0m\n\t", "\r\u001b[2Kwaiting …", "\u001b[2J\u001b[H"]) {
    expect(withoutControls(own)).toBe(own);
  }
  expect(withoutControls("a\u001b[2J\u001b[Hb\r\u001b[2K")).not.toMatch(CONTROLS);
});
