import type { Step } from "../../test/sandbox/runs/script.ts";

/** A log in the making: what the run plays, and when the server had each line. */
export type Schedule = { steps: Step[]; lines: number; writtenAt: Map<number, number> };

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator with the constants of Knuth's MMIX). */
function randomNumbers(): () => number {
  let state = 20_260_101n;
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 40n) / 2 ** 24;
  };
}

/** How a line is told apart in what a client prints. */
export const lineText = (line: number): string => `bench-line-${line}-end`;

/**
 * A trickle of a line every 50 to 400 ms, bursts of twenty lines, and lines after 3 to 10 s of silence; `share` (0 to 1)
 * of it all.
 */
export function makeSchedule(share: number): Schedule {
  const random = randomNumbers();
  const between = (low: number, high: number) => Math.round(low + random() * (high - low));
  const schedule: Schedule = { steps: [], lines: 0, writtenAt: new Map() };
  const many = (count: number, act: () => void) => {
    for (let i = 0; i < Math.ceil(count * share); i++) act();
  };
  many(80, () => write(schedule, between(50, 400), 1));
  many(6, () => write(schedule, between(500, 2000), 20));
  many(6, () => write(schedule, between(3000, 10_000), 1));
  many(40, () => write(schedule, between(50, 400), 1));
  schedule.steps.push({ wait: 500 });
  return schedule;
}

function write(schedule: Schedule, waitMs: number, lines: number): void {
  const numbers = Array.from({ length: lines }, (_, i) => schedule.lines + i);
  schedule.lines += lines;
  const mark = async () => {
    for (const line of numbers) schedule.writtenAt.set(line, performance.now());
  };
  const log = numbers.map((line) => `${lineText(line)}\n`).join("");
  schedule.steps.push({ wait: waitMs }, { until: mark }, { log });
}
