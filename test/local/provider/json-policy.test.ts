import { sameJson, samePolicy } from "../../../local/provider/json-policy";

const policy = (...statements: object[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
const ALLOW = { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: "*" };

test.each([
  [
    "another spelling of the JSON",
    policy(ALLOW),
    JSON.stringify(JSON.parse(policy(ALLOW)), undefined, 2),
  ],
  ["a list of one", policy(ALLOW), policy({ ...ALLOW, Action: [ALLOW.Action] })],
  [
    "a single statement",
    policy(ALLOW),
    JSON.stringify({ Version: "2012-10-17", Statement: ALLOW }),
  ],
  [
    "another order of actions",
    policy({ ...ALLOW, Action: ["a:A", "b:B"] }),
    policy({ ...ALLOW, Action: ["b:B", "a:A"] }),
  ],
  [
    "actions in other letters",
    policy(ALLOW),
    policy({ ...ALLOW, Action: "SecretsManager:getsecretvalue" }),
  ],
  [
    "another order of statements",
    policy(ALLOW, { ...ALLOW, Effect: "Deny" }),
    policy({ ...ALLOW, Effect: "Deny" }, ALLOW),
  ],
  ["an empty Sid", policy(ALLOW), policy({ ...ALLOW, Sid: "" })],
  [
    "everybody by either name",
    policy({ ...ALLOW, Principal: "*" }),
    policy({ ...ALLOW, Principal: { AWS: "*" } }),
  ],
  [
    "a condition's boolean as text",
    policy({ ...ALLOW, Condition: { Bool: { "aws:SecureTransport": true } } }),
    policy({ ...ALLOW, Condition: { Bool: { "aws:SecureTransport": ["true"] } } }),
  ],
  ["two empty ones", "", undefined],
  ["none and an empty document", "", "{}"],
] as const)("takes %s for the same policy", (_case, a, b) => {
  expect(samePolicy(a, b)).toBe(true);
  expect(samePolicy(b, a)).toBe(true);
});

test.each([
  ["another effect", { ...ALLOW, Effect: "Deny" }],
  ["one action more", { ...ALLOW, Action: [ALLOW.Action, "secretsmanager:PutSecretValue"] }],
  ["another resource", { ...ALLOW, Resource: "arn:aws:secretsmanager:*" }],
  ["a resource in other letters", { ...ALLOW, Resource: "ARN" }],
  ["a condition", { ...ALLOW, Condition: { Bool: { "aws:SecureTransport": "true" } } }],
  ["another principal", { ...ALLOW, Principal: { Service: "lambda.amazonaws.com" } }],
  ["a Sid", { ...ALLOW, Sid: "x" }],
])("takes %s for another policy", (_case, statement) => {
  expect(samePolicy(policy(ALLOW), policy(statement))).toBe(false);
});

test("takes no policy, or no JSON, for something else than a policy", () => {
  expect(samePolicy(policy(ALLOW), "")).toBe(false);
  expect(samePolicy(policy(ALLOW), undefined)).toBe(false);
  expect(samePolicy(policy(ALLOW), "{}")).toBe(false);
  expect(samePolicy("{", policy(ALLOW))).toBe(false);
});

test("compares other JSON by value, in the order of its lists", () => {
  expect(sameJson('{"a":[1,2],"b":1}', '{"b": 1, "a": [1, 2]}')).toBe(true);
  expect(sameJson('{"a":[1,2]}', '{"a":[2,1]}')).toBe(false);
  expect(sameJson("", "{}")).toBe(false);
});
