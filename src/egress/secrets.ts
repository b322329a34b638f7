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

/** Fewer letters of base64 would be found in innocent text. */
const LEAST_BASE64_CHARS = 10;

/**
 * How a host may repeat what it was sent: as it is, in hex, percent-encoded, and in base64, where three bytes of other text
 * around it decide which letters it has (`user:` before it). Longer ones first: one may hold another.
 */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const decided = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    const letters = decided.length < LEAST_BASE64_CHARS ? [] : [decided];
    return letters.flatMap((one) => [one, one.replaceAll('+', '-').replaceAll('/', '_')]);
  });
  const all = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), hex, hex.toUpperCase(), ...base64];
  return [...new Set(all)].toSorted((a, b) => b.length - a.length);
}

/** null where no secret is for this host. */
export function secretsFor(host: string, all: readonly EgressSecret[], hideSecret: HideSecret): HostSecrets | null {
  const secrets = all.filter(({ hosts }) => hosts.includes(host));
  if (secrets.length === 0) return null;
  const forms = (): readonly string[] => [...new Set(secrets.flatMap(({ secret }) => formsOf(secret.reveal())))];
  return {
    fill: (value) => fill(value, secrets),
    hide(value) {
      let hidden = value;
      for (const form of forms()) hidden = hidden.replaceAll(form, '*'.repeat(8));
      return hidden;
    },
    bodyHider() {
      const hiders = forms().map(hideSecret);
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
