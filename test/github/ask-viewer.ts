// Run as a child by network.test.ts: the proxy and the certificates come from the environment a process starts with.
import { openGitHub } from "../../src/github/client.ts";

const client = await openGitHub({
  token: "t0k3n",
  apiUrl: "https://github.example/api/v3",
  graphqlUrl: "https://github.example/api/graphql",
  userAgent: "tofu-remote/test",
  patienceMs: 0,
});
process.stdout.write(JSON.stringify(await client.graphql("query { viewer { login } }")));
