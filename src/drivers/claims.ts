/**
 * What a program says about its own work, one line each on standard output:
 *
 *     loopwright: done
 *     loopwright: done: REMARK
 *     loopwright: blocked: REASON
 *     loopwright: impossible: REASON
 *     loopwright: message: TEXT
 *     loopwright: usage: input=TOKENS output=TOKENS cost=USD
 *
 * The last is for agents with a login of their own, whose calls nobody here can meter; `cost` may be left out.
 * The line starts at its first byte and ends at a line feed (or at the end of the output). Anything else is output and
 * nothing more. A claim is shown as a claim; whether it is true is for the checks to say.
 */
import type { AgentClaim } from '../core/event.ts';
import { nanoUsd } from '../core/spend.ts';
import type { ClaimedUsage } from '../core/state.ts';

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

const USAGE =
  /^loopwright: usage: input=(?<input>\d{1,12}) output=(?<output>\d{1,12})(?: cost=(?<cost>\d{1,6}(?:\.\d{1,9})?))?\s*$/u;

export interface ClaimReader {
  /** Takes the next piece of standard output, cut anywhere. */
  push(bytes: Uint8Array): void;
  /** Reads what is left as a last line and returns the claims in the order they were made. */
  end(): readonly AgentClaim[];
  /** What it said it used, summed up; null where it said nothing. After `end`. */
  usage(): ClaimedUsage | null;
}

export function createClaimReader(): ClaimReader {
  const claims: AgentClaim[] = [];
  const line = Buffer.alloc(MAX_CLAIM_LINE_BYTES);
  let used = 0;
  let usage: ClaimedUsage | null = null;

  function hold(bytes: Buffer): void {
    used += bytes.copy(line, used, 0, MAX_CLAIM_LINE_BYTES - used);
  }

  function endLine(): void {
    const text = line.subarray(0, used);
    const claim = readClaim(text);
    usage = addUsage(usage, text);
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
    usage: () => usage,
  };
}

function addUsage(before: ClaimedUsage | null, line: Buffer): ClaimedUsage | null {
  if (line.length < PREFIX.length || line.compare(PREFIX, 0, PREFIX.length, 0, PREFIX.length) !== 0) return before;
  const said = USAGE.exec(line.toString('latin1'))?.groups;
  if (said === undefined) return before;
  const cost = said['cost'] === undefined ? null : nanoUsd(Number(said['cost']));
  const costs = [before?.costNanoUsd ?? null, cost].filter((one) => one !== null);
  return {
    inputTokens: (before?.inputTokens ?? 0) + Number(said['input']),
    outputTokens: (before?.outputTokens ?? 0) + Number(said['output']),
    costNanoUsd: costs.length === 0 ? null : costs.reduce((sum, one) => sum + one, 0),
  };
}

function readClaim(line: Buffer): AgentClaim | null {
  // Most output is no claim: compare bytes first and decode only what can be one.
  if (line.length < PREFIX.length || line.compare(PREFIX, 0, PREFIX.length, 0, PREFIX.length) !== 0) return null;
  const groups = CLAIM.exec(new TextDecoder().decode(line).trimEnd())?.groups;
  const kind = groups?.['kind'];
  if (kind !== 'done' && kind !== 'blocked' && kind !== 'impossible' && kind !== 'message') return null;
  return { kind, text: oneLine(groups?.['text'] ?? '') };
}

/** What an agent says, fit to be shown: bounded, and nothing in it that steers a terminal. */
export function oneLine(said: string): string {
  const characters = Array.from(said.slice(0, MAX_CLAIM_LINE_BYTES).replace(UNPRINTABLE, ' ').trim());
  const cut = characters.length > MAX_CLAIM_CHARACTERS;
  return cut ? `${characters.slice(0, MAX_CLAIM_CHARACTERS - 1).join('')}…` : characters.join('');
}
