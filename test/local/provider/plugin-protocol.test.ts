import { promisify } from "node:util";
import {
  type CallOptions,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import {
  ResourceProviderClient,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Plugin, servePlugin } from "../../../local/provider/plugin-protocol";
import { createLifecycle } from "../../../local/provider/provider";
import { refuseAccount } from "../../../local/provider/provider-config";
import { RESOURCE_TYPES } from "../../../local/provider/resource-types";
import { asSecret, type Properties, UNKNOWN } from "../../../local/provider/wire";
import { awsError, CONFIG, fakeAws, hurried } from "./stand-in";

const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:acme-abcdef";
const urnOf = (type: string) => `urn:pulumi:dev::shopify-secrets::${type}::acme`;
const SECRET = urnOf("shopify-secrets:index:StoreSecret$aws:secretsmanager/secret:Secret");

function createPlugin(aws: ReturnType<typeof fakeAws>["aws"]): Plugin {
  const around = { config: CONFIG, clientsIn: () => aws, patience: hurried().patience };
  const lifecycle = createLifecycle(RESOURCE_TYPES, around);
  return {
    version: "7.48.0",
    checkConfig: () => [],
    configure: async (config) =>
      refuseAccount({ ...CONFIG, allowedAccountIds: [String(config["only"])] }, "000000000000"),
    lifecycle: () => lifecycle,
    invoke: async (token) => ({ token }),
  };
}

let server: Server;
let client: ResourceProviderClient;
let answers: Record<string, object>;

beforeEach(async () => {
  answers = {};
  const aws = fakeAws(new Proxy({}, { get: (_, name) => answers[String(name)] })).aws;
  server = new Server();
  server.addService(ResourceProviderService, servePlugin(createPlugin(aws)));
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind("127.0.0.1:0", ServerCredentials.createInsecure());
  client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterEach(() => {
  client.close();
  server.forceShutdown();
});

const struct = (properties: Properties) => Struct.fromJavaScript(properties);
const properties = (from: { getProperties(): Struct | undefined }) =>
  from.getProperties()?.toJavaScript();

type Reply<Response> = (error: ServiceError | null, response: Response) => void;
type Call<Request, Response> = (
  ...args: [Request, Metadata, Partial<CallOptions>, Reply<Response>]
) => unknown;

const ask = <Request, Response>(
  call: Call<Request, Response>,
  request: Request,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    const reply = (error: ServiceError | null, response: Response) =>
      error ? reject(error) : resolve(response);
    call.call(client, request, new Metadata(), {}, reply);
  });

test("supports previews and leaves secrets to the engine, as the official provider does", async () => {
  const request = new messages.ConfigureRequest().setArgs(struct({ only: "000000000000" }));
  const response = await ask(client.configure, request);
  expect(response.getSupportspreview()).toBe(true);
  expect(response.getAcceptsecrets()).toBe(false);
});

test("refuses another account before anything is done", async () => {
  const request = new messages.ConfigureRequest().setArgs(struct({ only: "123456789012" }));
  await expect(ask(client.configure, request)).rejects.toMatchObject({
    details: "AWS account ID not allowed: 000000000000",
  });
});

test("names its version and acknowledges the end", async () => {
  const info = await ask(client.getPluginInfo, new Empty());
  expect(info.getVersion()).toBe("7.48.0");
  await expect(ask(client.cancel, new Empty())).resolves.toBeInstanceOf(Empty);
});

test("names a resource type that it does not know", async () => {
  const request = new messages.CheckRequest()
    .setUrn(urnOf("aws:ec2/vpc:Vpc"))
    .setOlds(struct({}))
    .setNews(struct({}));
  await expect(ask(client.check, request)).rejects.toMatchObject({
    details: 'the stand-in aws provider knows no resource type "aws:ec2/vpc:Vpc"',
  });
});

test("reports the mistakes of the inputs by property", async () => {
  const request = new messages.CheckRequest()
    .setUrn(SECRET)
    .setOlds(struct({}))
    .setNews(struct({ name: "acme", colour: "red" }));
  const response = await ask(client.check, request);
  expect(response.getFailuresList().map((failure) => failure.getProperty())).toEqual(["colour"]);
});

test("shows a new resource in a preview without asking AWS", async () => {
  const request = new messages.CreateRequest()
    .setUrn(SECRET)
    .setProperties(struct({ name: "acme" }))
    .setPreview(true);
  const response = await ask(client.create, request);
  expect(response.getId()).toBe("");
  expect(properties(response)).toMatchObject({ name: "acme", arn: UNKNOWN });
});

test("takes secrets apart and answers with what AWS has", async () => {
  answers = {
    CreateSecret: { ARN },
    DescribeSecret: { ARN, Name: "acme", Description: "as stored" },
    GetResourcePolicy: {},
  };
  const news = { name: "acme", description: asSecret("as passed") };
  const request = new messages.CreateRequest().setUrn(SECRET).setProperties(struct(news));
  const response = await ask(client.create, request);
  expect(response.getId()).toBe(ARN);
  expect(properties(response)).toMatchObject({ arn: ARN, description: "as stored" });
});

test("keeps a resource in the state that AWS has but that did not become right", async () => {
  answers = {
    CreateSecret: { ARN },
    PutResourcePolicy: awsError("InvalidParameterException", "no"),
  };
  const news = { name: "acme", policy: '{"Statement":[]}' };
  const request = new messages.CreateRequest().setUrn(SECRET).setProperties(struct(news));
  const failed: ServiceError = await ask(client.create, request).then(
    () => Promise.reject(new Error("must fail")),
    (error: ServiceError) => error,
  );
  expect(failed.code).toBe(status.UNKNOWN);
  const [details] = failed.metadata.get("grpc-status-details-bin");
  expect(String(details)).toContain("pulumirpc.ErrorResourceInitFailed");
  expect(String(details)).toContain(ARN);
});

test("reads a resource that is gone as gone", async () => {
  answers = { DescribeSecret: awsError("ResourceNotFoundException", "gone") };
  const request = new messages.ReadRequest()
    .setUrn(SECRET)
    .setId(ARN)
    .setProperties(struct({ name: "acme" }))
    .setInputs(struct({ name: "acme" }));
  expect((await ask(client.read, request)).getId()).toBe("");
});

test("reads drift into state and inputs", async () => {
  answers = { DescribeSecret: { ARN, Name: "acme", Description: "drift" }, GetResourcePolicy: {} };
  const stored = { name: "acme", description: "one" };
  const request = new messages.ReadRequest()
    .setUrn(SECRET)
    .setId(ARN)
    .setProperties(struct({ ...stored, recoveryWindowInDays: 7 }))
    .setInputs(struct(stored));
  const response = await ask(client.read, request);
  expect(properties(response)).toMatchObject({ description: "drift", recoveryWindowInDays: 7 });
  expect(response.getInputs()?.toJavaScript()).toEqual({ name: "acme", description: "drift" });
});

test("says in detail what an update would change and replace", async () => {
  const request = new messages.DiffRequest()
    .setUrn(SECRET)
    .setId(ARN)
    .setOlds(struct({ name: "acme", description: "one" }))
    .setNews(struct({ name: "other", description: "one", kmsKeyId: "k", __defaults: [] }));
  const response = await ask(client.diff, request);
  const details = response.getDetaileddiffMap();
  expect(response.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_SOME);
  expect(response.getReplacesList()).toEqual(["name"]);
  expect(response.getDeletebeforereplace()).toBe(true);
  expect(details.get("name")?.getKind()).toBe(messages.PropertyDiff.Kind.UPDATE_REPLACE);
  expect(details.get("kmsKeyId")?.getKind()).toBe(messages.PropertyDiff.Kind.ADD);
});

test("previews an update without asking AWS", async () => {
  const request = new messages.UpdateRequest()
    .setUrn(SECRET)
    .setId(ARN)
    .setOlds(struct({ name: "acme", arn: ARN, description: "one" }))
    .setNews(struct({ name: "acme", description: "two" }))
    .setPreview(true);
  expect(properties(await ask(client.update, request))).toEqual({
    name: "acme",
    arn: ARN,
    description: "two",
  });
});

test("answers functions", async () => {
  const token = "aws:index/getRegion:getRegion";
  const request = new messages.InvokeRequest().setTok(token).setArgs(struct({}));
  expect((await ask(client.invoke, request)).getReturn()?.toJavaScript()).toEqual({ token });
});
