/**
 * What a program says about its own work, one line each on standard output:
 *
 *     loopwright: done
 *     loopwright: done: REMARK
 *     loopwright: blocked: REASON
 *     loopwright: impossible: REASON
 *     loopwright: message: TEXT
 *
 * The line starts at its first byte and ends at a line feed (or at the end of the output). Anything else is output and
 * nothing more. A claim is shown as a claim; whether it is true is for the checks to say.
 */
import type { AgentClaim } from '../core/event.ts';

/** More bytes of one line than this are not looked at, so that output without line feeds costs no memory. */
export const MAX_CLAIM_LINE_BYTES = 4_096;
/** Longer texts are cut, in characters. Claims are shown in one line of a report. */
export const MAX_CLAIM_CHARACTERS = 500;
/** The first claims are kept, and always the newest one: what is said last counts most. */
export const MAX_CLAIMS = 20;

const PREFIX = Buffer.from('loopwright: ');
const CLAIM = /^loopwright: (?<kind>done|blocked|impossible|message)(?:: ?(?<text>.*))?$/su;
/** Control characters and text-direction overrides: a claim must not steer the terminal that shows it. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu;
const LINE_FEED = 0x0a;

export interface ClaimReader {
  /** Takes the next piece of standard output, cut anywhere. */
  push(bytes: Uint8Array): void;
  /** Reads what is left as a last line and returns the claims in the order they were made. */
  end(): readonly AgentClaim[];
}

export function createClaimReader(): ClaimReader {
  const claims: AgentClaim[] = [];
  const line = Buffer.alloc(MAX_CLAIM_LINE_BYTES);
  let used = 0;

  function hold(bytes: Buffer): void {
    used += bytes.copy(line, used, 0, MAX_CLAIM_LINE_BYTES - used);
  }

  function endLine(): void {
    const claim = readClaim(line.subarray(0, used));
    used = 0;
    if (claim === null) return;
    if (claims.length === MAX_CLAIMS) claims.pop();
    claims.push(claim);
  }

  return {
    push(bytes) {
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let start = 0;
      for (;;) {
        const feed = piece.indexOf(LINE_FEED, start);
        if (feed === -1) break;
        hold(piece.subarray(start, feed));
        endLine();
        start = feed + 1;
      }
      hold(piece.subarray(start));
    },
    end() {
      endLine();
      return claims;
    },
  };
}

function readClaim(line: Buffer): AgentClaim | null {
  // Most output is no claim: compare bytes first and decode only what can be one.
  if (line.length < PREFIX.length || line.compare(PREFIX, 0, PREFIX.length, 0, PREFIX.length) !== 0) return null;
  const groups = CLAIM.exec(new TextDecoder().decode(line).trimEnd())?.groups;
  const kind = groups?.['kind'];
  if (kind !== 'done' && kind !== 'blocked' && kind !== 'impossible' && kind !== 'message') return null;
  const characters = Array.from((groups?.['text'] ?? '').replace(UNPRINTABLE, ' ').trim());
  const cut = characters.length > MAX_CLAIM_CHARACTERS;
  return { kind, text: cut ? `${characters.slice(0, MAX_CLAIM_CHARACTERS - 1).join('')}…` : characters.join('') };
}
