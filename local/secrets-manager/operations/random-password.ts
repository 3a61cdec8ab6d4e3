import { invalidParameter } from "../aws-error";
import type { GetRandomPasswordRequest } from "../requests";
import {
  answered,
  type ModelState,
  type Outcome,
  type Randomness,
  type Surroundings,
} from "../state";

const DEFAULT_LENGTH = 32;

export function getRandomPassword(
  state: ModelState,
  request: GetRandomPasswordRequest,
  around: Surroundings,
): Outcome {
  const length = request.PasswordLength ?? DEFAULT_LENGTH;
  const classes = characterClasses(request);
  const fromEach = request.RequireEachIncludedType === false ? [] : classes;
  if (classes.length === 0 || fromEach.length > length) {
    throw invalidParameter("The password length and the excluded characters leave no password.");
  }
  const all = classes.join("");
  const picked = Array.from({ length }, (_, index) =>
    pick(fromEach[index] ?? all, around.randomness),
  );
  return answered(state, { RandomPassword: shuffled(picked, around.randomness).join("") });
}

/** AWS's API text of GetRandomPassword names the punctuation. */
function characterClasses(request: GetRandomPasswordRequest): readonly string[] {
  const excluded = new Set(request.ExcludeCharacters ?? "");
  return [
    request.ExcludeLowercase ? "" : "abcdefghijklmnopqrstuvwxyz",
    request.ExcludeUppercase ? "" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    request.ExcludeNumbers ? "" : "0123456789",
    request.ExcludePunctuation ? "" : "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    request.IncludeSpace ? " " : "",
  ]
    .map((characters) => [...characters].filter((character) => !excluded.has(character)).join(""))
    .filter((characters) => characters !== "");
}

const pick = (characters: string, randomness: Randomness): string =>
  characters.charAt(randomness.index(characters.length));

function shuffled(characters: readonly string[], randomness: Randomness): string[] {
  const left = [...characters];
  return characters.map(() => left.splice(randomness.index(left.length), 1)[0] ?? "");
}
