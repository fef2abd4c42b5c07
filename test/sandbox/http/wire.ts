import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Reply } from "./exchange.ts";
import type { Fault } from "./faults.ts";

/** A request under way and the raw socket below it. */
export type Connection = { request: IncomingMessage; response: ServerResponse; raw: Socket | undefined };

/** Sends an answer the regular way, with Content-Length. */
export function send(response: ServerResponse, method: string | undefined, reply: Reply): void {
  const body = Buffer.from(reply.body ?? "");
  response.writeHead(reply.status, { "content-length": String(body.length), ...reply.headers });
  response.end(method === "HEAD" ? undefined : body);
}

/** Ends a request the way its fault says; `reply` is the regular answer where the request was processed. */
export function endFault(
  served: Connection,
  fault: Exclude<Fault, { kind: "delay" }>,
  reply: Reply | undefined,
): void {
  if (fault.kind === "reset" || fault.kind === "drop") reset(served);
  else if (fault.kind === "answer") {
    send(served.response, served.request.method, {
      status: fault.status,
      headers: fault.headers ?? {},
      body: fault.body ?? "",
    });
  } else if (fault.kind === "stall") {
    if (reply !== undefined) writeHead(served, { reply, contentLength: true, bytes: fault.afterBytes ?? 0 });
  } else if (reply !== undefined) {
    const { contentLength = true, afterBytes, end } = fault;
    const finish = (): void => (end === "reset" ? reset(served) : void served.request.socket.end());
    writeHead(served, { reply, contentLength, bytes: afterBytes }, finish);
  }
}

/** RST. Bytes already handed to the system are not recalled, as with a peer that dies. */
function reset({ raw, request }: Connection): void {
  if (raw === undefined) request.socket.destroy();
  else raw.resetAndDestroy();
}

type Head = { reply: Reply; contentLength: boolean; bytes: number };

/** Writes the head and the first bytes of the body by hand, because Node's own response would frame them whole. */
function writeHead(
  served: Connection,
  { reply, contentLength, bytes }: Head,
  written = (): void => {},
): void {
  const body = Buffer.from(reply.body ?? "");
  const headers = {
    ...reply.headers,
    connection: "close",
    ...(contentLength ? { "content-length": String(body.length) } : {}),
  };
  const head = [
    `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ""}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const socket = served.request.socket;
  socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body.subarray(0, bytes)]), () => {
    // lets the bytes leave before a reset would overtake them
    setTimeout(written, 5);
  });
}
