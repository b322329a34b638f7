/** How git speaks to a network: only to the repository a cloud agent works on, and to the forge a change is published on. */
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import type { Git } from './git.ts';
import { furtherSettings } from './git.ts';
import { isObjectId } from './object-names.ts';
import type { Room } from './room.ts';

/** A login of the host for one server. It is sent to that server and to no other. */
export interface RemoteLogin {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly secret: { readonly reveal: () => string };
}

/** Bytes per second, and for how many seconds slower: then the transfer is given up. */
const LOW_SPEED = ['1000', '60'] as const;

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** Throws `LW_REMOTE_UNREACHABLE` for anything but https, and http on this machine. */
export function remoteUrl(remote: string): URL {
  const url = URL.canParse(remote) ? new URL(remote) : null;
  const allowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (url !== null && allowed && url.username === '' && url.password === '') return url;
  throw new LoopwrightError('LW_REMOTE_UNREACHABLE', {
    message: `${JSON.stringify(remote.replace(/\/\/[^/]*@/, '//'))} is no address that loopwright fetches from`,
    next: 'It has to begin with `https://` and hold no login.',
  });
}

/** Settings of one call: the scheme, no redirect, and the login in the environment, where no argument list shows it. */
export async function remoteEnvironment(room: Room, url: URL): Promise<Readonly<Record<string, string>>> {
  const login = await room.remoteLogin(url.origin);
  const settings: (readonly [string, string])[] = [
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', LOW_SPEED[0]],
    ['http.lowSpeedTime', LOW_SPEED[1]],
  ];
  if (login !== null && login.origin === url.origin) {
    // As GitHub documents it for tokens over HTTPS: the token is the password, and the user name does not matter. GitLab the same.
    const basic = Buffer.from(`x-access-token:${login.secret.reveal()}`).toString('base64');
    settings.push([`http.${url.origin}/.extraHeader`, `Authorization: Basic ${basic}`]);
  }
  return { GIT_ALLOW_PROTOCOL: url.protocol.slice(0, -1), ...furtherSettings(settings) };
}

export function unreachable(remote: string, words: string, cause?: unknown): LoopwrightError {
  return new LoopwrightError('LW_REMOTE_UNREACHABLE', {
    message: `${remote} cannot be read: ${words.slice(0, 300)}`,
    next: 'Check the name of the repository and the network; for a private one set the token (GITHUB_TOKEN, GITLAB_TOKEN).',
    details: { remote },
    cause,
  });
}

async function listRemote(
  git: Git,
  url: URL,
  env: Readonly<Record<string, string>>,
  refs: readonly string[],
): Promise<string> {
  try {
    return await git.line({ args: ['ls-remote', '--symref', '--', url.href, ...refs], env });
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    throw unreachable(url.href, String(error.details['words']), error);
  }
}

/** Where a branch stands now; null where there is none. */
export async function branchTip(room: Room, remote: string, branch: string): Promise<string | null> {
  const url = remoteUrl(remote);
  const ref = `refs/heads/${branch}`;
  const lines = (await listRemote(room.git, url, await remoteEnvironment(room, url), [ref])).split('\n');
  // A pattern of `ls-remote` also matches the end of a longer name.
  const commit = lines.find((line) => line.endsWith(`\t${ref}`))?.split('\t')[0] ?? '';
  return isObjectId(commit) ? commit : null;
}

/** Where a branch stands now; null takes the default branch. */
export async function remoteHead(
  room: Room,
  remote: string,
  branch: string | null,
): Promise<{ readonly branch: string; readonly commit: string }> {
  const url = remoteUrl(remote);
  const wanted = branch === null ? 'HEAD' : `refs/heads/${branch}`;
  const lines = (await listRemote(room.git, url, await remoteEnvironment(room, url), [wanted])).split('\n');
  const named = lines.map((line) => /^ref: refs\/heads\/(?<name>.+)\tHEAD$/.exec(line)?.groups?.['name']).find(Boolean);
  const commit = lines.find((line) => line.endsWith(`\t${wanted}`) && !line.startsWith('ref: '))?.split('\t')[0] ?? '';
  const name = branch ?? named;
  if (name !== undefined && isObjectId(commit)) return { branch: name, commit };
  throw new LoopwrightError('LW_BASE_NOT_ON_REMOTE', {
    message: branch === null ? `${remote} has no default branch` : `${remote} has no branch ${branch}`,
    next: 'Push the branch yourself (loopwright pushes nothing), or name another one as `branch` in the options of the agent.',
    details: { remote, branch },
  });
}
