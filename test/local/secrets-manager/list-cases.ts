import {
  apiModel,
  type CaseStep,
  create,
  localstackTest,
  motoList,
  type RecordedCase,
} from "./case-table";

const made = (name: string, number: number, more: object = {}): CaseStep =>
  create(number, "s", { Name: name, ...more });

const finds = (
  filters: readonly (readonly [string, readonly string[]])[],
  names: readonly string[],
): CaseStep => ({
  operation: "ListSecrets",
  input: { Filters: filters.map(([Key, Values]) => ({ Key, Values })) },
  answer: { SecretList: names.map((Name) => ({ Name })) },
});

const DESCRIBED = [
  made("testing1/one", 1, { Description: "a secret" }),
  made("/testing2/two", 2, { Description: "an secret" }),
  made("testing3/three", 3, { Description: "asecret" }),
  made("/testing4/four", 4, { Description: "thesecret" }),
];
const ALL = ["testing1/one", "/testing2/two", "testing3/three", "/testing4/four"] as const;
const [one, two, three, four] = ALL;

const SPECIAL = [
  "prod/AppBeta/x1",
  "prod_AppBeta_x1",
  "prod+AppBeta+x1",
  "prod=AppBeta=x1",
  "prod.AppBeta.x1",
  "prod@AppBeta@x1",
  "prod-AppBeta-x1",
];

/** What ListSecrets finds. */
export const LIST_CASES: readonly RecordedCase[] = [
  {
    title: "filters by name and description",
    source: localstackTest("test_list_secrets_filtering"),
    steps: [
      ...DESCRIBED,
      finds([["name", ["/"]]], [two, four]),
      finds([["name", ["!/"]]], [one, three]),
      finds([["name", ["testing1 one"]]], []),
      finds([["description", ["a"]]], [one, two, three]),
      finds([["description", ["!a"]]], [four]),
      finds([["description", ["a secret"]]], [one, two]),
      finds([["description", ["!c"]]], ALL),
      finds(
        [
          ["description", ["a"]],
          ["name", ["secret"]],
        ],
        [],
      ),
      finds(
        [
          ["description", ["a"]],
          ["name", ["an"]],
        ],
        [],
      ),
    ],
  },
  {
    title: 'the filter "all" looks for beginnings of words in every text',
    source: motoList("test_with_all_filter"),
    steps: [
      made("SecretOne77", 1),
      made("SecretTwo77", 2, { Description: "DescTwo" }),
      made("Thirdsecret77", 3),
      made("SecretFTag77", 4, { Tags: [{ Key: "1", Value: "foo" }] }),
      made("SecretFValue77", 5, { Tags: [{ Key: "foo", Value: "v" }] }),
      made("none77", 6),
      finds([["all", ["SecretOne"]]], ["SecretOne77"]),
      finds([["all", ["foo"]]], ["SecretFTag77", "SecretFValue77"]),
      ...["Secret", "secret", "sec"].map((word) =>
        finds([["all", [word]]], ["SecretOne77", "SecretTwo77", "SecretFTag77", "SecretFValue77"]),
      ),
      finds([["all", ["ret"]]], []),
      finds([["all", ["SomeSecret"]]], []),
      finds([["all", ["d"]]], ["SecretTwo77"]),
      finds([["all", ["d t"]]], ["SecretTwo77"]),
      finds([["all", ["t"]]], ["SecretTwo77", "Thirdsecret77", "SecretFTag77"]),
    ],
  },
  {
    title: "special characters and capitals part words",
    source: motoList("test_with_all_filter_special_characters"),
    steps: [
      ...SPECIAL.map((name, index) => made(name, index + 1)),
      made("uat/COMPANY/x1", 8),
      made("uat/COMPANYthings/x1", 9),
      finds([["all", ["AppBeta"]]], SPECIAL),
      finds([["all", ["Beta"]]], SPECIAL),
      finds([["all", ["AppBeta", "prod"]]], SPECIAL),
      finds([["all", ["+"]]], []),
      finds([["all", ["x1"]]], [...SPECIAL, "uat/COMPANY/x1", "uat/COMPANYthings/x1"]),
      finds([["all", ["company"]]], ["uat/COMPANY/x1"]),
      finds([["all", ["things"]]], []),
      finds([["all", ["Ythings"]]], ["uat/COMPANYthings/x1"]),
      finds([["all", ["N"]]], []),
      finds([["all", ["pany"]]], []),
    ],
  },
  {
    title: "two filters of the same key must both pass",
    source: motoList("test_with_duplicate_filter_keys"),
    steps: [
      made("foo", 1, { Description: "one two" }),
      made("bar", 2, { Description: "one" }),
      made("baz", 3, { Description: "two" }),
      finds(
        [
          ["description", ["one"]],
          ["description", ["two"]],
        ],
        ["foo"],
      ),
    ],
  },
  {
    title: "a value of several words must match with every word",
    source: motoList("test_with_filter_with_value_with_multiple_words"),
    steps: [
      made("foo", 1, { Description: "one two" }),
      made("bar", 2, { Description: "one and two" }),
      made("baz", 3, { Description: "one" }),
      made("qux", 4, { Description: "two" }),
      made("none", 5, { Description: "unrelated" }),
      finds([["description", ["one two"]]], ["foo", "bar"]),
      finds([["description", ["o t"]]], ["foo", "bar"]),
      finds([["description", ["t"]]], ["foo", "bar", "qux"]),
    ],
  },
  {
    title: "secrets marked for deletion are listed only when asked for",
    source: apiModel("ListSecretsRequest (text of IncludePlannedDeletion)"),
    steps: [
      made("foo", 1),
      made("bar", 2),
      { operation: "DeleteSecret", input: { SecretId: "foo" } },
      finds([], ["bar"]),
      {
        operation: "ListSecrets",
        input: { IncludePlannedDeletion: true },
        answer: { SecretList: [{ Name: "foo", DeletedDate: expect.any(Date) }, { Name: "bar" }] },
      },
    ],
  },
  {
    title: "BatchGetSecretValue lists what failed beside what it found",
    source: apiModel("BatchGetSecretValueResponse, APIErrorType"),
    steps: [
      made("foo", 1),
      made("bar", 2),
      {
        operation: "BatchGetSecretValue",
        input: { SecretIdList: ["foo", "nobody"] },
        answer: {
          SecretValues: [
            { Name: "foo", SecretString: "s", VersionId: "{v1}", VersionStages: ["AWSCURRENT"] },
          ],
          Errors: [
            {
              SecretId: "nobody",
              ErrorCode: "ResourceNotFoundException",
              Message: "Secrets Manager can't find the specified secret.",
            },
          ],
        },
      },
      {
        operation: "BatchGetSecretValue",
        input: { Filters: [{ Key: "name", Values: ["b"] }] },
        answer: { SecretValues: [{ Name: "bar" }], Errors: [] },
      },
      { operation: "BatchGetSecretValue", input: {}, error: { code: "InvalidParameterException" } },
      {
        operation: "BatchGetSecretValue",
        input: { SecretIdList: ["foo"], Filters: [] },
        error: { code: "InvalidParameterException" },
      },
    ],
  },
];
