import { readJsonObject } from "../../../contract/texts/json-object";

test.each<[string, unknown]>([
  ['{"a":"b","c":["a",{"a":1}]}', { object: { a: "b", c: ["a", { a: 1 }] } }],
  ['{"a":"\\"a\\":","\\u0061b":": \\\\"}', { object: { a: '"a":', ab: ": \\" } }],
  ['{"a":1,"a":1}', { wrong: "has the same key twice" }],
  ['{"a":1,"\\u0061" :2}', { wrong: "has the same key twice" }],
  ['{"a":{"b":1,"b":2}}', { wrong: "has the same key twice" }],
  ['{"__proto__":1,"__proto__":2}', { wrong: "has the same key twice" }],
  ["[1]", { wrong: "is no JSON object" }],
  ["null", { wrong: "is no JSON object" }],
  ['{"a":1', { wrong: "is no JSON object" }],
])("%s", (text, reading) => {
  expect(readJsonObject(text)).toEqual(reading);
});
