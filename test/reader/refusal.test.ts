import { discard, saysUnauthorized } from "../../reader/refusal";

function circle(): object {
  const error = new Error("one") as Error & { cause?: unknown };
  error.cause = { error };
  return error;
}

test.each([
  ["a Response", new Response("", { status: 401 })],
  ["an error with a status", Object.assign(new Error(), { status: 401 })],
  ["an error with a status code", { statusCode: 401 }],
  ["an error of @shopify/shopify-api", { response: { code: 401, statusText: "Unauthorized" } }],
  ["an error of axios", { response: { status: 401 } }],
  ["an error of got", { response: { statusCode: 401 } }],
  ["a result of the GraphQL clients", { errors: { networkStatusCode: 401 } }],
  ["a status as text", { status: "401" }],
  ["an error of Apollo Client", { networkError: { name: "ServerError", statusCode: 401 } }],
  ["a result of Apollo Client", { data: undefined, error: { statusCode: 401 } }],
  ["an error of urql", { name: "CombinedError", response: { status: 401 }, networkError: {} }],
  ["a result of urql", { error: { name: "CombinedError", response: { status: 401 } } }],
  ["an error of graphql-request", { response: { status: 401, errors: [] }, request: {} }],
  ["an error behind a cause", new Error("", { cause: new Error("", { cause: { status: 401 } }) })],
  ["one of several", new AggregateError([new Error(), { response: { status: 401 } }])],
])("%s says 401", (_what, value) => {
  expect(saysUnauthorized(value)).toBe(true);
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a number", 401],
  ["a text", "401"],
  ["another status", { status: 403 }],
  ["a status of HTTP, whatever is inside", { status: 200, cause: { status: 401 } }],
  [
    "something that is deeper than anybody wraps",
    { cause: { cause: { cause: { cause: { cause: { status: 401 } } } } } },
  ],
  ["a circle", circle()],
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
