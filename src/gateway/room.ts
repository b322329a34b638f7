/** When room in the ledger may have come free: at once for calls of this process, after a while for those of others. */
import type { Clock } from '../ports/clock.ts';

/** Another supervisor frees room without telling; how often to look, milliseconds. */
const LOOK_MS = 250;

export interface Room {
  /** Never rejects. */
  changed(signal: AbortSignal): Promise<void>;
  announce(): void;
}

export function createRoom(clock: Clock): Room {
  let waiting = new AbortController();
  return {
    changed: (signal) => clock.sleep(LOOK_MS, AbortSignal.any([signal, waiting.signal])),
    announce() {
      waiting.abort();
      waiting = new AbortController();
    },
  };
}
