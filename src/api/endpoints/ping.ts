import { askedWait, persist } from "../attempts.ts";
import { caps } from "../call.ts";
import type { Evidence } from "../facts.ts";
import { header } from "../http.ts";
import { fillPath } from "../path.ts";
import type { Bound } from "../session.ts";

type Shown = Pick<Evidence, "appName" | "apiVersion" | "tfeVersion">;

const pingTries = 3;

/**
 * `GET ping`, for its headers alone: servers answer it with 200, 204, 401 or 404, so the status means nothing. Only one
 * that comes from something in front of the server (429, 5xx) is asked again, a few times.
 * @throws ApiError when nothing answers.
 */
export function readPing(bound: Bound): Promise<Shown> {
  const { session, api, signal } = bound;
  const path = fillPath("ping");
  const info = {
    what: `asking ${session.hostname} who it is`,
    method: "GET",
    path: new URL(path, api.base).pathname,
    hostname: session.hostname,
  } as const;
  let tries = 0;
  return persist<Shown>(session, {
    info,
    endpoint: "GET ping",
    repeat: "safely",
    signal,
    attempt: async () => {
      const response = await api.send({ method: "GET", path, accept: "application/vnd.api+json", signal });
      await response.read(caps.error);
      const { status, headers } = response;
      tries += 1;
      if ((status === 429 || status >= 500) && tries < pingTries) {
        return {
          trouble: {
            fault: { kind: "status", status, serverWaitMs: askedWait(session, headers) },
            detail: "",
          },
        };
      }
      return {
        value: {
          appName: header(headers, "tfp-appname"),
          apiVersion: header(headers, "tfp-api-version"),
          tfeVersion: header(headers, "x-tfe-version"),
        },
      };
    },
  });
}
