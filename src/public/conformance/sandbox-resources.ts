/** What a launch may take of the machine. Every case stays far below what would hurt one. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_RESOURCES } from '../../core/resource.ts';
import type { ResourceLimits } from '../../core/resource.ts';
import type { FinishedProcess, TrackedFiles } from '../../ports/sandbox.ts';
import { countOnHost, sleepToken, textOf, withBench, WORKSPACE } from './sandbox-bench.ts';
import type { SandboxBench, SandboxHarness, SandboxSubject } from './sandbox-bench.ts';

type Case = (name: string, body: (bench: SandboxBench) => Promise<void>) => void;

const MIB = 2 ** 20;

function within(resources: Partial<ResourceLimits>): { readonly resources: ResourceLimits } {
  return { resources: { ...DEFAULT_RESOURCES, ...resources } };
}

/** Each holds 40 MB and waits. */
const HOGS = `for i in 1 2 3 4; do perl -e '$x = "a" x 40_000_000; sleep 1000' & done; wait`;

function watchedCases(test: Case, { expect }: SandboxHarness): void {
  test('ends a tree whose processes together hold too much memory, and nothing of it is left', async ({ sh }) => {
    const token = sleepToken();
    const { end } = await sh(`sleep "$1" & ${HOGS}`, { args: [token], limits: within({ memoryBytes: 100 * MIB }) });
    expect(end).toMatchObject({ kind: 'resource', resource: 'memoryBytes', ceiling: 100 * MIB });
    expect(countOnHost(token)).toBe(0);
  });

  test('ends a tree of too many processes', async ({ sh }) => {
    const token = sleepToken();
    const script = 'for i in $(seq 60); do sleep "$1" & done; wait';
    const { end } = await sh(script, { args: [token], limits: within({ processes: 30 }) });
    expect(end).toMatchObject({ kind: 'resource', resource: 'processes', ceiling: 30 });
    expect(countOnHost(token)).toBe(0);
  });

  test('ends a tree that writes too many bytes, and one that writes too many files', async ({ sh, workspace }) => {
    mkdirSync(join(workspace, 'before'));
    for (let index = 0; index < 50; index += 1)
      writeFileSync(join(workspace, 'before', String(index)), 'there already');
    const bytes = await sh('head -c 30000000 /dev/zero > big; sleep 1000', {
      limits: within({ writtenBytes: 10 * MIB }),
    });
    expect(bytes.end).toMatchObject({ kind: 'resource', resource: 'writtenBytes', ceiling: 10 * MIB });
    const files = await sh('mkdir d; for i in $(seq 60); do : > "d/$i"; done; sleep 1000', {
      limits: within({ writtenFiles: 40 }),
    });
    expect(files.end).toMatchObject({ kind: 'resource', resource: 'writtenFiles', ceiling: 40 });
  });

  test('takes work without a word for life, and waiting without a word for silence', async ({ sh }) => {
    const until = 'end=$(($(date +%s) + 9)); while [ "$(date +%s)" -lt $end ]; do :; done';
    const limits = { ...within({}), idleMs: 6_000 };
    const busy = await sh(`for i in 1 2 3; do (${until}) & done; wait`, { limits });
    expect(busy.end).toEqual({ kind: 'exited', code: 0 });
    const waiting = await sh('sleep 1000', { limits });
    expect(waiting.end).toEqual({ kind: 'idle' });
  });

  test('lets a tree that stays within its limits end by itself', async ({ sh }) => {
    const { end, stdout } = await sh('echo done > file; cat file; sleep 0.6', { limits: within({}) });
    expect([end, textOf(stdout)]).toEqual([{ kind: 'exited', code: 0 }, 'done\n']);
  });
}

function deletionCases(test: Case, { expect }: SandboxHarness): void {
  const names = Array.from({ length: 60 }, (_, index) => `src/part${index % 3}/file${index}`);
  const tracked: TrackedFiles = { root: WORKSPACE, files: [...names, 'already-gone'] };
  const remove = (
    { sh, workspace }: SandboxBench,
    script: string,
    limits: Partial<ResourceLimits>,
  ): Promise<FinishedProcess> => {
    for (const name of names) {
      mkdirSync(join(workspace, name, '..'), { recursive: true });
      writeFileSync(join(workspace, name), '');
    }
    return sh(script, {
      tracked,
      limits: within({ deletedFiles: 'unlimited', deletedPercent: 'unlimited', ...limits }),
    });
  };

  test('ends a tree that deletes too many tracked files, by number and by share', async (bench) => {
    const byNumber = await remove(bench, 'rm -r src/part1; mkdir src/part1; sleep 1000', { deletedFiles: 10 });
    expect(byNumber.end).toEqual({ kind: 'resource', resource: 'deletedFiles', value: 20, ceiling: 10 });
    const byShare = await remove(bench, 'rm -r src; sleep 1000', { deletedPercent: 50 });
    expect(byShare.end).toMatchObject({ kind: 'resource', resource: 'deletedPercent', ceiling: 50 });
  });

  test('counts neither what was gone before nor what nobody tracks', async (bench) => {
    const script = 'mkdir other; touch other/1 other/2; rm -r other; rm src/part0/file0; sleep 0.6';
    const { end } = await remove(bench, script, { deletedFiles: 1 });
    expect(end).toEqual({ kind: 'exited', code: 0 });
  });
}

function kernelCases(test: Case, { expect }: SandboxHarness): void {
  test('lets one process open so many files, write so large a file and hold so much memory', async ({
    sh,
    workspace,
  }) => {
    const opening = `perl -e 'while (open my $f, "<", "/dev/null") { push @open, $f } print $!{EMFILE} ? "too many" : "$!"'`;
    const { stdout } = await sh(opening, { limits: within({ openFiles: 64 }) });
    expect(textOf(stdout)).toBe('too many');
    const large = await sh('head -c 5000000 /dev/zero > large', { limits: within({ fileBytes: MIB }) });
    expect(large.end.kind === 'exited' && large.end.code === 0).toBe(false);
    expect(statSync(join(workspace, 'large')).size).toBe(MIB);
    const memory = await sh(`perl -e '$x = "a" x 200_000_000; print "held"'`, {
      limits: within({ memoryBytes: 100 * MIB }),
    });
    expect([memory.end.kind === 'exited' && memory.end.code === 0, textOf(memory.stdout)]).toEqual([false, '']);
  });

  test('ends a process that took its processor time', async ({ sh }) => {
    const { end } = await sh('while :; do :; done', { limits: within({ cpuTimeMs: 1_000 }) });
    expect(end.kind).toBe('signalled');
  });

  test('lets private directories in memory take so much of it', async ({ sh, workspace }) => {
    const places = ['/tmp', '"$HOME"', '/dev/shm'];
    const script = places.map((place) => `head -c 40000000 /dev/zero > ${place}/large`).join('; ');
    const { stderr } = await sh(`${script}; rm /tmp/large; wc -c < "$HOME/large" > said`, {
      limits: within({ memoryBytes: 64 * MIB }),
    });
    expect(textOf(stderr).match(/No space left on device/gu)?.length ?? 0).toBe(places.length);
    expect(readdirSync(workspace)).toEqual(['said']);
  });

  test('lets nothing raise what was lowered', async ({ sh }) => {
    const { stdout } = await sh('(ulimit -n 100000 || ulimit -H -n 100000) 2>/dev/null && echo raised; ulimit -n', {
      limits: within({ openFiles: 64 }),
    });
    expect(textOf(stdout)).toBe('64\n');
  });
}

export function resourceCases(harness: SandboxHarness, subject: SandboxSubject): void {
  const { it } = harness;
  if ((subject.lacks ?? []).includes('resources')) {
    it.skip(`keeps a launch within its resources (${subject.name} does not)`, () => undefined);
    return;
  }
  const test: Case = (name, body) => {
    it(name, () => withBench(subject.create(process.env), body));
  };
  watchedCases(test, harness);
  deletionCases(test, harness);
  kernelCases(test, harness);
}
