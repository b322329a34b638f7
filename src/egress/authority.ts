/**
 * Certificates of one run, for hosts whose requests have to be seen: an authority that is made for the run, kept in memory,
 * believed inside its sandbox and nowhere else. The library is loaded only where a policy needs it.
 */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import type { pki } from 'node-forge';

export interface Authority {
  /** PEM, without the key. */
  readonly certificate: string;
  /** For a server of this name. Rejects nothing that is the name of a host. */
  contextFor(host: string): SecureContext;
}

/** Clients that are strict about age accept neither the future nor the far past. */
const BACKDATED_MS = 3_600_000;
const VALID_MS = 30 * 24 * 3_600_000;

/** A wildcard of a policy may cover any number of hosts; each context holds some 100 KB. */
const MAX_CONTEXTS = 200;

/** Smallest size that every client takes. */
const KEY_BITS = 2_048;

async function keyPem(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** Positive and not longer than 20 octets (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

export async function createAuthority(): Promise<Authority> {
  const [{ default: forge }, pem] = await Promise.all([import('node-forge'), keyPem()]);
  // One key for the authority and for every server: both are this process, and making a key takes longest.
  const key = forge.pki.privateKeyFromPem(pem);
  const publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  const subject = [{ name: 'commonName', value: `loopwright run ${randomBytes(4).toString('hex')}` }];

  function fresh(name: pki.CertificateField[]): pki.Certificate {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = publicKey;
    certificate.serialNumber = serialNumber();
    certificate.validity.notBefore = new Date(Date.now() - BACKDATED_MS);
    certificate.validity.notAfter = new Date(Date.now() + VALID_MS);
    certificate.setSubject(name);
    certificate.setIssuer(subject);
    return certificate;
  }

  const own = fresh(subject);
  own.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  own.sign(key, forge.md.sha256.create());
  const ownIdentifier = own.generateSubjectKeyIdentifier().getBytes();
  const certificate = forge.pki.certificateToPem(own);

  function issue(host: string): SecureContext {
    // The name is in the extension alone: a common name holds 64 characters at most.
    const leaf = fresh([{ name: 'commonName', value: 'loopwright egress proxy' }]);
    leaf.setExtensions([
      { name: 'basicConstraints', critical: true, cA: false },
      { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
      { name: 'subjectKeyIdentifier' },
      { name: 'authorityKeyIdentifier', keyIdentifier: ownIdentifier },
    ]);
    leaf.sign(key, forge.md.sha256.create());
    return createSecureContext({ key: pem, cert: `${forge.pki.certificateToPem(leaf)}${certificate}` });
  }

  const contexts = new Map<string, SecureContext>();
  return {
    certificate,
    contextFor(host) {
      const context = contexts.get(host) ?? issue(host);
      contexts.delete(host);
      contexts.set(host, context);
      const [oldest] = contexts.keys();
      if (contexts.size > MAX_CONTEXTS && oldest !== undefined) contexts.delete(oldest);
      return context;
    },
  };
}
