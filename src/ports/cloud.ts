/** What drivers of agents in a vendor's cloud need: the vendor's API, and the run they work for. */
import type { ClaimedSpend, CloudSession, OfferedBranch, SessionEnd } from '../core/cloud-event.ts';

export interface VendorRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Begins with a slash. What comes from outside is encoded already. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

export type VendorAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** As the vendor asks for before the next request, ms; null where it does not. */
      readonly retryAfterMs: number | null;
      /** JSON; null where the body was none, or longer than anything a vendor documents. */
      readonly body: unknown;
    }
  /** Nobody knows whether the request arrived. */
  | { readonly kind: 'unreachable'; readonly detail: string };

/** The way to a vendor. The key goes in here, by the composition root, and comes out nowhere. */
export interface VendorAccess {
  /** The variable of the host that holds the key, and whether it is set. */
  readonly login: { readonly variable: string; readonly set: boolean };
  /** Rejects with `LW_KEY_UNAVAILABLE` only. An aborted request is unreachable. Follows no redirect. */
  call(request: VendorRequest, signal: AbortSignal): Promise<VendorAnswer>;
}

/** Where vendor and loopwright meet, and what holds there. */
export interface CloudTerms {
  readonly vendor: string;
  /** Address for git, made from the host's settings and the options. */
  readonly remote: string;
  /** null: the one the remote calls its default. */
  readonly branch: string | null;
  readonly limit: ClaimedSpend | null;
  readonly gaps: readonly string[];
}

/** What a driver says whose agent works elsewhere. */
export interface CloudSide {
  readonly login: VendorAccess['login'];
  terms(options: Readonly<Record<string, unknown>>): CloudTerms;
}

/** The newest session of the run, as the log knows it. */
export interface KnownSession extends CloudSession {
  /** Its last prompt was sent, or about to be, by a process that died: nobody heard how it went. */
  readonly lost: boolean;
  readonly ended: boolean;
}

/** The run a session works for. */
export interface Errand {
  readonly runId: string;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  readonly remote: string;
  readonly branch: string;
  readonly base: string;
  /** How many sessions the run had so far. */
  readonly sessions: () => number;
  readonly newest: () => KnownSession | null;
  /** The newest branch that was offered; null before the first. */
  readonly offered: () => OfferedBranch | null;
  /** Records that a session gets, or has, the prompt of an iteration. Durable when it resolves. */
  readonly record: (iteration: number, session: CloudSession) => Promise<void>;
}

/** What only a turn in a vendor's cloud has. */
export interface CloudTurn {
  readonly sessionId: string;
  readonly branch: OfferedBranch | null;
  readonly spend: ClaimedSpend | null;
  /** null: the session was done by itself. */
  readonly ended: SessionEnd | null;
}
