import type { Clock, FollowLimits } from "./types.ts";

/** Why the following of a run ends before the run does. */
export type HaltReason = "interrupted" | "timed-out" | "queue-timed-out";

/** The limits of following as one signal. `queueIsOver` lifts the queue timeout; `close` stops all timers. */
export type Halt = {
  signal: AbortSignal;
  reason: () => HaltReason | undefined;
  queueIsOver: () => void;
  close: () => void;
};

/** Starts the timers of the limits; `interruption` is the signal of the step. */
export function armHalt(clock: Clock, limits: FollowLimits, interruption: AbortSignal): Halt {
  const controller = new AbortController();
  const whole = new AbortController();
  const queue = new AbortController();
  let reason: HaltReason | undefined;
  const halt = (why: HaltReason) => {
    reason ??= why;
    controller.abort(new DOMException(why, "AbortError"));
  };
  const after = (ms: number, why: HaltReason, timer: AbortSignal) =>
    void clock.sleep(ms, timer).then(
      () => halt(why),
      () => undefined,
    );
  const interrupt = () => halt("interrupted");
  interruption.addEventListener("abort", interrupt, { once: true });
  if (interruption.aborted) interrupt();
  after(limits.deadline - clock.now(), "timed-out", whole.signal);
  if (limits.queueTimeoutMs !== undefined) after(limits.queueTimeoutMs, "queue-timed-out", queue.signal);
  const close = () => {
    interruption.removeEventListener("abort", interrupt);
    whole.abort();
    queue.abort();
  };
  return { signal: controller.signal, reason: () => reason, queueIsOver: () => queue.abort(), close };
}
