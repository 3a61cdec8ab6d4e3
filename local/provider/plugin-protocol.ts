import {
  Metadata,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { describe } from "./aws-error";
import type { Diff, PropertyChange } from "./diff";
import type { Problem } from "./problem";
import { InitializationError, type Lifecycle } from "./provider";
import { type Properties, plainProperties } from "./wire";

// The SDK's own server (@pulumi/pulumi/provider) answers configure, checkConfig and diffConfig itself,
// hides whether a call is a preview, and sends no detailed diff (3.248.0, provider/server.js). So the
// engine's protocol is served here, on the SDK's generated messages.

/** A provider as the plugin protocol needs it. */
export interface Plugin {
  readonly version: string;
  checkConfig(config: Properties): readonly Problem[];
  configure(config: Properties): Promise<void>;
  lifecycle(): Lifecycle;
  invoke(token: string, args: Properties): Promise<Properties>;
}

/** Handlers of `pulumirpc.ResourceProvider`; what is not here is answered as unimplemented. */
export function servePlugin(provider: Plugin): UntypedServiceImplementation {
  return { ...pluginHandlers(provider), ...resourceHandlers(provider) };
}

function pluginHandlers(provider: Plugin): UntypedServiceImplementation {
  return {
    attach: answer<plugin.PluginAttach, Empty>(async () => new Empty()),
    cancel: answer<Empty, Empty>(async () => new Empty()),
    getPluginInfo: answer<Empty, plugin.PluginInfo>(async () =>
      new plugin.PluginInfo().setVersion(provider.version),
    ),
    getSchema: answer<messages.GetSchemaRequest, messages.GetSchemaResponse>(async () =>
      new messages.GetSchemaResponse().setSchema("{}"),
    ),
    checkConfig: answer<messages.CheckRequest, messages.CheckResponse>(async (request) => {
      const news = read(request.getNews());
      return checked(news, provider.checkConfig(news));
    }),
    diffConfig: answer<messages.DiffRequest, messages.DiffResponse>(async (request) => {
      const same =
        JSON.stringify(read(request.getOlds())) === JSON.stringify(read(request.getNews()));
      return new messages.DiffResponse().setChanges(changesOf(!same));
    }),
    configure: answer<messages.ConfigureRequest, messages.ConfigureResponse>(async (request) => {
      await provider.configure(read(request.getArgs()));
      // No acceptSecrets, as in the official provider: the engine takes secrets apart and marks
      // every output of the same name again.
      return new messages.ConfigureResponse().setSupportspreview(true);
    }),
    invoke: answer<messages.InvokeRequest, messages.InvokeResponse>(async (request) => {
      const result = await provider.invoke(request.getTok(), read(request.getArgs()));
      return new messages.InvokeResponse().setReturn(Struct.fromJavaScript(result));
    }),
  };
}

function resourceHandlers(provider: Plugin): UntypedServiceImplementation {
  return { ...planHandlers(provider), ...realHandlers(provider) };
}

function planHandlers(provider: Plugin): UntypedServiceImplementation {
  return {
    check: answer<messages.CheckRequest, messages.CheckResponse>(async (request) => {
      const proposedName = request.getAutonaming()?.getProposedName();
      const { inputs, failures } = provider.lifecycle().check(request.getUrn(), {
        olds: read(request.getOlds()),
        news: read(request.getNews()),
        ...(proposedName ? { proposedName } : {}),
      });
      return checked(inputs, failures);
    }),
    diff: answer<messages.DiffRequest, messages.DiffResponse>(async (request) =>
      diffed(
        provider.lifecycle().diff(request.getUrn(), {
          olds: read(request.getOlds()),
          news: read(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        }),
      ),
    ),
  };
}

function realHandlers(provider: Plugin): UntypedServiceImplementation {
  return {
    create: answer<messages.CreateRequest, messages.CreateResponse>(async (request) => {
      const news = read(request.getProperties());
      const { id, state } = await provider
        .lifecycle()
        .create(request.getUrn(), news, request.getPreview());
      return new messages.CreateResponse().setId(id).setProperties(Struct.fromJavaScript(state));
    }),
    read: answer<messages.ReadRequest, messages.ReadResponse>(async (request) => {
      const [id, urn] = [request.getId(), request.getUrn()];
      const [state, inputs] = [read(request.getProperties()), read(request.getInputs())];
      const found = await provider.lifecycle().read({ id, urn, state, inputs });
      if (!found) return new messages.ReadResponse();
      return new messages.ReadResponse()
        .setId(found.id)
        .setProperties(Struct.fromJavaScript(found.state))
        .setInputs(Struct.fromJavaScript(found.inputs));
    }),
    update: answer<messages.UpdateRequest, messages.UpdateResponse>(async (request) => {
      const state = await provider.lifecycle().update({
        id: request.getId(),
        urn: request.getUrn(),
        olds: read(request.getOlds()),
        news: read(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
        preview: request.getPreview(),
      });
      return new messages.UpdateResponse().setProperties(Struct.fromJavaScript(state));
    }),
    delete: answer<messages.DeleteRequest, Empty>(async (request) => {
      const olds = read(request.getProperties());
      await provider.lifecycle().remove(request.getUrn(), request.getId(), olds);
      return new Empty();
    }),
  };
}

const answer =
  <Request, Response>(handle: (request: Request) => Promise<Response>) =>
  (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
    handle(call.request).then(
      (response) => reply(null, response),
      (error: unknown) => reply(failure(error)),
    );
  };

const read = (struct: Struct | undefined): Properties =>
  plainProperties((struct?.toJavaScript() ?? {}) as Properties);

function checked(inputs: Properties, problems: readonly Problem[]): messages.CheckResponse {
  const failures = problems.map(({ property, reason }) =>
    new messages.CheckFailure().setProperty(property).setReason(reason),
  );
  return new messages.CheckResponse()
    .setInputs(Struct.fromJavaScript(inputs))
    .setFailuresList(failures);
}

const changesOf = (isChanged: boolean): 1 | 2 => (isChanged ? 2 : 1);

function diffed(found: Diff): messages.DiffResponse {
  const response = new messages.DiffResponse()
    .setChanges(changesOf(found.changes.length > 0))
    .setReplacesList([...found.replaces])
    .setStablesList([...found.stables])
    .setDiffsList([...found.changed])
    .setDeletebeforereplace(found.deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const change of found.changes) {
    const detail = new messages.PropertyDiff().setKind(kindOf(change));
    response.getDetaileddiffMap().set(change.path, detail);
  }
  return response;
}

function kindOf({ kind, replace }: PropertyChange): 0 | 1 | 2 | 3 | 4 | 5 {
  if (kind === "add") return replace ? 1 : 0;
  if (kind === "delete") return replace ? 3 : 2;
  return replace ? 5 : 4;
}

interface GrpcFailure {
  readonly code: status;
  readonly message: string;
  readonly metadata?: Metadata;
}

function failure(error: unknown): GrpcFailure {
  const message = describe(error);
  if (!(error instanceof InitializationError)) return { code: status.UNKNOWN, message };
  const detail = new messages.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(Struct.fromJavaScript(error.state))
    .setReasonsList([message]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const grpcStatus = new Status().setCode(status.UNKNOWN).setMessage(message).addDetails(packed);
  const metadata = new Metadata();
  // gRPC's place for structured errors; grpc-js does not fill it by itself.
  metadata.add("grpc-status-details-bin", Buffer.from(grpcStatus.serializeBinary()));
  return { code: status.UNKNOWN, message, metadata };
}
