import { discard, saysUnauthorized } from "../../reader/refusal";

test.each([
  ["a Response", new Response("", { status: 401 })],
  ["an error with a status", Object.assign(new Error(), { status: 401 })],
  ["an error with a status code", { statusCode: 401 }],
  ["an error of @shopify/shopify-api", { response: { code: 401, statusText: "Unauthorized" } }],
  ["an error of axios", { response: { status: 401 } }],
  ["an error of got", { response: { statusCode: 401 } }],
  ["a result of the GraphQL clients", { errors: { networkStatusCode: 401 } }],
])("%s says 401", (_what, value) => {
  expect(saysUnauthorized(value)).toBe(true);
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a number", 401],
  ["a text", "401"],
  ["another status", { status: 403 }],
  ["a status as text", { status: "401" }],
  ["a code of its own", { code: 401 }],
  ["GraphQL errors", { errors: [{ message: "401" }] }],
  ["a response that is a text", { response: "401" }],
])("%s does not", (_what, value) => {
  expect(saysUnauthorized(value)).toBe(false);
});

test("a body that nobody reads is cancelled", async () => {
  let cancelled = false;
  const body = new ReadableStream({
    cancel: () => {
      cancelled = true;
    },
  });
  await discard(new Response(body));
  expect(cancelled).toBe(true);
});

test.each([undefined, "text", {}, { body: null }, { body: "text" }])(
  "%p has nothing to cancel",
  async (value) => {
    await expect(discard(value)).resolves.toBeUndefined();
  },
);

test("a body in use is left alone", async () => {
  const answer = new Response("text");
  await answer.text();
  await expect(discard(answer)).resolves.toBeUndefined();
});
