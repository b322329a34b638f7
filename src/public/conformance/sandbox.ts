/**
 * What every sandbox has to keep. Run it with the test framework at hand:
 *
 *     sandboxConformance({ describe, it, expect }, { name, confines: true, create: (env) => createMine(env) });
 *
 * Needs a Linux host (it looks at /proc) with `sh`, coreutils and util-linux's `setsid`; the cases about the network also
 * need `bash` and either `node` or `python3` inside.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopwrightError } from '../../core/errors.ts';
import type { FinishedProcess, SupervisedProcess } from '../../ports/sandbox.ts';
import { countOnHost, sleepToken, textOf, untilHolds, withBench, WORKSPACE } from './sandbox-bench.ts';
import type { SandboxBench, SandboxHarness, SandboxSubject } from './sandbox-bench.ts';
import { confinementCases } from './sandbox-confinement.ts';
import { forwardCases } from './sandbox-forwards.ts';
import { mountCases } from './sandbox-mounts.ts';
import { resourceCases } from './sandbox-resources.ts';
import { systemCallCases } from './sandbox-system-calls.ts';

export type { SandboxHarness, SandboxSubject } from './sandbox-bench.ts';

type Case = (name: string, body: (bench: SandboxBench) => Promise<void>) => void;

async function failureCode(promise: Promise<FinishedProcess>): Promise<string> {
  try {
    const { end } = await promise;
    return `ended: ${JSON.stringify(end)}`;
  } catch (error) {
    if (isLoopwrightError(error)) return error.code;
    throw error;
  }
}

function endCases(test: Case, { expect }: SandboxHarness): void {
  test('passes exit codes on, also those shells use for missing programs', async ({ sh }) => {
    for (const code of [0, 1, 2, 77, 126, 127, 129, 255]) {
      const { end } = await sh(`exit ${code}`);
      expect(end).toEqual({ kind: 'exited', code });
    }
  });

  test('names the signal a program died of', async ({ sh }) => {
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT']) {
      const { end } = await sh(`kill -s ${signal.slice(3)} $$`);
      expect(end).toEqual({ kind: 'signalled', signal });
    }
  });

  test('says not-found for what is no program, and only for that', async ({ run, sh }) => {
    for (const program of ['no-such-program', '/no/such/program', './missing', '/usr']) {
      const { end, stdoutBytes } = await run([program]);
      expect(end.kind, program).toBe('not-found');
      expect(stdoutBytes).toBe(0);
    }
    const pretended = await sh('echo "bwrap: execvp x: No such file or directory" >&2; exit 127');
    expect(pretended.end).toEqual({ kind: 'exited', code: 127 });
    const missingInside = await sh('no-such-program');
    expect(missingInside.end).toEqual({ kind: 'exited', code: 127 });
  });

  test('ends a silent process at the idle limit', async ({ run }) => {
    const { end, wallTimeMs } = await run(['sleep', '1000'], { limits: { idleMs: 150 } });
    expect(end).toEqual({ kind: 'idle' });
    expect(wallTimeMs).toBeGreaterThanOrEqual(145);
  });

  test('lets a process live past the idle limit while it talks', async ({ sh }) => {
    const script = 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.2; done';
    const { end } = await sh(script, { limits: { idleMs: 1_500 } });
    expect(end).toEqual({ kind: 'exited', code: 0 });
  });

  test('lets a silent process live while somebody says that it lives', async ({ sandbox, workspace }) => {
    const limits = { wallTimeMs: 30_000, idleMs: 600, outputBytes: 'unlimited' as const, keepBytes: 1_000 };
    const mounts = [{ kind: 'writable' as const, source: workspace, target: WORKSPACE }];
    const spec = { argv: ['sleep', '2'], cwd: WORKSPACE, env: {}, mounts, stdin: null, limits };
    const launched = sandbox.launch(spec, new AbortController().signal);
    const beating = setInterval(() => launched.sawLife(), 50);
    const { end } = await launched.finished;
    clearInterval(beating);
    expect(end).toEqual({ kind: 'exited', code: 0 });
  });

  test('ends a talking process at the wall-time limit, also one that ignores signals', async ({ sh }) => {
    const script = "trap '' TERM INT HUP QUIT; while :; do echo alive; sleep 0.01; done";
    const { end } = await sh(script, { limits: { wallTimeMs: 300 } });
    expect(end).toEqual({ kind: 'wall-time' });
  });

  test('ends at once when no wall time is left', async ({ run }) => {
    const { end } = await run(['sleep', '1000'], { limits: { wallTimeMs: 0 } });
    expect(end).toEqual({ kind: 'wall-time' });
  });

  test('starts nothing for a signal that was aborted before', async ({ sh, workspace }) => {
    const { end } = await sh('touch started', { signal: AbortSignal.abort() });
    expect(end).toEqual({ kind: 'cancelled' });
    expect(existsSync(join(workspace, 'started'))).toBe(false);
  });

  test('refuses, and does not crash on, what no system can start', async ({ run }) => {
    const long = 'x'.repeat(3_000_000);
    expect(await failureCode(run(['true', long]))).toBe('LW_SANDBOX_LAUNCH');
    expect(await failureCode(run(['true'], { env: { LONG: long } }))).toBe('LW_SANDBOX_LAUNCH');
    expect(await failureCode(run(['true', 'a\0b']))).toBe('LW_SANDBOX_LAUNCH');
    expect(await failureCode(run(['true'], { env: { A: 'x\0--bind\0/\0/mnt' } }))).toBe('LW_SANDBOX_LAUNCH');
    expect(await failureCode(run(['true'], { cwd: '/workspace/missing' }))).toBe('LW_SANDBOX_LAUNCH');
  });
}

function inputCases(test: Case, { expect }: SandboxHarness): void {
  test('hands over standard input byte by byte and then ends it', async ({ run }) => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
    const { stdout } = await run(['cat'], { stdin: bytes });
    expect(Buffer.from(stdout).equals(bytes)).toBe(true);
    const named = await run(['cat', '/dev/stdin'], { stdin: bytes });
    expect(Buffer.from(named.stdout).equals(bytes)).toBe(true);
    const nothing = await run(['cat']);
    expect(nothing.end).toEqual({ kind: 'exited', code: 0 });
    const unread = await run(['true'], { stdin: bytes });
    expect(unread.end).toEqual({ kind: 'exited', code: 0 });
  });

  test('writes to a program while it runs, and what it would have read after its end is lost', async ({ run }) => {
    let launched: SupervisedProcess | null = null;
    const heard: string[] = [];
    const { end, stdout } = await run(['/bin/sh', '-c', 'while read -r line; do echo "got $line"; done; echo over'], {
      stdin: 'open',
      onLaunch: (started) => {
        launched = started;
        // Before it runs: kept until it does.
        started.write(Buffer.from('one\n'));
      },
      onOutput: (_stream, bytes) => {
        heard.push(textOf(bytes));
        if (heard.join('') === 'got one\n') launched?.write(Buffer.from('two\n'));
        if (heard.join('') === 'got one\ngot two\n') launched?.endInput();
      },
    });
    expect(end).toEqual({ kind: 'exited', code: 0 });
    expect(textOf(stdout)).toBe('got one\ngot two\nover\n');
    const deaf = await run(['true'], { stdin: 'open', onLaunch: (started) => started.write(Buffer.alloc(300_000)) });
    expect(deaf.end).toEqual({ kind: 'exited', code: 0 });
  });
}

function streamCases(test: Case, { expect }: SandboxHarness): void {
  test('keeps both streams apart, exactly, invalid UTF-8 included', async ({ sh }) => {
    const heard: string[] = [];
    const { stdout, stderr } = await sh(String.raw`printf '\377\000a'; printf '\303b' >&2`, {
      onOutput: (stream, bytes) => heard.push(`${stream}:${bytes.length}`),
    });
    expect([...stdout]).toEqual([0xff, 0, 0x61]);
    expect([...stderr]).toEqual([0xc3, 0x62]);
    expect(heard.sort()).toEqual(['stderr:2', 'stdout:3']);
  });

  test('lets programs open their streams by name', async ({ sh }) => {
    const { end, stdout, stderr } = await sh('echo out > /dev/stdout && echo err | tee /dev/stderr');
    expect(end).toEqual({ kind: 'exited', code: 0 });
    expect([textOf(stdout), textOf(stderr)]).toEqual(['out\nerr\n', 'err\n']);
  });

  test('keeps the first and the last half and counts everything', async ({ sh }) => {
    const { stdout, stdoutBytes } = await sh('seq 1 20000', { limits: { keepBytes: 100 } });
    const whole = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(stdoutBytes).toBe(whole.length);
    const kept = textOf(stdout);
    expect(kept.startsWith(whole.slice(0, 50)) && kept.endsWith(whole.slice(-50)), kept).toBe(true);
    expect(kept).toContain(`${whole.length - 100} bytes left out`);
  });

  test('stops an endless flood at the output limit, with flat memory', async ({ run }) => {
    const limit = 256_000_000;
    const before = process.memoryUsage().rss;
    let most = before;
    const { end, stdoutBytes } = await run(['cat', '/dev/zero'], {
      limits: { outputBytes: limit, keepBytes: 65_536 },
      onOutput: () => (most = Math.max(most, process.memoryUsage.rss())),
    });
    expect(end).toEqual({ kind: 'output-limit' });
    expect(stdoutBytes).toBeGreaterThanOrEqual(limit);
    // What was in flight when the process was killed: a pipe full, and a read or two.
    expect(stdoutBytes).toBeLessThanOrEqual(limit + 2_000_000);
    expect(most - before).toBeLessThanOrEqual(limit / 2);
  });

  test('waits for a process that closed its output', async ({ sh, workspace }) => {
    const { end } = await sh('exec >&- 2>&-; sleep 0.2; touch done');
    expect(end).toEqual({ kind: 'exited', code: 0 });
    expect(existsSync(join(workspace, 'done'))).toBe(true);
  });

  test('reads everything of a process that writes and exits at once', async ({ sh }) => {
    for (let round = 0; round < 5; round += 1) {
      const { stdoutBytes } = await sh('head -c 60000 /dev/zero');
      expect(stdoutBytes).toBe(60_000);
    }
  });
}

/** Leaves the session and the parent and ignores what can be ignored. Pipes that stay open must not hide its survival. */
function daemons(output: 'kept open' | 'closed'): string {
  const closing = output === 'closed' ? '>/dev/null 2>&1' : '';
  return `
for i in $(seq "$2"); do
  (setsid sh -c 'trap "" TERM HUP INT; sleep "$1" & sleep "$1" & wait' sh "$1" ${closing} &)
done
`;
}

function treeCases(test: Case, { expect }: SandboxHarness): void {
  for (const output of ['kept open', 'closed'] as const) {
    test(`leaves nothing of 100 daemons with their output ${output} when the program ends by itself`, async ({
      sh,
    }) => {
      const token = sleepToken();
      const { end } = await sh(`${daemons(output)} exit 3`, { args: [token, '50'] });
      expect(end).toEqual({ kind: 'exited', code: 3 });
      expect(countOnHost(token)).toBe(0);
    });
  }

  test('leaves nothing of 100 daemons when it is cancelled', async ({ sh }) => {
    const token = sleepToken();
    const abort = new AbortController();
    const finished = sh(`${daemons('closed')} sleep "$1"`, { args: [token, '50'], signal: abort.signal });
    // The canary: they are there, so that their absence afterwards says something.
    expect(await untilHolds(() => countOnHost(token) >= 100)).toBe(true);
    abort.abort();
    expect((await finished).end).toEqual({ kind: 'cancelled' });
    expect(countOnHost(token)).toBe(0);
  });

  test('asks a program that can wrap up, and takes what it says until it leaves', async ({ sh, workspace }) => {
    const abort = new AbortController();
    const grace = { signal: 'SIGTERM', ms: 30_000 } as const;
    const script = 'trap "echo bye; exit 0" TERM; touch ready; while :; do sleep 0.05; done';
    const finished = sh(script, { signal: abort.signal, grace });
    expect(await untilHolds(() => existsSync(join(workspace, 'ready')))).toBe(true);
    abort.abort('stop');
    const { end, stdout } = await finished;
    expect(end).toEqual({ kind: 'cancelled' });
    expect(textOf(stdout)).toBe('bye\n');
  });

  test('kills a program that does not wrap up in its time, and all it left behind', async ({ sh, workspace }) => {
    const token = sleepToken();
    const abort = new AbortController();
    const grace = { signal: 'SIGTERM', ms: 100 } as const;
    const script = 'trap "echo never" TERM; setsid sleep "$1" & touch ready; while :; do sleep 0.05; done';
    const finished = sh(script, { args: [token], signal: abort.signal, grace });
    expect(await untilHolds(() => existsSync(join(workspace, 'ready')))).toBe(true);
    abort.abort('stop');
    expect((await finished).end).toEqual({ kind: 'cancelled' });
    expect(countOnHost(token)).toBe(0);
  });

  test('asks nobody where everything has to end at once, or where output floods', async ({ sh, workspace }) => {
    const grace = { signal: 'SIGTERM', ms: 30_000 } as const;
    const abort = new AbortController();
    const script = 'trap "echo bye; exit 0" TERM; touch ready; while :; do sleep 0.05; done';
    const finished = sh(script, { signal: abort.signal, grace });
    expect(await untilHolds(() => existsSync(join(workspace, 'ready')))).toBe(true);
    abort.abort('kill');
    expect(textOf((await finished).stdout)).toBe('');
    const flood = await sh('trap "" TERM; while :; do echo more; done', { limits: { outputBytes: 10_000 }, grace });
    expect(flood.end).toEqual({ kind: 'output-limit' });
  });

  test('leaves nothing when it is cancelled at any moment of the start', async ({ run }) => {
    const token = sleepToken();
    for (let delayMs = 0; delayMs < 30; delayMs += 3) {
      const { end } = await run(['sleep', token], { signal: AbortSignal.timeout(delayMs) });
      expect(end).toEqual({ kind: 'cancelled' });
      expect(countOnHost(token)).toBe(0);
    }
  });

  test('supervises many at a time without mixing them up', async ({ run }) => {
    const numbers = Array.from({ length: 12 }, (_, index) => String(index));
    const outputs = await Promise.all(
      numbers.map(async (number) => textOf((await run(['echo', number])).stdout).trim()),
    );
    expect(outputs).toEqual(numbers);
  });
}

export function sandboxConformance(harness: SandboxHarness, subject: SandboxSubject): void {
  const { describe, it, expect } = harness;
  const test: Case = (name, body) => {
    it(name, () => withBench(subject.create(process.env), body));
  };
  describe(`${subject.name} keeps what a sandbox promises`, () => {
    it('reports what it enforces and what it does not', async () => {
      const report = await subject.create(process.env).probe();
      expect(report.confines).toBe(subject.confines);
      expect(report.gaps.length).toBeGreaterThanOrEqual(1);
      expect(Object.keys(report.enforced).length > 0).toBe(subject.confines);
    });
    endCases(test, harness);
    inputCases(test, harness);
    streamCases(test, harness);
    treeCases(test, harness);
    forwardCases(harness, subject);
    mountCases(harness, subject);
    if (!subject.confines) return;
    confinementCases(harness, subject);
    systemCallCases(harness, subject);
    resourceCases(harness, subject);
  });
}
