/**
 * Calls of another run in place of a vendor: the same answers in the same order, so that a loop or a policy can be tried
 * without anybody being asked or paid.
 */
import type { ModelCall } from '../core/model-event.ts';
import type { RunStore } from '../ports/store.ts';

export interface Replayed {
  readonly call: ModelCall;
  readonly body: Uint8Array;
  readonly contentType: string;
}

export interface ReplaySource {
  /** The next recorded call of this dialect and model; null when there is none left. Rejects with `LW_BLOB_MISSING`. */
  next(dialect: string, model: string): Promise<Replayed | null>;
}

function contentTypeOf(headers: Uint8Array): string {
  const kept = JSON.parse(Buffer.from(headers).toString('utf8')) as {
    readonly response?: { readonly 'content-type'?: string } | null;
  };
  return kept.response?.['content-type'] ?? 'application/json';
}

/** Calls that were answered. One that broke off has an answer that breaks off; whoever replays meets that again. */
export function createReplay(calls: readonly ModelCall[], store: Pick<RunStore, 'getBlob'>): ReplaySource {
  const left = calls.filter(({ status }) => status !== null);
  return {
    async next(dialect, model) {
      const at = left.findIndex((call) => call.dialect === dialect && call.model === model);
      const [call] = at < 0 ? [] : left.splice(at, 1);
      if (call === undefined) return null;
      const [body, headers] = await Promise.all([store.getBlob(call.response), store.getBlob(call.headers)]);
      return { call, body, contentType: contentTypeOf(headers) };
    },
  };
}
