// undici declares its whole, not its parts. http.ts loads only the parts that it uses: the whole (fetch, WebSocket,
// cache, mocks) would add 0.4 MB to the bundle and about 15 ms to every start.

declare module "undici/lib/dispatcher/agent.js" {
  import type * as undici from "undici";

  const Agent: typeof undici.Agent;
  export = Agent;
}

declare module "undici/lib/dispatcher/env-http-proxy-agent.js" {
  import type * as undici from "undici";

  const EnvHttpProxyAgent: typeof undici.EnvHttpProxyAgent;
  export = EnvHttpProxyAgent;
}

declare module "undici/lib/dispatcher/dispatcher.js" {
  import type * as undici from "undici";

  const Dispatcher: typeof undici.Dispatcher;
  export = Dispatcher;
}

declare module "undici/lib/api/index.js" {
  import type { Dispatcher } from "undici";

  const methods: Pick<Dispatcher, "request" | "connect">;
  export = methods;
}
