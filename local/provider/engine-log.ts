import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Says something to the operator, next to a resource. */
export type Say = (urn: string, message: string) => void;

/** A voice in the engine's own output; silent where the engine gave no address. */
export function engineLog(address: string | undefined): Say {
  if (!address) return () => undefined;
  const engine = new EngineClient(address, credentials.createInsecure());
  return (urn, message) => {
    const request = new LogRequest().setSeverity(LogSeverity.INFO).setUrn(urn).setMessage(message);
    // What cannot be said is no reason to fail.
    engine.log(request, () => undefined);
  };
}
