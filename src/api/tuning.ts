import { defaultTiming, type RetryTiming } from "./retry.ts";

/** Every number of this stage, in milliseconds; tests make them small. */
export type Tuning = {
  /** From the first packet to the end of the TLS handshake. */
  connectTimeoutMs: number;
  /** Longest silence while waiting for an answer or reading one. */
  answerStallMs: number;
  /** Longest silence of an upload: large archives take the server a while to store. */
  uploadStallMs: number;
  retry: RetryTiming;
  /** Takes the place of the limits of discovery: 5 tries within 30 s. */
  discovery?: Partial<RetryTiming>;
  requestsPerSecond: number;
  /** A little more than a second, because requests do not travel equally fast. */
  rateWindowMs: number;
  random: () => number;
};

export const defaultTuning: Tuning = {
  connectTimeoutMs: 10_000,
  answerStallMs: 30_000,
  uploadStallMs: 120_000,
  retry: defaultTiming,
  requestsPerSecond: 15,
  rateWindowMs: 1_050,
  random: Math.random,
};
