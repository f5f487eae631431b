import { config } from "./config.ts";
import { makeStore } from "./store.ts";

/** Whether requests may be sent: nobody has to sign in, or somebody has. */
export const signedIn = makeStore(config.auth === null || config.signed_in);
