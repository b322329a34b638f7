/** Asking a forge: patience where patience helps, every page of a list, and errors with the next action. */
import type { LoopwrightError } from '../core/errors.ts';
import { callForge } from './call.ts';
import type { ForgeAnswer, ForgeCall } from './call.ts';
import type { ForgeHost } from './host.ts';
import { refusalOf, refuse } from './refusals.ts';

/** Waits before the next attempt, ms: doubling. */
const FIRST_WAIT_MS = 500;
/** A forge that asks for more is heard; one that asks for an hour (GitHub's budget) is not waited for. */
export const LONGEST_WAIT_MS: number = 2 * 60_000;
const ATTEMPTS = 5;
/** GitHub and GitLab: at most a hundred on a page. */
export const PAGE_SIZE = 100;
/** More requests than this from one branch, or open at a time, is not a list that anybody looked at. */
const MAX_PAGES = 50;

export interface Answered {
  readonly status: number;
  readonly more: boolean;
  /** null: longer than is read. */
  readonly text: string | null;
}

export interface Asking extends ForgeCall {
  /** Statuses that are an answer and not a failure; 200 to 299 always are. */
  readonly answers?: readonly number[];
  /** Doing it twice would make two of it: it is done again only where it was surely not done. */
  readonly once?: true;
}

/** GitHub turns away with 403 what is asked too often, and says when to come again. */
function isLimited(answer: Extract<ForgeAnswer, { kind: 'answered' }>): boolean {
  return answer.status === 429 || (answer.status === 403 && answer.retryAfterMs !== null);
}

function isDone({ status }: { readonly status: number }, answers: readonly number[] = []): boolean {
  return (status >= 200 && status < 300) || answers.includes(status);
}

function unreachable(host: ForgeHost, asking: Asking, words: string): LoopwrightError {
  const lost = asking.once === true ? '; whether it was done is not known' : '';
  return refuse(host, asking, {
    code: 'LW_FORGE_UNREACHABLE',
    what: `gives no answer that counts: ${words}${lost}`,
    next: 'Give the same command again later: what was done already is found, not done twice.',
  });
}

function limited(host: ForgeHost, asking: Asking, waitMs: number): LoopwrightError {
  const until = new Date(host.clock.now() + waitMs).toISOString();
  return refuse(host, asking, {
    code: 'LW_FORGE_RATE',
    what: `takes no more calls for ${Math.ceil(waitMs / 1_000)} s, and loopwright waits for ${LONGEST_WAIT_MS / 1_000} s at most`,
    next: `Give the same command again after ${until}.`,
    details: { waitMs, limitMs: LONGEST_WAIT_MS },
  });
}

interface Wait {
  readonly ms: number;
  readonly refused: LoopwrightError;
}

/** null: it is an answer. Throws what no waiting helps against. */
function waitAfter(host: ForgeHost, asking: Asking, attempt: number, answer: ForgeAnswer): Wait | null {
  const backoff = FIRST_WAIT_MS * 2 ** (attempt - 1);
  if (answer.kind === 'unreachable') {
    const refused = unreachable(host, asking, answer.detail);
    if (asking.once === true) throw refused;
    return { ms: backoff, refused };
  }
  if (isDone(answer, asking.answers)) return null;
  if (isLimited(answer)) {
    const ms = Math.max(answer.retryAfterMs ?? 0, backoff);
    if (ms > LONGEST_WAIT_MS) throw limited(host, asking, ms);
    return { ms, refused: limited(host, asking, ms) };
  }
  if (answer.status < 500) throw refusalOf(host, asking, answer);
  const refused = unreachable(host, asking, `HTTP ${answer.status}`);
  if (asking.once === true) throw refused;
  return { ms: Math.max(answer.retryAfterMs ?? 0, backoff), refused };
}

export async function ask(host: ForgeHost, asking: Asking): Promise<Answered> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await callForge(host, asking);
    const wait = waitAfter(host, asking, attempt, answer);
    if (wait === null && answer.kind === 'answered') return answer;
    if (wait === null || attempt === ATTEMPTS || wait.ms > LONGEST_WAIT_MS)
      throw wait?.refused ?? unreachable(host, asking, '');
    await host.clock.sleep(wait.ms, host.signal);
    host.signal.throwIfAborted();
  }
}

function undocumented(host: ForgeHost, asking: ForgeCall, what: string): LoopwrightError {
  return refuse(host, asking, {
    code: 'LW_FORGE_ANSWER',
    what,
    next: 'Check the address of the forge: a proxy or a login page answers like this. What was done is found again by the same command.',
  });
}

/** What the answer holds. An answer that is not as documented means no more than none: `LW_FORGE_ANSWER`. */
export async function askFor<T>(host: ForgeHost, asking: Asking, read: (body: unknown) => T | null): Promise<T> {
  const answered = await ask(host, asking);
  return readAnswer(host, asking, answered, read);
}

export function readAnswer<T>(
  host: ForgeHost,
  asking: ForgeCall,
  { text }: Answered,
  read: (body: unknown) => T | null,
): T {
  let body: unknown;
  try {
    body = JSON.parse(text ?? '');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw undocumented(host, asking, 'answers what is no JSON');
  }
  const value = read(body);
  if (value === null) throw undocumented(host, asking, 'answers what its documentation does not say');
  return value;
}

/** All pages. The address of the next one is never taken from the forge: only whether there is one. */
export async function askAll<T>(
  host: ForgeHost,
  path: string,
  read: (body: unknown) => readonly T[] | null,
): Promise<readonly T[]> {
  const all: T[] = [];
  const joint = path.includes('?') ? '&' : '?';
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const asking: Asking = { method: 'GET', path: `${path}${joint}per_page=${PAGE_SIZE}&page=${page}` };
    const answered = await ask(host, asking);
    const entries = readAnswer(host, asking, answered, read);
    all.push(...entries);
    // A proxy may have dropped what says that there is more: a page that is full is followed by another look.
    if (!answered.more && entries.length < PAGE_SIZE) return all;
  }
  throw undocumented(
    host,
    { method: 'GET', path },
    `lists more than ${MAX_PAGES * PAGE_SIZE} entries, and a part of them is no answer`,
  );
}

/** Reads each entry; null where one is not as documented, for a list with holes is no list. */
export function eachOf<T>(body: unknown, read: (entry: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(body)) return null;
  const entries = body.map(read);
  return entries.every((one) => one !== null) ? entries : null;
}
