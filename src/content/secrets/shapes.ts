/**
 * Shapes of credentials beyond those that a policy is refused for (`core/secret-shapes.ts`): vendors' prefixes, addresses with
 * a password, and a name that says secret beside a value that looks like one. The shapes are those vendors document, as the
 * rules of gitleaks and secretlint list them.
 */
import { shapedSecret } from '../../core/secret-shapes.ts';
import type { ShapedSecret } from '../../core/secret-shapes.ts';

/** Of one line; a minified file is one line. */
const MAX_LINE = 20_000;

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\bSG\.[\w-]{22}\.[\w-]{43}\b/, 'a SendGrid API key'],
  [/\bSK[0-9a-f]{32}\b/, 'a Twilio API key'],
  [/\bhooks\.slack\.com\/services\/T\w{8,12}\/B\w{8,12}\/\w{20,}/, 'a Slack webhook'],
  [/\bdiscord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{60,}/, 'a Discord webhook'],
  [/\bAccountKey=[A-Za-z0-9+/]{86}==/, 'an Azure storage key'],
  [/\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/, 'a PyPI token'],
  [/\bdckr_pat_[\w-]{20,}/, 'a Docker Hub token'],
  [/\bhf_[A-Za-z]{34}\b/, 'a Hugging Face token'],
  [/\bGOCSPX-[\w-]{28}\b/, 'a Google OAuth secret'],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/, 'an age key'],
  [/\bdo[opr]_v1_[0-9a-f]{64}\b/, 'a DigitalOcean token'],
  [/\bdapi[0-9a-f]{32}\b/, 'a Databricks token'],
  [/\blin_api_[A-Za-z0-9]{40}\b/, 'a Linear API key'],
  [/\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/, 'a Shopify token'],
  [/\bATATT3[\w=-]{180,}/, 'an Atlassian token'],
  [/\bsq0(?:atp|csp)-[\w-]{22,43}\b/, 'a Square token'],
  [/\b\d{8,10}:AA[\w-]{33}\b/, 'a Telegram bot token'],
  [/\bglsa_[A-Za-z0-9]{32}_[0-9a-f]{8}\b/, 'a Grafana token'],
  [/\bhvs\.[\w-]{90,}/, 'a Vault token'],
];

/** What people write where a value would stand. */
const PLACEHOLDER =
  /example|placeholder|dummy|fake|sample|changeme|redacted|your[-_ ]|xxxx|\*{4}|\.{3}|<|\$\{|\{\{|%\(|%s|0{8}|1{8}|12345678|abcdefgh|deadbeef/i;

const WITH_PASSWORD = /\b[a-z][a-z0-9+]{2,20}:\/\/[^\s:/@"'`<>]{1,64}:([^\s/@"'`<>]{3,200})@([\w.-]+)/i;

/** Passwords of stacks that only ever run on one machine, and their hosts. */
const LOCAL =
  /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|[a-z]+|.*\.(?:local|test|invalid|example|example\.(?:com|org|net)))$/i;
const OBVIOUS =
  /^(?:pass(?:w(?:or)?d)?|secret|user|admin|root|postgres|mysql|guest|test\w*|p|pw|pwd|token|key)\d{0,4}$/i;

const NAMED_VALUE =
  /(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key)\w{0,20}["']?\s{0,4}(?:=>|:=|[:=])\s{0,4}["'`]([^"'`\s]{16,200})["'`]/i;

/** Bits for each character. A word of a language has about 3, a value drawn at random from letters and digits above 4. */
const RANDOM_BITS = 3.8;

function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function looksRandom(value: string): boolean {
  const isMixed = /\d/.test(value) && /[a-z]/i.test(value) && /^[\w+/=.~-]+$/.test(value);
  // Paths, package names, dotted names and dates hold digits too.
  return isMixed && !/[/.].*[/.].*[/.]|^\d{4}-\d\d/.test(value) && entropy(value) >= RANDOM_BITS;
}

function inAddress(text: string): ShapedSecret | null {
  const [, password = '', host = ''] = WITH_PASSWORD.exec(text) ?? [];
  if (password === '' || LOCAL.test(host) || OBVIOUS.test(password) || PLACEHOLDER.test(password)) return null;
  return /^[$%{]|[{}()]/.test(password) ? null : { what: 'an address with a password in it', value: password };
}

function named(text: string): ShapedSecret | null {
  const value = NAMED_VALUE.exec(text)?.[1] ?? '';
  if (!looksRandom(value) || PLACEHOLDER.test(value)) return null;
  return { what: 'a value that looks random, beside a name that says secret', value };
}

/** A line that only names the kind of a key is code that reads one; a key is followed by its body. */
function privateKey(text: string, next: string | undefined): ShapedSecret | null {
  const at = text.search(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  if (at < 0) return null;
  const body = /[A-Za-z0-9+/]{40,}/.exec(`${text.slice(at + 30)}\n${next ?? ''}`)?.[0];
  return body === undefined ? null : { what: 'a private key', value: body };
}

/** `loose`: also what only its name gives away. `next`: the line that follows, where it was added too. */
export function secretIn(line: string, next: string | undefined, loose: boolean): ShapedSecret | null {
  const text = line.slice(0, MAX_LINE);
  const key = privateKey(text, next?.slice(0, MAX_LINE));
  if (key !== null) return key;
  const without = text.replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----/g, '');
  const certain = shapedSecret(without) ?? shapedSecret(without, SHAPES);
  if (certain !== null && !PLACEHOLDER.test(certain.value)) return certain;
  return inAddress(text) ?? (loose ? named(text) : null);
}
