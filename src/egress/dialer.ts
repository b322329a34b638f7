/** From the name of a host to a connection: resolved here, outside of the sandbox, and dialled by the address that was judged. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemCode } from '../core/system-code.ts';
import { createAddressJudge, ownAddresses } from './addresses.ts';

export type Dialled =
  | { readonly ok: true; readonly socket: Socket }
  /** `barred`: the name leads where nothing may go; else it could not be reached. */
  | { readonly ok: false; readonly barred: boolean; readonly problem: string };

/** Never rejects. When `signal` aborts, the connection is given up. */
export type Dial = (to: { readonly host: string; readonly port: number }, signal: AbortSignal) => Promise<Dialled>;

/** Resolves to every address of the name. Rejects as name servers do. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const CONNECT_MS = 20_000;

async function systemResolve(host: string): Promise<readonly string[]> {
  // The dot at the end keeps search domains of this machine out of it.
  const found = await lookup(`${host}.`, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
}

const no = (barred: boolean, problem: string): Dialled => ({ ok: false, barred, problem });

function codeOf(error: unknown): string {
  return systemCode(error) ?? 'unknown';
}

function connected(address: string, port: number, signal: AbortSignal): Promise<Dialled> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(no(false, 'the turn is over'));
    const socket = connect({ host: address, port, allowHalfOpen: true });
    const give = (dialled: Dialled): void => {
      socket.setTimeout(0).off('timeout', silent);
      signal.removeEventListener('abort', abandon);
      if (!dialled.ok) socket.destroy();
      resolve(dialled);
    };
    const silent = (): void => give(no(false, 'it does not answer'));
    const abandon = (): void => give(no(false, 'the turn is over'));
    signal.addEventListener('abort', abandon, { once: true });
    socket.setTimeout(CONNECT_MS, silent);
    socket.once('error', (error) => give(no(false, `it could not be reached (${codeOf(error)})`)));
    socket.once('connect', () => give({ ok: true, socket }));
    return undefined;
  });
}

export interface DialerOptions {
  /** Default: as this machine resolves. */
  readonly resolve?: Resolve;
  /** Default: those of its interfaces, looked up at each dial. */
  readonly own?: () => readonly string[];
}

/**
 * Every address of a name has to be public, or the name is not dialled at all: one that leads to both was made to be asked
 * twice. The address that was judged is the one that is dialled, so a name cannot change in between.
 */
export function createDialer({ resolve = systemResolve, own = ownAddresses }: DialerOptions = {}): Dial {
  return async ({ host, port }, signal) => {
    const found = await resolve(host).then(
      (addresses) => ({ addresses, code: 'ENOTFOUND' }),
      (error: unknown) => ({ addresses: [], code: codeOf(error) }),
    );
    const [first, ...more] = found.addresses;
    if (first === undefined) return no(false, `its name could not be resolved (${found.code})`);
    const judge = createAddressJudge(own());
    for (const address of found.addresses) {
      const problem = judge.problem(address);
      if (problem !== null) return no(true, `its name leads to ${address}, which ${problem}`);
    }
    let dialled = await connected(first, port, signal);
    for (const address of more) {
      if (dialled.ok || signal.aborted) return dialled;
      dialled = await connected(address, port, signal);
    }
    return dialled;
  };
}
