/** The way of a run to hosts besides its models: a proxy outside of the sandbox that the policy opens. */
import type { EgressUse } from '../core/egress-event.ts';
import type { RunEvent } from '../core/event.ts';
import type { NetworkRules } from '../core/network.ts';
import type { Secret } from './gateway.ts';
import type { PortForward } from './sandbox.ts';

/** What a launch needs so that clients find the proxy. */
export interface EgressAccess {
  /** The variables that clients read, and where they find the certificates. */
  readonly env: Readonly<Record<string, string>>;
  readonly forwards: readonly PortForward[];
  /** Shown read-only inside: target path to host path. */
  readonly files: Readonly<Record<string, string>>;
}

/** A time in which requests pass: a turn, or a check. Outside of one, everything is refused. */
export interface EgressWindow {
  /**
   * Cuts what is under way and records what came of everything since it began. Resolves once none is left. Rejects as the
   * log does.
   */
  end(): Promise<void>;
}

/** The proxy of one run, in one leg. */
export interface EgressRun {
  readonly access: EgressAccess;
  /** `used`: what the run did before, so that its ceilings hold over turns and legs. One window at a time. */
  begin(iteration: number, used: EgressUse): EgressWindow;
  /** Closes every way in. Safe to call twice. */
  close(): Promise<void>;
}

/** A secret that is put into requests to certain hosts, in the place of what stands for it inside. */
export interface EgressSecret {
  /** What the sandbox knows of it; worthless anywhere else and afterwards. */
  readonly placeholder: string;
  /** In the form of `readHostName`, no wildcards. */
  readonly hosts: readonly string[];
  readonly secret: Secret;
}

export interface EgressRequest {
  readonly network: NetworkRules;
  readonly secrets: readonly EgressSecret[];
  /** Durable when it resolves. */
  readonly record: (events: readonly RunEvent[]) => Promise<void>;
}

export interface Egress {
  /** Rejects with `LW_EGRESS_UNAVAILABLE`. */
  open(request: EgressRequest): Promise<EgressRun>;
}
