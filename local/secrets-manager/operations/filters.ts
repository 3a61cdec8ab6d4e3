import { invalidParameter } from "../aws-error";
import type { Filter } from "../requests";
import type { Secret } from "../state";

type Test = (secret: Secret) => boolean;

/**
 * A filter as a test: a secret passes when one of the values matches; `!` before a value negates it.
 * Names and tags match by prefix, descriptions and "all" by the beginnings of words.
 *
 * @throws {AwsError} `InvalidParameterException`
 */
export function filterOf({ Key: key, Values: values }: Filter): Test {
  if (key === undefined) throw invalidParameter("Invalid filter key");
  if (values === undefined) throw invalidParameter(`Invalid filter values for key: ${key}`);
  const tests = values.map((value) =>
    value.startsWith("!") ? not(valueTest(key, value.slice(1))) : valueTest(key, value),
  );
  return (secret) => tests.some((test) => test(secret));
}

const not =
  (test: Test): Test =>
  (secret) =>
    !test(secret);

function valueTest(key: string, value: string): Test {
  switch (key) {
    case "name":
      return (secret) => secret.name.startsWith(value);
    case "tag-key":
      return (secret) => (secret.tags ?? []).some((tag) => tag.Key.startsWith(value));
    case "tag-value":
      return (secret) => (secret.tags ?? []).some((tag) => tag.Value.startsWith(value));
    case "description":
      return (secret) => hasWords(secret.description ?? "", value);
    case "primary-region":
    case "owning-service": // set only on replicas and on secrets that another service manages
      return () => false;
    case "all":
      return (secret) => textsOf(secret).some((text) => hasWords(text, value));
    default:
      throw invalidParameter("Invalid filter key");
  }
}

const textsOf = (secret: Secret): string[] => [
  secret.name,
  secret.description ?? "",
  ...(secret.tags ?? []).flatMap((tag) => [tag.Key, tag.Value]),
];

function hasWords(text: string, wanted: string): boolean {
  const words = wordsOf(text);
  const prefixes = wordsOf(wanted);
  return (
    prefixes.length > 0 && prefixes.every((prefix) => words.some((word) => word.startsWith(prefix)))
  );
}

/** "COMPANYthings" is COMPAN + Ythings to AWS (verified by moto's tests); case does not count afterwards. */
function wordsOf(text: string): string[] {
  const words = text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g) ?? [];
  return words.map((word) => word.toLowerCase());
}
