import { COMMANDS } from "../../cli/commands";
import { suggestionFor } from "../../contract/suggest";
import { Operator } from "./arrange";
import { operatorOfFleet } from "./fleet";

const VERBS = COMMANDS.map(({ name }) => name);

test.each<[string, string | undefined]>([
  ["statsu", "status"],
  ["stat", "status"],
  ["rotat", "rotate"],
  ["rollbak", "rollback"],
  ["doc", "doctor"],
  ["install", "install-link"],
  ["pul", "put"],
  ["delete", undefined],
  ["x", undefined],
])("%s was meant to be %s", (typed, meant) => {
  expect(suggestionFor(typed, VERBS)).toBe(meant);
});

test("an unknown command ends with the one that was meant, else with the help", async () => {
  const near = await new Operator().type("statsu");
  expect(near.err).toContain('there is no command "statsu". Next: shopify-secrets status\n');
  expect(near.code).toBe(2);
  const far = await new Operator().type("delete acme");
  expect(far.err).toContain("Next: shopify-secrets --help\n");
});

test("an unknown option ends with the one that was meant", async () => {
  const { err, code } = await new Operator().type("status --perfix shopify/prod");
  expect(err).toContain(
    "Unknown option '--perfix'; did you mean --prefix? Next: shopify-secrets status --help\n",
  );
  expect(code).toBe(2);
  const far = await new Operator().type(`put acme --secret=geheim`);
  expect(far.err).toContain("Unknown option '--secret'. Next: shopify-secrets put --help\n");
  expect(far.err).not.toContain("geheim");
});

test.each(COMMANDS.map(({ name }) => [name]))("%s has a help, without AWS", async (verb) => {
  const shown = await new Operator().type(`${verb} --help`);
  expect(shown.code).toBe(0);
  expect(shown.out).toContain(`Usage: shopify-secrets ${verb}`);
  expect(shown.out).toContain("Exit codes: 0 ");
  expect((await new Operator().type(`${verb} -h`)).out).toBe(shown.out);
  expect((await new Operator().type(`help ${verb}`)).out).toBe(shown.out);
});

test.each(["status", "check", "doctor", "install-link new-merchant"])(
  "%s speaks JSON, and nothing else",
  async (words) => {
    const operator = await operatorOfFleet();
    operator.functionFacts.set("shopify-prod-install", {
      state: "Active",
      lastUpdate: "Successful",
      variables: { SHOPIFY_SECRETS_INSTALL_DOMAIN: "install.example.com" },
    });
    const { out } = await operator.type(`${words} --json`);
    expect(() => JSON.parse(out) as unknown).not.toThrow();
  },
);
