/** The bytes of a policy file: bounded, UTF-8, text. */
import { LoopwrightError } from '../core/errors.ts';

/** Far above any policy written by hand; keeps parsing under a second. */
export const MAX_POLICY_BYTES: number = 256 * 1024;

export function unreadable(fileName: string, what: string): LoopwrightError {
  return new LoopwrightError('LW_POLICY_UNREADABLE', {
    message: `${fileName} ${what}`,
    next: `Save ${fileName} as UTF-8 text of at most ${MAX_POLICY_BYTES / 1024} KiB and commit it; a run reads it from the base revision.`,
    details: { fileName },
  });
}

/** The bytes as text, or what is wrong with them. A byte order mark is accepted and dropped. */
export function decodeText(
  bytes: Uint8Array,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string } {
  if (bytes.length > MAX_POLICY_BYTES) {
    return { ok: false, problem: `has ${bytes.length} bytes; at most ${MAX_POLICY_BYTES} are read` };
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { ok: false, problem: 'is UTF-16; it has to be UTF-8' };
  }
  const zero = bytes.indexOf(0);
  if (zero !== -1) return { ok: false, problem: `holds a zero byte at offset ${zero}, so it is not text` };
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    // What the decoder throws for an invalid sequence.
    if (error instanceof TypeError) return { ok: false, problem: 'is not valid UTF-8' };
    throw error;
  }
}

/** Throws `LW_POLICY_UNREADABLE`. */
export function decodePolicy(bytes: Uint8Array, fileName: string): string {
  const decoded = decodeText(bytes);
  if (decoded.ok) return decoded.text;
  throw unreadable(fileName, decoded.problem);
}
