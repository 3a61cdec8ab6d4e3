import fc from "fast-check";
import {
  adviceOf,
  ERROR_CODES,
  type ErrorFacts,
  enrolmentAdviceOf,
  enrolmentSentenceOf,
  partsOfSentence,
  sentenceOf,
} from "../../contract/errors";
import { KINDS } from "../../contract/kinds";

const facts = fc.record(
  {
    shop: fc.constant("acme.myshopify.com" as never),
    store: fc.constant("acme" as never),
    kind: fc.constantFrom(...KINDS),
    step: fc.constantFrom("createSecret", "finishSecret"),
    httpStatus: fc.integer({ min: 100, max: 599 }),
    scopes: fc.array(fc.constantFrom("read_products", "write_orders")),
    field: fc.constant("access_token"),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<ErrorFacts>;

const ofAnyCode = (check: (code: (typeof ERROR_CODES)[number], facts: ErrorFacts) => void) =>
  fc.assert(fc.property(fc.constantFrom(...ERROR_CODES), facts, check), { numRuns: 2_000 });

describe("the sentence of a failure", () => {
  test("comes apart into what was put into it, whatever the code and its facts", () => {
    ofAnyCode((code, given) => {
      const parts = partsOfSentence(code, sentenceOf(code, given));
      const { says, next } = adviceOf(code, given);
      expect(parts?.next).toBe(next);
      expect(parts?.says.startsWith(`${code}: ${says}`)).toBe(true);
      const enrolled = partsOfSentence(code, enrolmentSentenceOf(code, given));
      expect(enrolled?.next).toBe(enrolmentAdviceOf(code, given).next);
    });
  });

  test("of another code, or of nobody, has no parts", () => {
    expect(partsOfSentence("shop_frozen", sentenceOf("token_dead"))).toBeUndefined();
    expect(partsOfSentence("shop_frozen", "shop_frozen: and no more")).toBeUndefined();
  });
});
