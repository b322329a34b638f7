/** A host as `network.allow` writes it. Pure. */
import { readHostName } from '../core/host-name.ts';
import { nearest } from './nearest.ts';
import { NETWORK_PRESETS, PRESET_NAMES, type PresetHost } from './network-presets.ts';

export interface WrittenHost {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export type HostsReading =
  | { readonly ok: true; readonly preset: string | null; readonly hosts: readonly WrittenHost[] }
  | { readonly ok: false; readonly problem: string };

const FORM = /^(?:(?<scheme>[a-z+]+):\/\/)?(?<host>\[[^\]]*\]|[^:/]*)(?::(?<port>[^/:]*))?(?<rest>.*)$/i;

const no = (problem: string): HostsReading => ({ ok: false, problem });

function presetOf(written: string): HostsReading | null {
  if (!/^[a-z][a-z0-9-]*$/i.test(written) || written === 'localhost') return null;
  const hosts: readonly PresetHost[] | undefined = Object.hasOwn(NETWORK_PRESETS, written)
    ? NETWORK_PRESETS[written]
    : undefined;
  if (hosts === undefined) {
    const close = nearest(written, PRESET_NAMES);
    const hint =
      close === null
        ? `known are ${PRESET_NAMES.map((name) => `\`${name}\``).join(', ')}`
        : `did you mean \`${close}\`?`;
    return no(`"${written}" is neither a full name of a host nor a known list of hosts; ${hint}`);
  }
  return { ok: true, preset: written, hosts: hosts.map(({ host, tls }) => ({ host, tls, port: tls ? 443 : 80 })) };
}

function portOf(written: string | undefined, tls: boolean): number | null {
  if (written === undefined) return tls ? 443 : 80;
  if (!/^[1-9][0-9]{0,4}$/.test(written)) return null;
  const port = Number(written);
  return port <= 65_535 ? port : null;
}

/** Why a whole, taken apart, is no host; null where its parts can be looked at. */
function formProblem({
  scheme = 'https',
  host = '',
  rest = '',
}: Readonly<Record<string, string | undefined>>): string | null {
  if (!/^https?$/i.test(scheme)) return 'only `https` and `http` pass the proxy';
  if (rest.startsWith(':') || host.startsWith('[')) return 'is an address; only names are allowed';
  if (rest !== '' && rest !== '/') return 'has a path; rules are on whole hosts';
  const named = host.replace(/^\*\./, '');
  return named.includes('*') ? 'a `*` may only stand alone before the first dot, as in `*.example.com`' : null;
}

/** The name of a list of hosts, or one host: `api.example.com`, `*.example.com`, `api.example.com:8443`, `http://…`. */
export function readHosts(written: string): HostsReading {
  const preset = presetOf(written);
  if (preset !== null) return preset;
  const parts = FORM.exec(written)?.groups ?? {};
  const problem = formProblem(parts);
  if (problem !== null) return no(`"${written}" ${problem}`);
  const { scheme, host = '', port: portText } = parts;
  const tls = scheme?.toLowerCase() !== 'http';
  const port = portOf(portText, tls);
  if (port === null) return no(`"${written}": the port has to be a number from 1 to 65535`);
  const wild = host.startsWith('*.');
  const reading = readHostName(wild ? host.slice(2) : host);
  if (!reading.ok) return no(`"${host}" ${reading.problem}`);
  return { ok: true, preset: null, hosts: [{ host: wild ? `*.${reading.host}` : reading.host, port, tls }] };
}
