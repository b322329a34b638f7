/** Who and where one is inside, whatever makes the sandbox. */
import { UNATTENDED_ENVIRONMENT } from '../process/unattended.ts';
import type { HostView } from './host-view.ts';

/** The user inside, whoever runs loopwright: several agents and databases refuse to run as root. */
export const INSIDE_USER = { id: 1_000, name: 'agent', home: '/home/agent', host: 'loopwright' } as const;

const PASSWD = `root:x:0:0:root:/root:/bin/sh
${INSIDE_USER.name}:x:${INSIDE_USER.id}:${INSIDE_USER.id}:${INSIDE_USER.name}:${INSIDE_USER.home}:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;

const GROUP = `root:x:0:
${INSIDE_USER.name}:x:${INSIDE_USER.id}:
nogroup:x:65534:
`;

const HOSTS = `127.0.0.1 localhost ${INSIDE_USER.host}
::1 localhost ip6-localhost
`;

/** Files of /etc that say who and where one is. Written by us, so that they say nothing about the host. */
export const SYNTHETIC: readonly (readonly [target: string, content: string])[] = [
  ['/etc/passwd', PASSWD],
  ['/etc/group', GROUP],
  ['/etc/hosts', HOSTS],
];

/** What every process gets; a launch can add to it and replace it. */
export function baseEnvironment(view: HostView): Readonly<Record<string, string>> {
  return {
    PATH: view.path,
    HOME: INSIDE_USER.home,
    USER: INSIDE_USER.name,
    LOGNAME: INSIDE_USER.name,
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    ...UNATTENDED_ENVIRONMENT,
    ...view.variables,
  };
}
