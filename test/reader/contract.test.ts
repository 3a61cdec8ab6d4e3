import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Sealed } from "../../contract/sealed";
import { later, SECOND_MS } from "../../contract/time";
import { createTokenReader } from "../../reader";
import { ManualTime, settled } from "./manual-time";
import { recordText } from "./records";
import { awsError, StubSecretsManager } from "./stub-secrets-manager";

// What a reader owes an application, whatever language it is written in: each scenario is played by the reader for
// Node.js and by the example for Python, step by step, and both must come to the same.

type Step =
  | {
      readonly do: "renew";
      readonly store: string;
      readonly token: string;
      readonly lifeSeconds?: number;
    }
  | { readonly do: "kill"; readonly token: string }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "outage"; readonly on: boolean }
  | { readonly do: "call"; readonly store: string };

/** What a call came to: the status that the application saw, the tokens that Shopify saw, the reads of Secrets Manager. */
interface Called {
  readonly outcome: number | "error";
  readonly sent: readonly string[];
  readonly reads: number;
}

const renew = (token: string, lifeSeconds?: number): Step => ({
  do: "renew",
  store: "acme",
  token,
  ...(lifeSeconds === undefined ? {} : { lifeSeconds }),
});
const kill = (token: string): Step => ({ do: "kill", token });
const pass = (seconds: number): Step => ({ do: "pass", seconds });
const outage = (on: boolean): Step => ({ do: "outage", on });
const call: Step = { do: "call", store: "acme" };
const served = (token: string, reads: number): Called => ({ outcome: 200, sent: [token], reads });

const SCENARIOS: readonly (readonly [string, readonly Step[], readonly Called[]])[] = [
  [
    "a token is read once and kept",
    [renew("one", 3_600), call, call, pass(200), call],
    [served("one", 1), served("one", 0), served("one", 0)],
  ],
  [
    "five minutes later it is read again, and a renewal is found",
    [renew("one", 3_600), call, renew("two", 3_600), call, pass(301), call],
    [served("one", 1), served("one", 0), served("two", 1)],
  ],
  [
    "a minute before its end it is read again",
    [renew("one", 200), call, renew("two", 3_600), pass(141), call],
    [served("one", 1), served("two", 1)],
  ],
  [
    "a token past its end is never sent",
    [renew("one", 200), call, pass(200), call, renew("two", 3_600), pass(2), call],
    [served("one", 1), { outcome: "error", sent: [], reads: 1 }, served("two", 1)],
  ],
  [
    "a token that has no end is served for ever",
    [renew("one"), call, pass(100_000_000), call],
    [served("one", 1), served("one", 1)],
  ],
  [
    "after a 401 the secret is read past memory and the call made once more",
    [renew("one", 3_600), call, kill("one"), renew("two", 3_600), call, call],
    [served("one", 1), { outcome: 200, sent: ["one", "two"], reads: 1 }, served("two", 0)],
  ],
  [
    "a 401 with nothing newer stands, and the call is not repeated",
    [renew("one", 3_600), call, kill("one"), call],
    [served("one", 1), { outcome: 401, sent: ["one"], reads: 1 }],
  ],
  [
    "two dead tokens end in the second 401",
    [renew("one", 3_600), call, kill("one"), kill("two"), renew("two", 3_600), call],
    [served("one", 1), { outcome: 401, sent: ["one", "two"], reads: 1 }],
  ],
  [
    "through an outage a living token serves",
    [renew("one", 3_600), call, pass(301), outage(true), call],
    [served("one", 1), served("one", 1)],
  ],
  [
    "an outage does not keep a token past its end",
    [renew("one", 400), call, pass(400), outage(true), call],
    [served("one", 1), { outcome: "error", sent: [], reads: 1 }],
  ],
  [
    "a 401 during an outage is handed on",
    [renew("one", 3_600), call, kill("one"), outage(true), call],
    [served("one", 1), { outcome: 401, sent: ["one"], reads: 1 }],
  ],
  [
    "an outage at the first read is an error",
    [renew("one", 3_600), outage(true), call, outage(false), call],
    [{ outcome: "error", sent: [], reads: 1 }, served("one", 1)],
  ],
];

async function playedByNode(steps: readonly Step[]): Promise<Called[]> {
  const time = new ManualTime();
  const secrets = new StubSecretsManager();
  const reader = createTokenReader({
    client: secrets,
    clock: time,
    timers: time,
    prefix: "p",
    refreshAheadMs: 0,
  });
  const dead = new Set<string>();
  const calls: Called[] = [];
  for (const step of steps) {
    switch (step.do) {
      case "renew": {
        const { store, token, lifeSeconds } = step;
        const expiresAt =
          lifeSeconds === undefined ? undefined : later(time.now(), lifeSeconds * SECOND_MS);
        const changes = { accessToken: Sealed.of(token), expiresAt };
        secrets.put(`p/stores/${store}/token`, recordText(store, time.now(), changes));
        break;
      }
      case "kill":
        dead.add(step.token);
        break;
      case "pass":
        time.jump(step.seconds * SECOND_MS);
        break;
      case "outage":
        secrets.before = () => {
          if (step.on) throw awsError("InternalServiceError");
        };
        break;
      case "call": {
        const before = secrets.calls.length;
        const sent: string[] = [];
        const answer = await reader
          .withToken(step.store, ({ accessToken }) => {
            sent.push(accessToken.unseal());
            return { status: dead.has(accessToken.unseal()) ? 401 : 200 };
          })
          .catch(() => ({ status: "error" as const }));
        await settled();
        calls.push({ outcome: answer.status, sent, reads: secrets.calls.length - before });
        break;
      }
      default:
        step satisfies never;
    }
  }
  reader.close();
  return calls;
}

const PROJECT = join(__dirname, "../..");
const EXAMPLE = join(PROJECT, "examples/python-reader");

/** One process plays them all: starting it takes longer than playing. */
function playedByPython(): Called[][] {
  const printed = execFileSync("python3", [join(__dirname, "python/play.py")], {
    encoding: "utf8",
    input: JSON.stringify(SCENARIOS.map(([, steps]) => steps)),
    env: PYTHON,
  });
  const played = JSON.parse(printed) as (Called | null)[][];
  return played.map((calls) => calls.filter((one) => one !== null));
}

const PYTHON = {
  ...process.env,
  PYTHONPATH: [EXAMPLE, join(PROJECT, "test/docs/python")].join(":"),
  PYTHONDONTWRITEBYTECODE: "1",
};

test.each(SCENARIOS)("in Node.js, %s", async (_what, steps, expected) => {
  expect(await playedByNode(steps)).toEqual(expected);
});

describe("in Python", () => {
  let played: Called[][];
  beforeAll(() => {
    played = playedByPython();
  });

  test.each(SCENARIOS.map(([what, , expected], index) => ({ what, expected, index })))(
    "$what",
    ({ expected, index }) => {
      expect(played[index]).toEqual(expected);
    },
  );
});

test("the example for Python has at most forty lines of code", () => {
  const lines = readFileSync(join(EXAMPLE, "shopify_tokens.py"), "utf8").split("\n");
  const code = lines.filter((line) => !/^\s*(#|"""|$)/.test(line));
  expect(code.length).toBeLessThanOrEqual(40);
});

test("callers that wait in Python share one read", () => {
  const script = `
import threading, time, json
from shopify_tokens import ShopifyTokens
class Slow:
    reads = 0
    def get_secret_value(self, *, SecretId):
        self.reads += 1
        ready.wait()
        return {"SecretString": json.dumps({"access_token": "one", "expires_at_epoch": ""})}
ready, slow = threading.Event(), Slow()
tokens = ShopifyTokens("p", slow)
threads = [threading.Thread(target=tokens.record, args=("acme",)) for _ in range(50)]
for thread in threads: thread.start()
ready.set()
for thread in threads: thread.join()
print(slow.reads)
`;
  expect(execFileSync("python3", ["-c", script], { encoding: "utf8", env: PYTHON }).trim()).toBe(
    "1",
  );
});
