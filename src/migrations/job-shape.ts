/** What is sent to `inside.ts` and what comes back. Types alone: that file is one piece of source where it runs. */

export interface SqlStep {
  readonly id: string;
  readonly statements: readonly string[];
  readonly transaction: boolean;
}

export interface CommandStep {
  readonly id: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

export type JobStep = SqlStep | CommandStep;

export type PhaseName = 'base' | 'up' | 'down' | 'again';

export interface JobPhase {
  readonly name: PhaseName;
  readonly steps: readonly JobStep[];
}

export interface SentJob {
  /** Sent back, so that nothing a step prints is taken for the answer. */
  readonly nonce: string;
  readonly database: 'sqlite' | 'postgresql';
  /** Where the database is put; not there yet. */
  readonly directory: string;
  /** Also on the loopback of a network that is the sandbox's own. */
  readonly port: number | null;
  /** Tables in which tools keep what they ran, as patterns of `pg_dump`. */
  readonly bookkeeping: readonly string[];
  /** Roles that migrations name: nobody can log in as one, and the role that they run as is a member. */
  readonly roles: readonly string[];
  readonly phases: readonly JobPhase[];
}

export interface PhaseFailure {
  readonly id: string;
  /** From 1; 0: a command. */
  readonly statement: number;
  readonly message: string;
}

export interface PhaseAnswer {
  readonly name: PhaseName;
  readonly failed: PhaseFailure | null;
  readonly schema: string;
}
