/** A program that leaves by the system calls of another architecture. */
/** What it exits with where that works. */
export const OLD_CODE = 7;

/** A program for x64 that leaves by the calls of 32 bits: `mov eax, 1; mov ebx, OLD_CODE; int 0x80`. */
export function oldWayOut(): Uint8Array {
  const code = [0xb8, 1, 0, 0, 0, 0xbb, OLD_CODE, 0, 0, 0, 0xcd, 0x80];
  const bytes = new Uint8Array(120 + code.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  // An executable for x64, whose one segment is the whole file, begun behind the headers.
  for (const [at, value] of [
    [16, 2],
    [18, 62],
    [52, 64],
    [54, 56],
    [56, 1],
  ] as const)
    view.setUint16(at, value, true);
  for (const [at, value] of [
    [20, 1],
    [64, 1],
    [68, 5],
  ] as const)
    view.setUint32(at, value, true);
  for (const [at, value] of [
    [24, 0x400078],
    [32, 64],
    [80, 0x400000],
    [88, 0x400000],
    [96, bytes.length],
    [104, bytes.length],
    [112, 0x1000],
  ] as const)
    view.setBigUint64(at, BigInt(value), true);
  bytes.set(code, 120);
  return bytes;
}
