/** The secrets of a run: agreed with the host, read when they are needed, kept out of everything that is written meanwhile. */
import { randomBytes } from 'node:crypto';
import { assert, LoopwrightError } from '../core/errors.ts';
import type { SecretRule } from '../core/secret-rule.ts';
import type { OpenSecret, Secrets } from '../ports/secrets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A shorter value would be found in innocent text, and everything written would be full of marks. */
const MIN_SECRET_CHARS = 8;

/** Besides the forms that redaction knows by itself. */
function writtenForms(value: string): readonly string[] {
  const hex = Buffer.from(value).toString('hex');
  return [value, hex, hex.toUpperCase()];
}

async function openSecret(rule: SecretRule, env: Environment, repository: string): Promise<OpenSecret> {
  const { agreedSecret, loadHostSecrets } = await import('../policy/host-secrets.ts');
  const { readKey } = await import('../gateway/keys/index.ts');
  const { source } = agreedSecret(await loadHostSecrets(env), rule, repository);
  const secret = await readKey(source, env);
  assert(secret !== null, 'the secret of a host has a value');
  if (secret.reveal().length < MIN_SECRET_CHARS) {
    throw new LoopwrightError('LW_KEY_UNAVAILABLE', {
      message: `the secret \`${rule.name}\` has fewer than ${MIN_SECRET_CHARS} characters, so it could not be told from other text`,
      next: 'Use a longer one.',
    });
  }
  return { ...rule, secret, placeholder: `lw-secret-${rule.name}-${randomBytes(18).toString('base64url')}` };
}

/** `hold`: keeps what the function takes out of everything that is written, until it is let go. */
export function createSecrets(
  env: Environment,
  hold: (redact: (bytes: Uint8Array) => Uint8Array) => () => void,
): Secrets {
  return {
    async agree(rules, repository) {
      if (rules.length === 0) return;
      const { agreedSecret, loadHostSecrets } = await import('../policy/host-secrets.ts');
      const known = await loadHostSecrets(env);
      for (const rule of rules) agreedSecret(known, rule, repository);
    },
    async open(rules, repository) {
      const { createRedaction } = await import('../gateway/recording/redact.ts');
      const all: OpenSecret[] = [];
      for (const rule of rules) all.push(await openSecret(rule, env, repository));
      const letGo = hold(createRedaction(all.flatMap(({ secret }) => writtenForms(secret.reveal()))));
      return {
        all,
        close() {
          letGo();
          all.length = 0;
        },
      };
    },
  };
}
