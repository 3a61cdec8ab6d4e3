import { MINUTE } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP } from "../stand/store-stand";

const HOUR = 60 * MINUTE;

/** An approval whose first reply is still in hand. */
async function approved() {
  const install = await InstallStand.create();
  const visit = await install.begin();
  const reply = await install.answer(install.approve(visit), [visit.cookie]);
  return { install, reply };
}

/** The reply with another result in its address. */
function withResult(
  reply: Awaited<ReturnType<typeof approved>>["reply"],
  change: (text: string) => string,
) {
  const location = change(reply.headers["location"] ?? "");
  return { ...reply, headers: { location } };
}

describe("the page of what came of an approval", () => {
  test("has an address of its own: no code in it, and the ticket is taken away on the way there", async () => {
    const { reply } = await approved();
    expect(reply).toMatchObject({ statusCode: 303, body: "" });
    expect(reply.headers["location"]).toMatch(/^\/callback\?result=acme\.\d+\.[\w-]+\.[\w-]{43}$/);
    expect(reply.headers["location"]).not.toMatch(/code|hmac|state/);
    expect(reply.cookies).toEqual([expect.stringMatching(/=; Max-Age=0;/)]);
  });

  test("can be loaded again and again: it says the same, and asks Shopify and writes nothing", async () => {
    const { install, reply } = await approved();
    const [exchanges, before] = [install.exchanges, await install.snapshot()];
    const pages = [];
    for (let load = 0; load < 5; load += 1) pages.push(await install.showResult(reply));
    expect(new Set(pages.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect(pages[0]?.body).toContain(`${SHOP} is connected`);
    expect(install.exchanges).toBe(exchanges);
    expect(await install.snapshot()).toBe(before);
    expect(install.line("install.refused")).toBeUndefined();
  });

  test("says later what was, and where to see what is", async () => {
    const { install, reply } = await approved();
    install.world.clock.now += HOUR + MINUTE;
    const { statusCode, body } = await install.showResult(reply);
    expect(statusCode).toBe(200);
    expect(body).not.toContain("is connected");
    expect(body).toContain(`Your approval of ${SHOP} was stored`);
    expect(body).toContain('href="/install/acme"');
  });

  test("still opens when the client secret was changed in between, as long as the one before counts", async () => {
    const { install, reply } = await approved();
    const [first] = await Promise.all([install.showResult(reply)]);
    await install.world.putAppSecret("shpss_second_client_secret", "shpss_first_client_secret");
    expect((await install.showResult(reply)).body).toBe(first.body);
  });

  test.each<[string, (location: string) => string]>([
    ["a seal of nobody", (location) => location.replace(/.{43}$/, "A".repeat(43))],
    ["another moment", (location) => location.replace(/acme\.\d/, "acme.2")],
    [
      "another text",
      (location) =>
        location.replace(/(acme\.\d+)\.[\w-]+/, (_all, head: string) => {
          const said = { outcome: "promoted", code: "", missing: ["call 555-0100"] };
          return `${head}.${Buffer.from(JSON.stringify(said)).toString("base64url")}`;
        }),
    ],
    ["a second parameter", (location) => `${location}&result=x`],
    ["no JSON at all", (location) => location.replace(/(acme\.\d+)\.[\w-]+/, "$1.AAAA")],
    ["a text without an end", (location) => `${location}${"A".repeat(9_000)}`],
  ])("with %s is refused, and shows nothing of it", async (_name, change) => {
    const { install, reply } = await approved();
    const page = await install.showResult(withResult(reply, change));
    expect(page.statusCode).toBe(400);
    expect(page.body).toContain("This is not an answer from Shopify");
    expect(page.body).not.toContain("555");
  });

  test("of a store that nobody declares leads nowhere", async () => {
    const { install, reply } = await approved();
    const elsewhere = withResult(reply, (location) => location.replace("acme.", "nobody."));
    expect((await install.showResult(elsewhere)).statusCode).toBe(404);
  });
});
