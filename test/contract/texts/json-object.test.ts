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
  ["east", { wrong: "is no JSON object" }],
  ["", { wrong: "is no JSON object" }],
])("%s", (text, reading) => {
  expect(readJsonObject(text)).toEqual(reading);
});

const CANARY = "shpat_canary";
test.each([
  [`{"a":"${CANARY}",}`, "a comma stands before the bracket that closes (column 20)"],
  [`{"a":["${CANARY}",],"b":", }"}`, "a comma stands before the bracket that closes (column 21)"],
  [`{"a":"${CANARY}",,"b":1}`, "two commas stand there (column 20)"],
  [`{"a":"${CANARY}"},`, "a comma stands after its last } (column 21)"],
  [`{"a":"${CANARY}"} {"b":1}`, "another begins in the same line (column 22)"],
  [`{a:"${CANARY}"}`, "a key without double quotes stands there (column 2)"],
  [`{"a":"${CANARY}",'b':1}`, "a key without double quotes stands there (column 21)"],
  [`{"a":'${CANARY}'}`, "a text in single quotes stands there (column 6)"],
  [`{"a":"${CANARY}"`, "the } that closes it is not in the same line (column 1)"],
  [`{"a":"${CANARY}" "b":1}`, "see its column 21"],
  [`{"a":"${CANARY}\\x"}`, "see its column 20"],
])("%s is told by what is wrong, without a word of it", (text, says) => {
  expect(readJsonObject(text)).toEqual({ wrong: `is no JSON object: ${says}` });
});
