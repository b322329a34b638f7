/** Signatures of decisions: whether one holds, and two ways to make one. */
import type { SignedClaim } from '../ports/signing.ts';
import { fingerprint, holdsFor, KEY_TYPE, parseArmoured } from './ssh-signature.ts';

export { openOwnKey } from './own-key.ts';
export { sshKeygenSigner } from './ssh-keygen.ts';
export { KEY_TYPE, NAMESPACE } from './ssh-signature.ts';

/** A key that a name may sign with: `ssh-ed25519` and the base64 of the key, as in `allowed_signers` of OpenSSH. */
export interface NamedKey {
  readonly names: readonly string[];
  readonly type: string;
  readonly key: string;
}

const NO_SOURCE =
  'nobody has a key: there is neither `approvers` of this host nor `.loopwright/approvers` of the base revision';

/** Why the signature does not hold; null: it does. Names are taken to the letter. `source`: what names the keys. */
export function signatureProblem(claim: SignedClaim, keys: readonly NamedKey[], source: string | null): string | null {
  const { by, text, signature } = claim;
  const parsed = parseArmoured(signature.text);
  if (parsed === null) return 'it is no Ed25519 signature in the namespace `loopwright`, or was changed';
  if (signature.key !== fingerprint(parsed.blob)) return 'it names another key than the one that made it';
  if (!holdsFor(text, parsed)) return 'it is not a signature of this decision on this run, diff and policy';
  if (source === null) return NO_SOURCE;
  const theirs = keys.filter(({ names }) => names.includes(by));
  if (theirs.length === 0) return `${source} names no key of ${by}`;
  const encoded = parsed.blob.toString('base64');
  if (theirs.some(({ type, key }) => type === KEY_TYPE && key === encoded)) return null;
  return `${source} does not give the key ${signature.key} to ${by}`;
}
