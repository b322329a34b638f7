/** What a driver says of one agent in a vendor's cloud; everything else is the same for all of them. */
import type { z } from 'zod';
import type { ClaimedSpend, CloudSession, OfferedBranch, SessionEnd } from '../core/cloud-event.ts';
import type { Place } from './forge.ts';
import type { Failure, Reply, VendorCalls } from './vendor-calls.ts';

/** What all of them are told. */
export interface CloudOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** Where the agent starts; absent: the default branch. */
  readonly branch?: string | undefined;
}

export interface Asked {
  /** Unique to run and attempt: by it a session is found again whose making nobody heard of. */
  readonly name: string;
  readonly prompt: string;
  /** The branch to go on with; null: a new one. */
  readonly onto: OfferedBranch | null;
}

/**
 * `working`: ask again later. `done`: its turn is over. `waiting`: it wants something of a person, and nobody is there.
 * `quota`: the vendor's own limit on spend. `failed`: it says so, or the vendor does. `over`: nothing can be sent to it.
 */
export type SightingState = 'working' | 'done' | 'waiting' | 'quota' | 'failed' | 'over';

export interface Sighting {
  readonly state: SightingState;
  /** In the words of the vendor. */
  readonly detail: string;
  /** Changes with everything that happens in the session. */
  readonly mark: string;
  /** Its last words; null where it said none. */
  readonly words: string | null;
  readonly branch: OfferedBranch | null;
  /** Of the whole session. */
  readonly spend: ClaimedSpend | null;
}

export type Outcome<T> = { readonly kind: 'ok'; readonly value: T } | Failure;

/** What an answer holds; unclear where it is not as documented. */
export function expected<T>(reply: Reply, read: (body: unknown) => T | null): Outcome<T> {
  if (reply.kind !== 'ok') return reply;
  const value = read(reply.body);
  return value === null ? { kind: 'unclear', detail: 'an answer that is not as documented' } : { kind: 'ok', value };
}

/** One vendor's API, for one repository. Every method rejects with `LW_KEY_UNAVAILABLE` only. */
export interface VendorSessions {
  /** The session that was made under this name; null where there is none. */
  find(name: string, signal: AbortSignal): Promise<Outcome<CloudSession | null>>;
  /** `conflict`: it exists already. */
  create(asked: Asked, signal: AbortSignal): Promise<Outcome<CloudSession>>;
  look(id: string, signal: AbortSignal): Promise<Outcome<Sighting>>;
  /** Absent: a session takes one prompt, and a later turn makes another one that goes on with the branch. */
  follow?(id: string, prompt: string, signal: AbortSignal): Promise<Outcome<null>>;
  /** Ends what is under way. */
  end(id: string, signal: AbortSignal): Promise<SessionEnd>;
}

export interface VendorContext<Options> {
  readonly calls: VendorCalls;
  readonly place: Place;
  /** Where git and people find the repository. */
  readonly remote: string;
  readonly page: string;
  readonly branch: string;
  /** When the run began, milliseconds since 1970 UTC. */
  readonly startedAt: number;
  readonly options: Options;
  /** `refs/pull/N/head` for a pull request of this repository, null for any other address. */
  readonly pullRef: (page: string) => string | null;
}

export interface CloudVendor<Options extends CloudOptions> {
  readonly id: string;
  readonly summary: string;
  readonly schema: z.ZodType<Options>;
  /** The options, in words, for whoever got them wrong. */
  readonly optionsHelp: string;
  limit(options: Options): ClaimedSpend | null;
  /** What is particular about what nobody enforces here. */
  readonly gaps: readonly string[];
  sessions(context: VendorContext<Options>): VendorSessions;
}
