/** `1 file`, `2 files`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `999 bytes`, `1.5 KiB`, `12 MiB`: two significant digits at least, powers of 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return countOf(bytes, "byte");
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 4);
  const amount = bytes / 1024 ** power;
  return `${amount < 10 ? amount.toFixed(1) : formatCount(Math.round(amount))} ${["", "KiB", "MiB", "GiB", "TiB"][power]}`;
}
