import type { AppKey, VersionId } from "../../contract/brands";
import { KINDS } from "../../contract/kinds";
import { encodeRecord, LARGEST_VALUE_BYTES, type StoreRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { HOUR_MS, later } from "../../contract/time";
import { RECORD_KEYS } from "../contract/record-keys";
import { recordOf, START } from "./records";

// The record against the rules of those who read it without us. Each rule is the consumer's, written down as the code
// that the consumer applies; docs/consuming.md has the recipes.

const RECORDS: readonly StoreRecord[] = KINDS.flatMap((kind) => [
  recordOf("acme", START, { kind }),
  recordOf("acme", START, {
    kind,
    expiresAt: undefined,
    app: "fulfilment" as AppKey,
    parentVersion: "0b0f2f5e-7d3c-4a44-9d58-0f6a54f5a001" as VersionId,
    refreshTokenSealed: "AQICAHhzZWFsZWQ=",
    refreshTokenExpiresAt: later(START, 2_160 * HOUR_MS),
    checked: "shopify_unreachable",
  }),
]);
const TEXTS = RECORDS.map(encodeRecord);
const valueIn = (text: string) => JSON.parse(text) as Readonly<Record<string, unknown>>;
const KEYS = Object.keys(valueIn(TEXTS[0] ?? ""));

describe("ECS: secrets.valueFrom with a JSON key", () => {
  /** What the agent puts into the environment: Go's `%v` of a top-level key; a missing one stops the task. */
  function environmentValue(text: string, key: string): string {
    const value = valueIn(text)[key];
    if (value === undefined) throw new Error("ResourceInitializationError: missing key");
    return typeof value === "number" ? goFloat(value) : String(value);
  }

  /** Go prints a float64 of a million or more with an exponent of at least two digits. */
  const goFloat = (value: number) =>
    value >= 1e6 ? value.toExponential().replace(/e\+(\d)$/, "e+0$1") : `${value}`;

  test("a number would be spoiled, which is why there is none", () => {
    expect(environmentValue('{"expires_at_epoch":1795392000}', "expires_at_epoch")).toBe(
      "1.795392e+09",
    );
    for (const text of TEXTS) {
      const epoch = environmentValue(text, "expires_at_epoch");
      expect(epoch).toMatch(/^(\d{10})?$/);
    }
  });

  test("no kind and no state of a store lacks a key", () => {
    for (const text of TEXTS) expect(Object.keys(valueIn(text))).toEqual(KEYS);
  });

  test("a key can stand between the colons of valueFrom, and its value in an environment variable", () => {
    for (const text of TEXTS) {
      for (const [key, value] of Object.entries(valueIn(text))) {
        expect(key).not.toContain(":");
        expect(String(value)).toMatch(/^[\x20-\x7e]*$/); // no line break, no NUL
      }
    }
  });
});

describe("EKS: the Secrets Store CSI driver", () => {
  test("every value is a string, as its jmesPath wants", () => {
    const values = TEXTS.flatMap((text) => Object.values(valueIn(text)));
    expect(values.filter((value) => typeof value !== "string")).toEqual([]);
  });

  test("every key is a JMESPath identifier that needs no quotes", () => {
    expect(KEYS.filter((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))).toEqual([]);
  });
});

describe("EKS: External Secrets Operator", () => {
  /** `property` is a gjson path: dots, stars, question marks, pipes, hashes and at signs have a meaning there. */
  test("every key is its own path", () => {
    expect(KEYS.filter((key) => /[.*?|#@\\!{}[\]()=<>%"]/.test(key))).toEqual([]);
  });

  test("extract makes one valid Kubernetes key of each, one level deep", () => {
    for (const text of TEXTS) {
      for (const [key, value] of Object.entries(valueIn(text))) {
        expect(key).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
        expect(typeof value).toBe("string");
      }
    }
  });
});

describe("everyone", () => {
  test("the keys are these, and taking one away breaks a consumer", () => {
    expect(KEYS).toEqual(RECORD_KEYS);
  });

  test("the token is under access_token, and the end of its life in both forms agrees", () => {
    for (const text of TEXTS) {
      const { access_token, expires_at, expires_at_epoch } = valueIn(text);
      expect(access_token).toBe(`shpat_acme_${START}`);
      const seconds = expires_at === "" ? "" : String(Date.parse(String(expires_at)) / 1_000);
      expect(expires_at_epoch).toBe(seconds);
    }
  });

  test("a record as large as it gets fits into a secret, and an environment variable of Linux", () => {
    const scopes = Array.from({ length: 300 }, (_, index) => `write_long_name_of_a_scope_${index}`);
    const text = encodeRecord(
      recordOf("a".repeat(60), START, {
        scopes,
        accessToken: Sealed.of("x".repeat(1_024)),
        refreshTokenSealed: "A".repeat(4_096),
      }),
    );
    expect(new TextEncoder().encode(text).byteLength).toBeLessThan(LARGEST_VALUE_BYTES);
    expect(LARGEST_VALUE_BYTES).toBeLessThan(131_072); // MAX_ARG_STRLEN
  });
});
