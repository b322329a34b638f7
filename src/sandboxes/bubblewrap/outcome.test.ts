import { describe, expect, it } from 'vitest';
import { LoopwrightError } from '../../core/errors.ts';
import type { ProcessEnd } from '../../ports/sandbox.ts';
import { readStatus } from './namespace.ts';
import { interpretEnd } from './outcome.ts';
import { findBroken, readSights } from '../look-around.ts';
import { hasOwnOverlay } from './overlay.ts';
import { doesNotStart, lookAtMachine, notInstalled } from './unavailable.ts';
import { noRoomToTry } from '../look-inside.ts';
import type { MachineFacts } from './unavailable.ts';

const STARTED = '{ "child-pid": 41, "pid-namespace": 4026532182 }\n';
const EXITED_1: ProcessEnd = { kind: 'exited', code: 1 };

function interpret(end: ProcessEnd, status: string, words = '', missing: string | null = null): ProcessEnd {
  return interpretEnd(end, status, { words, program: 'agent', missing });
}

describe('the end of a launch', () => {
  it('is not-found for a program that the gate did not find, whatever the shell then exits with', () => {
    const end = interpret({ kind: 'exited', code: 127 }, `${STARTED}{ "exit-code": 127 }\n`, '', 'Is a directory');
    expect(end).toEqual({ kind: 'not-found', detail: 'agent: Is a directory' });
  });

  it.each<[number, ProcessEnd]>([
    [0, { kind: 'exited', code: 0 }],
    [128, { kind: 'exited', code: 128 }],
    [129, { kind: 'exited', code: 129 }],
    [137, { kind: 'signalled', signal: 'SIGKILL' }],
    [143, { kind: 'signalled', signal: 'SIGTERM' }],
    [255, { kind: 'exited', code: 255 }],
  ])('with code %d', (code, end) => {
    expect(
      interpret(
        { kind: 'exited', code },
        `${STARTED}{ "exit-code": ${code} }\n`,
        'bwrap: execvp agent: Permission denied',
      ),
    ).toEqual(end);
  });

  it.each(['No such file or directory', 'Permission denied', 'Exec format error'])(
    'is not-found for %s before the start',
    (why) => {
      expect(interpret(EXITED_1, STARTED, `bwrap: execvp a: b\nc: ${why}\n`)).toEqual({
        kind: 'not-found',
        detail: `agent: ${why}`,
      });
    },
  );

  it.each(["bwrap: Can't chdir to /x: No such file or directory", 'bwrap: execvp agent: Argument list too long', ''])(
    'is a failure of the sandbox when it says %j before the start',
    (words) => {
      expect(() => interpret(EXITED_1, STARTED, words)).toThrow(expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }));
    },
  );

  it('is what the supervisor decided, whatever bubblewrap says', () => {
    expect(interpret({ kind: 'idle' }, `${STARTED}{ "exit-code": 137 }\n`)).toEqual({ kind: 'idle' });
  });

  it('is a signal when someone else killed bubblewrap', () => {
    expect(interpret({ kind: 'signalled', signal: 'SIGKILL' }, STARTED)).toEqual({
      kind: 'signalled',
      signal: 'SIGKILL',
    });
  });

  it('is read from a status that is still being written', () => {
    expect(readStatus('{ "child-')).toEqual({ init: null, pidNamespace: null, exitCode: null });
    expect(readStatus(STARTED)).toEqual({ init: 41, pidNamespace: 4_026_532_182, exitCode: null });
  });
});

describe('looking around inside', () => {
  const view = {
    system: [],
    toolchains: [{ kind: 'read-only', path: '/root/.pyenv' }],
    path: '',
    variables: {},
    hiddenPath: [],
  } as const;
  const expected = {
    view,
    home: '/root',
    hostVariables: ['PATH', 'API_KEY'],
    ownVariables: ['PATH'],
    hostNamespace: 'pid:[1]',
    filtered: true,
  };
  const good = [
    'interfaces\tlo ',
    'home\t.pyenv ',
    'canary\thidden',
    'variables\tPATH PWD ',
    'namespace\tpid:[2]',
    'processes\t4',
    'written\t',
    'workspace\twritable',
    'capabilities\t0000000000000000',
    'privileges\t1',
    'filter\t2',
    'namespaces\trefused',
    'terminal\tnone',
    'end\tend',
  ];

  it('finds nothing to complain of in a sandbox that holds', () => {
    expect(findBroken(readSights(good.join('\n')), expected)).toEqual([]);
  });

  it.each([
    ['interfaces\tlo eth0', 'eth0'],
    ['home\t.pyenv .ssh', '.ssh'],
    ['canary\tseen', 'temporary file'],
    ['variables\tPATH API_KEY', 'API_KEY'],
    ['namespace\tpid:[1]', 'processes of the host'],
    ['written\t /usr', '/usr'],
    ['workspace\tread-only', 'workspace'],
    ['capabilities\t0000000000000001', 'capabilities'],
    ['privileges\t0', 'privileges'],
    ['filter\t0', 'system calls'],
    ['namespaces\tallowed', 'user namespaces'],
    ['terminal\treachable', 'terminal'],
    ['end\t', 'come to its end'],
  ])('complains of %j', (sight, about) => {
    const broken = findBroken(readSights([...good, sight].join('\n')), expected);
    expect(broken).toHaveLength(1);
    expect(broken[0]).toContain(about);
  });

  it('complains when it saw nothing', () => {
    expect(findBroken(readSights(''), expected).length).toBeGreaterThan(6);
  });
});

describe('a machine without a working bubblewrap', () => {
  const facts: MachineFacts = {
    platform: 'linux',
    isRoot: false,
    inContainer: false,
    appArmorRestricts: false,
    cloneForbidden: false,
    maxUserNamespaces: 15_000,
    callsFiltered: false,
  };
  const cause = new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: 'bwrap: setting up uid map: Permission denied',
    next: '',
  });

  it.each<[string, Partial<MachineFacts>]>([
    ['sudo sysctl -w kernel.unprivileged_userns_clone=1', { cloneForbidden: true }],
    ['sudo sysctl -w user.max_user_namespaces', { maxUserNamespaces: 0 }],
    ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0', { appArmorRestricts: true }],
    ['docker run --security-opt seccomp=unconfined', { inContainer: true, callsFiltered: true }],
    ['a filter that allows `unshare`', { callsFiltered: true }],
  ])('is told `%s`', (command, seen) => {
    const error = doesNotStart({ ...facts, ...seen }, cause);
    expect(error.code).toBe('LW_SANDBOX_UNAVAILABLE');
    expect(error.next).toContain(command);
    expect(error.message).toContain('setting up uid map');
  });

  it('is told that its bubblewrap is too old', () => {
    const old = new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: 'bwrap: Unknown option --disable-userns',
      next: '',
    });
    expect(doesNotStart({ ...facts, cloneForbidden: true }, old).next).toContain('0.8 is the first');
  });

  it.each([
    ['ENOSPC', 'LW_DISK_FULL', 'Make room in /tmp'],
    ['EROFS', 'LW_SANDBOX_UNAVAILABLE', 'Make /tmp writable'],
  ])('is told where there is no room: %s', (code, expected, next) => {
    const error = noRoomToTry('/tmp', Object.assign(new Error(code), { code }));
    expect([error.code, error.next]).toEqual([expected, expect.stringContaining(next)]);
  });

  it('is told how to install it', () => {
    expect(notInstalled(facts).next).toContain('`sudo apt-get install bubblewrap`');
    expect(notInstalled({ ...facts, isRoot: true }).next).toContain('`apt-get install bubblewrap`');
    expect(notInstalled({ ...facts, platform: 'darwin' }).next).toContain('Linux only');
    expect(lookAtMachine().platform).toBe(process.platform);
  });
});

it.each([
  ['0.8.0', false],
  ['0.10.0', false],
  ['0.11.0', true],
  ['0.11.1', true],
  ['1.0.0', true],
])('bubblewrap %s has an overlay of its own: %s', (version, has) => {
  expect(hasOwnOverlay(version)).toBe(has);
});
