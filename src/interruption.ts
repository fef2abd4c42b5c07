import { Failure } from "./failure.ts";

/** A signal that is aborted with a Failure when the step has to stop, and the way to stop watching when it is over. */
export type Interruption = { signal: AbortSignal; end: () => void };

/**
 * Watches for what ends a step early: SIGINT and SIGTERM from the runner (reason `interrupted`), the input `timeout`
 * (reason `timeout`) and errors that nobody caught (reason `internal`), so that each of them takes the ordinary way out:
 * the remote run is stopped and every output is written. A second signal changes nothing.
 */
export function watchInterruption(timeoutMs: number): Interruption {
  const controller = new AbortController();
  const stop = (failure: Failure) => controller.abort(failure);
  const onSignal = (name: NodeJS.Signals) =>
    stop(new Failure("interrupted", `The job was canceled (${name}) before this step was done.`));
  const onError = (cause: unknown) =>
    stop(
      new Failure("internal", "An error that was not foreseen. Please report it with the job's log.", {
        cause,
      }),
    );
  const timer = setTimeout(() => stop(timedOut(timeoutMs)), timeoutMs);
  timer.unref();
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  process.on("uncaughtException", onError).on("unhandledRejection", onError);
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      // A request that nobody waits for any more must not keep the process alive.
      stop(new Failure("internal", "The step is over."));
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      process.off("uncaughtException", onError).off("unhandledRejection", onError);
    },
  };
}

function timedOut(timeoutMs: number): Failure {
  const seconds = timeoutMs / 1000;
  return new Failure(
    "timeout",
    `The step took longer than its timeout of ${seconds} s. Raise the input "timeout" if it needs more.`,
  );
}
