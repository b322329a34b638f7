/** The one way out of a sandbox that has a network of its own, and that it is the only one. */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { isLoopwrightError } from '../../core/errors.ts';
import { countOnHost, sleepToken, textOf, untilHolds, withBench } from './sandbox-bench.ts';
import type { SandboxBench, SandboxHarness, SandboxSubject } from './sandbox-bench.ts';

const PORT = 4_141;

/** Says a line to port `$1`, prints what comes back. */
const SAY = 'exec 9<>"/dev/tcp/127.0.0.1/$1" && echo "$2" >&9 && cat <&9';

/** On a Unix socket of the host: answers each line with `heard: LINE`, then hangs up. */
async function withEcho(root: string, body: (socket: string, heard: string[]) => Promise<void>): Promise<void> {
  const heard: string[] = [];
  const server: Server = createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.on('data', (bytes) => {
      heard.push(textOf(bytes).trim());
      connection.end(`heard: ${textOf(bytes)}`);
    });
  });
  const socket = join(root, 'way-out.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    await body(socket, heard);
  } finally {
    server.close();
  }
}

function ownNetworkCases({ it, expect }: SandboxHarness, subject: SandboxSubject): void {
  const test = (name: string, body: (bench: SandboxBench) => Promise<void>): void => {
    it(name, () => withBench(subject.create(process.env), body));
  };

  test('leads a loopback port inside to a socket outside, as often as it is used', async ({ run, root }) => {
    await withEcho(root, async (socket, heard) => {
      const script = `for word in one two three; do bash -c '${SAY}' bash "$0" $word; done`;
      const { stdout, stderr, end } = await run(['bash', '-c', script, String(PORT)], {
        forwards: [{ port: PORT, socket }],
      });
      expect([textOf(stdout), textOf(stderr), end]).toEqual([
        'heard: one\nheard: two\nheard: three\n',
        '',
        { kind: 'exited', code: 0 },
      ]);
      expect(heard).toEqual(['one', 'two', 'three']);
    });
  });

  test('shows nothing of it to a launch that was not given one', async ({ run, root }) => {
    await withEcho(root, async (_socket, heard) => {
      const { end } = await run(['bash', '-c', SAY, 'bash', String(PORT), 'hello']);
      expect(end.kind === 'exited' && end.code !== 0).toBe(true);
      expect(heard).toEqual([]);
    });
  });

  test('opens no other port and no other host by it', async ({ run, root }) => {
    const listener = createServer((connection) => connection.end('the host\n'));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    try {
      await withEcho(root, async (socket) => {
        const { end, stdout } = await run(['bash', '-c', SAY, 'bash', port, 'hello'], {
          forwards: [{ port: PORT, socket }],
        });
        expect([textOf(stdout), end.kind === 'exited' && end.code !== 0]).toEqual(['', true]);
      });
    } finally {
      listener.close();
    }
  });

  test('still says not-found for what is no program, passes exit codes on and leaves nothing behind', async (bench) => {
    const { run, root } = bench;
    await withEcho(root, async (socket) => {
      const forwards = [{ port: PORT, socket }];
      expect((await run(['no-such-program'], { forwards })).end.kind).toBe('not-found');
      const token = sleepToken();
      const script = `(setsid sleep ${token} &) ; exit 7`;
      expect((await run(['sh', '-c', script], { forwards })).end).toEqual({ kind: 'exited', code: 7 });
      expect(await untilHolds(() => countOnHost(token) === 0)).toBe(true);
      expect(countOnHost(`${PORT}:${socket}`)).toBe(0);
    });
  });

  test('refuses a launch whose way out cannot be opened', async ({ run, root }) => {
    await withEcho(root, async (socket) => {
      const forwards = [1, 2].map(() => ({ port: PORT, socket }));
      const failure = await run(['true'], { forwards }).catch((error: unknown) => error);
      expect(isLoopwrightError(failure, 'LW_SANDBOX_LAUNCH')).toBe(true);
    });
  });
}

export function forwardCases(harness: SandboxHarness, subject: SandboxSubject): void {
  const { it, expect } = harness;
  const { network } = subject.create(process.env);
  if (network === 'own') {
    ownNetworkCases(harness, subject);
    return;
  }
  it('refuses to forward a port where the network is the host’s', () =>
    withBench(subject.create(process.env), async ({ run, root }) => {
      const forwards = [{ port: PORT, socket: join(root, 'way-out.sock') }];
      const failure = await run(['true'], { forwards }).catch((error: unknown) => error);
      expect(isLoopwrightError(failure, 'LW_SANDBOX_LAUNCH')).toBe(true);
    }));
}
