/** Whom a request to the proxy is for. Read here and nowhere else, without a second parser that could see it otherwise. Pure. */
import { readHostName } from '../core/host-name.ts';

export type Target =
  | { readonly ok: true; readonly host: string; readonly port: number; readonly path: string }
  | { readonly ok: false; readonly problem: string };

const AUTHORITY = /^(?<host>[^:@/?#\\]*)(?::(?<port>[1-9][0-9]{0,4}))?$/;
const ABSOLUTE = /^http:\/\/(?<authority>[^/?#]*)(?<path>[/?][^#]*)?$/i;

const no = (problem: string): Target => ({ ok: false, problem });

/** `host:port`; `usual`: the port where none is written, null where one has to be. */
export function readAuthority(written: string, usual: number | null): Target {
  const { host, port: portText } = AUTHORITY.exec(written)?.groups ?? {};
  if (host === undefined)
    return no(written.startsWith('[') ? 'is an address; only names are allowed' : 'is not the name of a host');
  const port = portText === undefined ? usual : Number(portText);
  if (port === null || port > 65_535) return no('names no port');
  const reading = readHostName(host);
  return reading.ok ? { ok: true, host: reading.host, port, path: '/' } : no(reading.problem);
}

/** `http://host:port/path`, as clients ask proxies. */
export function readAbsolute(url: string): Target {
  const { authority, path = '/' } = ABSOLUTE.exec(url)?.groups ?? {};
  if (authority === undefined) return no('is not an address of the form `http://HOST/PATH`');
  const target = readAuthority(authority, 80);
  if (!target.ok) return target;
  return { ...target, path: path.startsWith('?') ? `/${path}` : path };
}

/** What of it is written into the record: the name where it is one, else what was asked for, shortened. */
const MAX_SHOWN = 80;

export function shownHost(written: string): string {
  const reading = readHostName(written.replace(/:\d+$/, ''));
  return reading.ok ? reading.host : JSON.stringify(written.slice(0, MAX_SHOWN));
}
