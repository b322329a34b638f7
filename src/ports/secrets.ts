/** Secrets of the host, for the runs whose policy names them and whose host agrees. */
import type { SecretRule } from '../core/secret-rule.ts';
import type { Secret } from './gateway.ts';

export interface OpenSecret extends SecretRule {
  readonly secret: Secret;
  /** Stands for it inside; of this leg, worthless anywhere else and afterwards. */
  readonly placeholder: string;
}

/** Secrets that were read. What is written anywhere while they are open is written without them. */
export interface RunSecrets {
  readonly all: readonly OpenSecret[];
  /** Forgets them. Safe to call twice. */
  close(): void;
}

export interface Secrets {
  /** Asks the host without reading a value. Rejects with `LW_SECRET_REFUSED` and `LW_SECRETS_INVALID`. */
  agree(rules: readonly SecretRule[], repository: string): Promise<void>;
  /** Reads the values. Rejects as `agree`, and with `LW_KEY_UNAVAILABLE`. */
  open(rules: readonly SecretRule[], repository: string): Promise<RunSecrets>;
}
