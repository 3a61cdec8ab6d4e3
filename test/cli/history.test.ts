import { Refusal } from "../../cli/refusal";
import type { EpochMs } from "../../contract/time";
import { ago, HOUR_MS, MINUTE_MS, NOW, Operator, type StoreGiven } from "./arrange";

const ACME: StoreGiven = { key: "acme", kind: "client-credentials", app: "erp" };
const ROTATE = "/aws/lambda/shopify-prod-rotate";
const SWEEP = "/aws/lambda/shopify-prod-sweep";

/** An operator before a store whose function logged a renewal, a refusal and a notice. */
async function operatorOfAcme(): Promise<{ operator: Operator; versionId: string }> {
  const operator = new Operator();
  operator.clock.at = ago(6 * HOUR_MS);
  await operator.addStore(ACME);
  operator.clock.at = ago(2 * HOUR_MS);
  const versionId = await operator.putValue(ACME);
  operator.clock.at = NOW;
  const say = (logGroup: string, at: EpochMs, fields: object) =>
    operator.logged.push({ logGroup, at, fields: { store: "acme", ...fields } });
  say(ROTATE, ago(2 * HOUR_MS), {
    event: "rotation.step",
    step: "finishSecret",
    version_id: versionId,
    outcome: "promoted",
  });
  say(ROTATE, ago(2 * HOUR_MS), { event: "rotation.step", step: "testSecret", outcome: "tried" });
  say(SWEEP, ago(HOUR_MS), { event: "shopify.token_refused", code: "client_secret_rejected" });
  say(SWEEP, ago(59 * MINUTE_MS), {
    event: "sweep.notice",
    turn: "worse",
    state: "failing",
    code: "client_secret_rejected",
  });
  return { operator, versionId };
}

describe("history", () => {
  test("tells what happened, oldest first, and a version that nobody's log names", async () => {
    const { operator, versionId } = await operatorOfAcme();
    const { out, code } = await operator.type("history acme");
    expect(code).toBe(0);
    const rows = out.split("\n").slice(1, 5);
    expect(rows[0]).toMatch(/written by nobody's log/);
    expect(rows[1]).toMatch(new RegExp(`renewed +${versionId.slice(0, 8)} +by rotation`));
    expect(rows[2]).toMatch(/refused by Shopify +client_secret_rejected/);
    expect(rows[3]).toMatch(/people were told +client_secret_rejected +worse: failing/);
    expect(out).toContain("4 happenings, 2 versions");
  });

  test("--since looks back as far as it is told; --json says the same to programs", async () => {
    const { operator } = await operatorOfAcme();
    const { out } = await operator.type("history acme --since 90m --json");
    const told = JSON.parse(out);
    expect(told.happenings.map(({ what }: { what: string }) => what)).toEqual(["refused", "told"]);
    expect(told.happenings[0]).toEqual({
      at: "2026-11-02T11:00:00Z",
      what: "refused",
      code: "client_secret_rejected",
      version_id: null,
      detail: null,
    });
    // The value that was there when the time began.
    expect(told.versions).toHaveLength(1);
    const { out: nothing } = await operator.type("history acme --since 2026-11-02T11:30:00Z");
    expect(nothing).toBe("nothing happened to acme since 2026-11-02T11:30:00Z\n");
  });

  test("--svg draws a bar for each token and a mark for each happening, --html the same with its table", async () => {
    const { operator } = await operatorOfAcme();
    const { out: svg } = await operator.type("history acme --svg");
    expect(svg.match(/<rect x=/g)).toHaveLength(2);
    expect(svg.match(/<circle /g)).toHaveLength(4);
    expect(svg).toContain("refused by Shopify (client_secret_rejected)");
    const { out: page } = await operator.type("history acme --html");
    expect(page).toContain(svg.trim());
    expect(page.match(/<tr>/g)).toHaveLength(5);
  });

  test("the overlap of two tokens is seen: a token's bar ends with its life, not with its successor", async () => {
    const { operator } = await operatorOfAcme();
    const { out } = await operator.type("history acme --svg --since 6h");
    const [first, second] = [...out.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map(
      ([, x, width]) => ({ from: Number(x), to: Number(x) + Number(width) }),
    );
    expect(first?.to).toBeGreaterThan(second?.from ?? Number.POSITIVE_INFINITY);
  });

  test("without the logs it tells the versions, says what is missing, and does not blame anybody", async () => {
    const { operator } = await operatorOfAcme();
    operator.logsRefusal = new Refusal(
      "AWS refuses logs:FilterLogEvents",
      "shopify-secrets doctor",
    );
    const { out, err, code } = await operator.type("history acme --json");
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ happenings: [], versions: [{}, {}] });
    expect(err).toBe(
      "shopify-secrets: without the functions' logs: AWS refuses logs:FilterLogEvents. Next: shopify-secrets doctor\n",
    );
  });

  test.each([
    ["history acme --since yesterday", "--since is neither a span nor an instant"],
    ["history acme --svg --html", "--svg and --html are two forms of one answer"],
    ["history", "name one store"],
  ])("%s is refused before AWS is asked", async (words, says) => {
    const operator = new Operator();
    operator.mayConnect = false;
    const { err, code } = await operator.type(words);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });

  test("what a log line says cannot become a part of the page", async () => {
    const { operator } = await operatorOfAcme();
    operator.logged.push({
      logGroup: SWEEP,
      at: ago(MINUTE_MS),
      fields: { store: "acme", event: "webhook.handled", topic: "<script>alert(1)</script>" },
    });
    const { out } = await operator.type("history acme --html");
    expect(out).not.toContain("<script>");
  });
});
