// undici declares its whole, not its parts. http.ts loads only the parts that it uses: the whole (fetch, WebSocket,
// cache, mocks) would add 0.4 MB to the bundle and about 15 ms to every start.

declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export = Agent;
}

declare module "undici/lib/dispatcher/env-http-proxy-agent.js" {
  import { EnvHttpProxyAgent } from "undici";
  export = EnvHttpProxyAgent;
}

declare module "undici/lib/dispatcher/dispatcher.js" {
  import { Dispatcher } from "undici";
  export = Dispatcher;
}

declare module "undici/lib/api/index.js" {
  import type { Dispatcher } from "undici";

  const methods: Pick<Dispatcher, "request" | "connect">;
  export = methods;
}
