/** What the log keeps of the agent itself: the program every leg found, and by what its conversation is gone on with. */
import type { ClaimedUsage } from './state.ts';

/** A program of this machine, by its contents. */
export interface FoundAgent {
  readonly driver: string;
  /** Absolute path of the file that is executed, symbolic links resolved. */
  readonly program: string;
  readonly foundBy: 'PATH' | 'option' | 'loopwright';
  /** As its package says; null where it says nothing. */
  readonly version: string | null;
  /** Of the file that is executed, hexadecimal. */
  readonly sha256: string;
  /** The manifest of the package around it, which names all else that belongs to it; null where it stands alone. */
  readonly manifest: { readonly path: string; readonly sha256: string } | null;
}

/** The agent's own conversation, as far as another process needs it to go on with it. */
export interface NamedSession {
  readonly sessionId: string;
  /** Its totals so far, as the agent tells them; null where it tells none. */
  readonly usage: ClaimedUsage | null;
}

export type AgentEvent =
  | ({ readonly type: 'agent.found' } & FoundAgent)
  | ({ readonly type: 'session.named'; readonly iteration: number } & NamedSession);

/** Whether what would run is what ran before. Where it lies does not matter, what it is does. */
export function isSameProgram(one: FoundAgent, other: FoundAgent): boolean {
  return one.sha256 === other.sha256 && one.manifest?.sha256 === other.manifest?.sha256;
}

/** `pi 0.87.1, SHA-256 4e1c…, found by loopwright at /…`. May hold text from outside: neutralise it before showing it. */
export function programWords({ driver, version, sha256, foundBy, program }: FoundAgent): string {
  return `${driver} ${version ?? 'of no version it tells'} (${program}, found by ${foundBy}), SHA-256 ${sha256}`;
}
