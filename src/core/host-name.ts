/**
 * The one form in which hosts are compared: what a rule names, what a request names and what is dialled all pass here, so
 * that no two readers of one name can disagree about it. Pure.
 */

export type HostReading =
  | { readonly ok: true; readonly host: string }
  /** In words, as the end of a sentence that begins with the host. */
  | { readonly ok: false; readonly problem: string };

/** RFC 1035, section 2.3.4. */
const MAX_NAME = 253;

/** Letters, digits and `-` (RFC 1123, section 2.1); `_` is used by services that exist. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * A last label that is a number makes the whole an address for some readers: `127.1`, `0177.0.0.1`, `0x7f.1` (WHATWG URL,
 * "ends in a number").
 */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/;

/** Names that mean this machine or its surroundings by convention: RFC 6761, RFC 6762, RFC 8375, and `.internal` of ICANN. */
const LOCAL = ['localhost', 'localdomain', 'local', 'internal', 'intranet', 'lan', 'home', 'corp', 'home.arpa'];

function localSuffix(host: string): string | null {
  return LOCAL.find((suffix) => host === suffix || host.endsWith(`.${suffix}`)) ?? null;
}

const no = (problem: string): HostReading => ({ ok: false, problem });

/**
 * Small letters, one dot at the end taken off. Refused: addresses in any notation, names of one label, local names, and
 * everything two readers could take for different hosts (zero bytes, blanks, `@`, `%`, letters outside of ASCII).
 */
export function readHostName(written: string): HostReading {
  if (written === '') return no('is empty');
  // A character outside of ASCII may be small-lettered into ASCII (the Kelvin sign into k): refused before that.
  if (/[^\x21-\x7e]/.test(written))
    return no('has a character outside of printable ASCII; write it in its `xn--` form');
  const host = written.toLowerCase().replace(/\.$/, '');
  if (host.startsWith('[') || host.includes(':')) return no('is an address; only names are allowed');
  if (host.length > MAX_NAME) return no(`is longer than ${MAX_NAME} characters`);
  const labels = host.split('.');
  if (NUMBER.test(labels.at(-1) ?? '')) return no('is an address; only names are allowed');
  if (!labels.every((label) => LABEL.test(label))) return no('is not the name of a host');
  const local = localSuffix(host);
  if (local !== null) return no(`is a name of this machine or its own network (\`${local}\`), which is never reached`);
  return labels.length < 2 ? no('has no dot; only full names are allowed') : { ok: true, host };
}
