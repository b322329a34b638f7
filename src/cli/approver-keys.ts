/** Keys of people who decide: whose signatures hold, and with what a person signs here. */
import { isAbsolute, join, resolve } from 'node:path';
import type { ApproverKeys, SignStatement } from '../ports/signing.ts';
import type { BaseReader } from '../ports/workspace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `read`: opens the base revision of a run. Everything else comes from the host. */
export function createApproverKeys(
  env: Environment,
  read: (repository: string, commit: string) => BaseReader,
): ApproverKeys {
  return {
    async problem(claim, { repository, commit }) {
      const { loadApprovers } = await import('../policy/load-approvers.ts');
      const { signatureProblem } = await import('../signing/index.ts');
      const { keys, source } = await loadApprovers(env, read(repository, commit));
      return signatureProblem(claim, keys, source);
    },
  };
}

export interface SigningPlace {
  /** The state directory. */
  readonly home: string;
  readonly cwd: string;
  readonly env: Environment;
}

export interface Signing {
  readonly sign: SignStatement;
  /** The line that gives the key to its owner; null for a key of ssh-keygen, which has its own public file. */
  readonly approverLine: string | null;
}

/** With the SSH key that was named, else with one that is made for this person on first use. */
export async function openSigning(operator: string, key: string | null, place: SigningPlace): Promise<Signing> {
  const { KEY_TYPE, NAMESPACE, openOwnKey, sshKeygenSigner } = await import('../signing/index.ts');
  if (key !== null) {
    const path = isAbsolute(key) ? key : resolve(place.cwd, key);
    return { sign: sshKeygenSigner(path, place.env), approverLine: null };
  }
  const own = await openOwnKey(join(place.home, 'keys'), operator);
  const name = /[\s"]/.test(operator) ? JSON.stringify(operator) : operator;
  const approverLine = `${name} namespaces="${NAMESPACE}" ${KEY_TYPE} ${own.blob.toString('base64')}`;
  return { sign: own.sign, approverLine };
}
