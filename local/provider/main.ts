import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { createAwsClients } from "./aws-clients";
import { during } from "./aws-error";
import { engineLog, type Say } from "./engine-log";
import { invoke } from "./invoke";
import { createPatience, patienceFrom } from "./patience";
import { type Plugin, servePlugin } from "./plugin-protocol";
import { createLifecycle, type Lifecycle, type Surroundings } from "./provider";
import { checkConfig, parseConfig, refuseAccount } from "./provider-config";
import { RESOURCE_TYPES } from "./resource-types";

/** The release of the official provider that the tables follow. */
const VERSION = "7.48.0";

function createPlugin(environment: NodeJS.ProcessEnv, say: Say): Plugin {
  const patience = createPatience(patienceFrom(environment));
  // With the seed the same order can be had again.
  const onCreateFailed = (urn: string, seed: number) =>
    say(urn, `failed in the creation order of STAND_IN_AWS_SEED=${seed}`);
  let around: Surroundings | undefined;
  let lifecycle: Lifecycle | undefined;
  const configured = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error("the aws provider is not configured");
    return part;
  };
  return {
    version: VERSION,
    checkConfig,
    configure: async (properties) => {
      const config = parseConfig(properties, environment);
      const clientsIn = createAwsClients(config);
      const { sts } = clientsIn(config.region);
      const identity = await during(
        "retrieving AWS account details",
        sts.send(new GetCallerIdentityCommand({})),
      );
      refuseAccount(config, identity.Account ?? "");
      around = { config, clientsIn, patience, onCreateFailed };
      lifecycle = createLifecycle(RESOURCE_TYPES, around);
    },
    lifecycle: () => configured(lifecycle),
    invoke: (token, args) => {
      const { config, clientsIn } = configured(around);
      const { sts, lambda } = clientsIn(config.region);
      return invoke(token, args, { config, sts, lambda });
    },
  };
}

// Archives come as large messages: the limit of the engine's own side (rpcutil, 400 MiB).
const LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024;

function main(): void {
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  const server = new Server({ "grpc.max_receive_message_length": LARGEST_MESSAGE_BYTES });
  server.addService(
    ResourceProviderService,
    servePlugin(createPlugin(process.env, engineLog(engineAddress))),
  );
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    // The engine reads the port from the first line of output.
    process.stdout.write(`${port}\n`);
  });
}

main();
