import { type Deadline, limited } from "../deadline";
import { codedAwsError } from "../secrets/aws-errors";

/** One call of a service, over a client that may not be there yet; its failure is a coded one. */
export type LateCall<C> = (
  call: (client: C, options: { readonly abortSignal: AbortSignal }) => Promise<unknown>,
  deadline: Deadline,
) => Promise<void>;

/** A client that is made at the first call: most sweeps make none. */
export function lateClient<C>(createClient: () => C): LateCall<C> {
  let made: C | undefined;
  return async (call, deadline) => {
    made ??= createClient();
    const client = made;
    try {
      await limited(deadline, (abortSignal) => call(client, { abortSignal }));
    } catch (error) {
      throw codedAwsError(error);
    }
  };
}
