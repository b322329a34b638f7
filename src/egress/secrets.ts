/** Secrets at the edge: put into the headers of requests to their hosts, and taken out of what comes back. */
import type { EgressSecret } from '../ports/egress.ts';

/** As the gateway does it; handed in by the composition root. */
export type HideSecret = (secret: string) => {
  push(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
};

export interface HostSecrets {
  /** A header value with every placeholder replaced, also within the login of Basic authentication. */
  fill(value: string): string;
  /** A header value that comes back. */
  hide(value: string): string;
  /** The body that comes back, however it is cut. */
  bodyHider(): ReturnType<HideSecret>;
}

const BASIC = /^(?<scheme>basic +)(?<login>[A-Za-z0-9+/_-]+={0,2})$/i;

function replaceAll(value: string, secrets: readonly EgressSecret[]): string {
  let filled = value;
  for (const { placeholder, secret } of secrets) filled = filled.replaceAll(placeholder, () => secret.reveal());
  return filled;
}

function fill(value: string, secrets: readonly EgressSecret[]): string {
  const { scheme, login } = BASIC.exec(value)?.groups ?? {};
  if (scheme === undefined || login === undefined) return replaceAll(value, secrets);
  const plain = Buffer.from(login, 'base64').toString('latin1');
  const filled = replaceAll(plain, secrets);
  return filled === plain ? value : `${scheme}${Buffer.from(filled, 'latin1').toString('base64')}`;
}

/** null where no secret is for this host. */
export function secretsFor(host: string, all: readonly EgressSecret[], hideSecret: HideSecret): HostSecrets | null {
  const secrets = all.filter(({ hosts }) => hosts.includes(host));
  if (secrets.length === 0) return null;
  return {
    fill: (value) => fill(value, secrets),
    hide(value) {
      let hidden = value;
      for (const { secret } of secrets) hidden = hidden.replaceAll(secret.reveal(), '*'.repeat(8));
      return hidden;
    },
    bodyHider() {
      const hiders = secrets.map(({ secret }) => hideSecret(secret.reveal()));
      return {
        push: (bytes) => hiders.reduce((passing, hider) => hider.push(passing), bytes),
        end() {
          let rest: Uint8Array = new Uint8Array();
          for (const hider of hiders) rest = Buffer.concat([hider.push(rest), hider.end()]);
          return rest;
        },
      };
    },
  };
}
