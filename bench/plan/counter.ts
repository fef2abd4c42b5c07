import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";

export type Counter = {
  hostname: string;
  /** PEM. */
  certificate: string;
  requests: () => number;
  close: () => Promise<void>;
};

/**
 * Stands in front of a server and counts what goes to it. The client's Host header is kept, so that servers which derive
 * signed URLs from it have those counted too.
 */
export async function startCounter(hostname: string): Promise<Counter> {
  const certificate = await makeCertificate();
  let requests = 0;
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (incoming, outgoing) => {
    requests += 1;
    const { method = "GET", headers } = incoming;
    const url = new URL(incoming.url ?? "/", `https://${hostname}`);
    const onward = request(url, { method, headers, servername: url.hostname }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    // A client that hangs up leaves nothing that keeps this process alive.
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { hostname: `localhost:${port}`, certificate: certificate.cert, requests: () => requests, close };
}

/** Its name is another than those of other certificates for localhost: a client that trusts two of one name may take the wrong one. */
function makeCertificate() {
  return generate([{ name: "commonName", value: "request counter" }], {
    ...{ keyType: "ec", curve: "P-256", algorithm: "sha256" },
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
}
