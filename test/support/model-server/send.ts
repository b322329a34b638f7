/** Puts an answer on the wire, with whatever goes wrong on the way. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import type { Gzip } from 'node:zlib';
import { has } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';
import type { Frame } from './protocol.ts';

export interface Sending {
  readonly frames: readonly Frame[];
  readonly headers: Readonly<Record<string, string>>;
  readonly behaviours: readonly Behaviour[];
  readonly errorFrame: (message: string) => Frame;
  readonly gzip: boolean;
  /** Ends every wait when the server closes. */
  readonly signal: AbortSignal;
  /** Called for each frame once it is on its way. */
  readonly sent: (frame: Frame) => void;
}

/** Resolves when nobody listens any more. */
async function gone(response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (response.closed) return;
  await once(response, 'close', { signal });
}

interface Pipe {
  write(wire: string): Promise<void>;
  end(): void;
}

/** Flushed after each event: compression must not hold an event back. */
function gzipped(response: ServerResponse, gzip: Gzip): Pipe {
  gzip.pipe(response);
  return {
    async write(wire) {
      gzip.write(wire);
      await new Promise<void>((resolve) => {
        gzip.flush(constants.Z_SYNC_FLUSH, resolve);
      });
    },
    end() {
      gzip.end();
    },
  };
}

function plain(response: ServerResponse, signal: AbortSignal): Pipe {
  return {
    async write(wire) {
      if (response.write(wire) || response.closed) return;
      // A reader that is slow or gone: wait until it drains or closes, and leave no listener behind.
      const over = new AbortController();
      const either = { signal: AbortSignal.any([signal, over.signal]) };
      await Promise.race([once(response, 'drain', either), once(response, 'close', either)]);
      over.abort();
    },
    end() {
      response.end();
    },
  };
}

/** Whether to go on after what happens before the frame of this index. */
async function survives(index: number, response: ServerResponse, pipe: Pipe, sending: Sending): Promise<boolean> {
  const { behaviours, signal } = sending;
  const stall = has(behaviours, 'stall');
  if (stall !== null && typeof stall.after === 'object' && stall.after.events === index) {
    await gone(response, signal);
    return false;
  }
  const cut = has(behaviours, 'cut');
  if (cut?.events === index) {
    if (cut.how === 'end') pipe.end();
    else response.socket?.resetAndDestroy();
    return false;
  }
  const error = has(behaviours, 'error-event');
  if (error?.events === index) {
    await pipe.write(sending.errorFrame(error.message ?? 'The vendor is overloaded.').wire);
    pipe.end();
    return false;
  }
  const garbage = has(behaviours, 'garbage');
  if (garbage?.events === index) await pipe.write('data: {"not": json\n\n: \u0000\n\n');
  return true;
}

/** Resolves to whether the answer reached its end. Rejects with an AbortError when the server closes meanwhile. */
export async function send(response: ServerResponse, sending: Sending): Promise<boolean> {
  const { frames, behaviours, signal } = sending;
  const delay = has(behaviours, 'delay');
  const stall = has(behaviours, 'stall');
  if (delay?.headersMs !== undefined) await sleep(delay.headersMs, undefined, { signal });
  if (stall?.after === 'request') {
    await gone(response, signal);
    return false;
  }
  response.writeHead(200, { ...sending.headers, ...(sending.gzip ? { 'content-encoding': 'gzip' } : {}) });
  response.flushHeaders();
  if (stall?.after === 'headers') {
    await gone(response, signal);
    return false;
  }
  const pipe = sending.gzip ? gzipped(response, createGzip()) : plain(response, signal);
  for (const [index, frame] of frames.entries()) {
    if (!(await survives(index, response, pipe, sending))) return false;
    if (response.closed) return false;
    if (delay?.eventMs !== undefined) await sleep(delay.eventMs, undefined, { signal });
    await pipe.write(frame.wire);
    sending.sent(frame);
  }
  pipe.end();
  return true;
}
