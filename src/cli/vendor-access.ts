/**
 * The way to the vendors of cloud agents. Where they are and what opens them is the host's to say, by variables; a policy
 * can name neither, or a repository could send the key of whoever runs it anywhere (docs/decisions/0011).
 */
import { piecesAtMost } from '../core/at-most.ts';
import { LoopwrightError } from '../core/errors.ts';
import { requestFailure } from '../core/request-failure.ts';
import { retryAfterMs } from '../core/retry-after.ts';
import { readKey } from '../gateway/keys/index.ts';
import { urlProblem } from '../policy/provider-url.ts';
import type { VendorAccess, VendorAnswer, VendorRequest } from '../ports/cloud.ts';
import type { ForgeName } from '../core/publish-event.ts';
import type { KeySource, Secret } from '../ports/gateway.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface VendorPlace {
  /** Holds the key; with `_FILE` behind it, the path of a file that does. */
  readonly keyVariable: string;
  /** Moves the vendor elsewhere: a proxy, an enterprise server, a test. */
  readonly urlVariable: string;
  readonly url: string;
}

export type VendorName = 'devin' | 'cursor' | 'github';

export const VENDOR_PLACES: Readonly<Record<VendorName, VendorPlace>> = {
  devin: { keyVariable: 'DEVIN_API_KEY', urlVariable: 'LOOPWRIGHT_DEVIN_URL', url: 'https://api.devin.ai' },
  cursor: { keyVariable: 'CURSOR_API_KEY', urlVariable: 'LOOPWRIGHT_CURSOR_URL', url: 'https://api.cursor.com' },
  github: { keyVariable: 'GITHUB_TOKEN', urlVariable: 'LOOPWRIGHT_GITHUB_API_URL', url: 'https://api.github.com' },
};

/** Where repositories are, for people and for git. */
const FORGE = { urlVariable: 'LOOPWRIGHT_GITHUB_URL', url: 'https://github.com' } as const;

/** For one request, ms. Vendors start machines before they answer. */
const REQUEST_MS = 60_000;
/** More than any documented answer; what is longer is not read. */
const ANSWER_BYTES = 4 * 1024 * 1024;

/** Throws `LW_USAGE`. */
function addressOf(env: Environment, { urlVariable, url }: Pick<VendorPlace, 'urlVariable' | 'url'>): string {
  const written = env[urlVariable] ?? '';
  if (written === '') return url;
  const problem = urlProblem(written, false);
  if (problem === null) return written.replace(/\/+$/, '');
  throw new LoopwrightError('LW_USAGE', {
    message: `${urlVariable} is no address to use: ${problem}`,
    next: `Set it to an address that begins with https://, or unset it for ${url}.`,
    details: { variable: urlVariable },
  });
}

/** GitLab's own server has interface and repositories at one address. */
const GITLAB = {
  keyVariable: 'GITLAB_TOKEN',
  urlVariable: 'LOOPWRIGHT_GITLAB_URL',
  url: 'https://gitlab.com',
} as const;

/** Where a forge is for this host, and which variable opens it. Throws `LW_USAGE`. */
export function forgePlace(
  env: Environment,
  name: ForgeName,
): { readonly url: string; readonly api: string; readonly keyVariable: string } {
  if (name === 'github') {
    const { github } = VENDOR_PLACES;
    return { url: forgeUrl(env), api: addressOf(env, github), keyVariable: github.keyVariable };
  }
  const url = addressOf(env, GITLAB);
  return { url, api: `${url}/api/v4`, keyVariable: GITLAB.keyVariable };
}

export function forgeUrl(env: Environment): string {
  return addressOf(env, FORGE);
}

/** null where neither the variable nor the one that names a file is set. */
function keySource(env: Environment, variable: string): KeySource | null {
  if ((env[variable] ?? '') !== '') return { kind: 'env', name: variable };
  const file = env[`${variable}_FILE`] ?? '';
  return file === '' ? null : { kind: 'file', path: file };
}

/** The token for a forge; null where there is none. Rejects with `LW_KEY_UNAVAILABLE`. */
export async function forgeToken(env: Environment, name: ForgeName): Promise<Secret | null> {
  const source = keySource(env, forgePlace(env, name).keyVariable);
  return source === null ? null : readKey(source, env);
}

async function readBody(response: Response): Promise<unknown> {
  const pieces = response.body === null ? [] : await piecesAtMost(response.body, ANSWER_BYTES);
  if (pieces === null) return null;
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Asks a vendor with the key of the host. Reads the key when it is needed, and keeps it no longer than a request. */
export function vendorAccess(env: Environment, place: VendorPlace): VendorAccess {
  const variable = place.keyVariable;
  const source = keySource(env, variable);
  return {
    login: { variable, set: source !== null },
    async call(request: VendorRequest, signal: AbortSignal): Promise<VendorAnswer> {
      const url = addressOf(env, place);
      const secret = await readKey(source ?? { kind: 'env', name: variable }, env);
      const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]);
      try {
        const response = await fetch(`${url}${request.path}`, {
          method: request.method,
          headers: {
            accept: 'application/json',
            'content-type': 'application/json',
            'user-agent': 'loopwright',
            ...request.headers,
            authorization: `Bearer ${secret?.reveal() ?? ''}`,
          },
          // A redirect would carry the key elsewhere.
          redirect: 'manual',
          signal: deadline,
          ...body,
        });
        const asked = response.headers.get('retry-after');
        const waitMs = asked === null ? null : retryAfterMs(asked, Date.now());
        return { kind: 'answered', status: response.status, retryAfterMs: waitMs, body: await readBody(response) };
      } catch (error) {
        // An abort rejects with whatever reason it was given.
        if (!deadline.aborted && !(error instanceof Error)) throw error;
        return { kind: 'unreachable', detail: signal.aborted ? 'the request was given up' : requestFailure(error) };
      }
    },
  };
}
