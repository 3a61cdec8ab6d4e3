import { LOCAL_ACCOUNT } from "../world/environment";
import type { World } from "../world/world";

// The SDK prints at every start that it will ask for Node 22 from 2027 on; that is for package.json to say.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

/** How an AWS client of the world's own account owner is configured. */
export function clientConfigOf(world: World) {
  return {
    endpoint: world.front.url,
    region: LOCAL_ACCOUNT.AWS_REGION,
    credentials: {
      accessKeyId: LOCAL_ACCOUNT.AWS_ACCESS_KEY_ID,
      secretAccessKey: LOCAL_ACCOUNT.AWS_SECRET_ACCESS_KEY,
    },
  };
}
