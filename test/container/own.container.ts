/** What is true of containers alone. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countOnHost, sleepToken, textOf, untilHolds, withBench } from '../../src/public/conformance/sandbox-bench.ts';
import { createContainerSandbox } from '../../src/sandboxes/container/index.ts';
import { OLD_CODE, oldWayOut } from '../support/old-way-out.ts';
import { containersAbout } from './left.ts';

/** A minute instead of ten seconds: a container takes its time on a busy machine. */
async function patiently(holds: () => boolean): Promise<boolean> {
  for (let round = 0; round < 6; round += 1) if (await untilHolds(holds)) return true;
  return false;
}

const sandbox = createContainerSandbox({ hostEnvironment: process.env });

describe('a container', () => {
  it('dies with its supervisor, and everything in it too', async () => {
    await withBench(sandbox, async ({ root }) => {
      const token = sleepToken();
      const script = 'setsid sh -c "sleep $0 & sleep $0 & wait" "$0" & sleep "$0"';
      const argv = [join(import.meta.dirname, 'launch.ts'), 'sh', '-c', script, token];
      // What it leaves are a few files in a directory for such.
      const supervisor = spawn(process.execPath, argv, { stdio: 'ignore', env: { ...process.env, TMPDIR: root } });
      // Three that sleep, three shells that know the number, and podman.
      expect(await patiently(() => countOnHost(token) >= 6)).toBe(true);
      expect(containersAbout(token)).toHaveLength(1);
      supervisor.kill('SIGKILL');
      expect(await patiently(() => countOnHost(token) === 0)).toBe(true);
      expect(await patiently(() => containersAbout(token).length === 0)).toBe(true);
    });
  });

  it('is gone when the launch was cancelled', async () => {
    await withBench(sandbox, async ({ run, workspace }) => {
      const token = sleepToken();
      const abort = new AbortController();
      const finished = run(['sleep', token], { signal: abort.signal });
      expect(await patiently(() => countOnHost(token) > 0)).toBe(true);
      abort.abort();
      expect((await finished).end).toEqual({ kind: 'cancelled' });
      expect(containersAbout(workspace)).toEqual([]);
    });
  });

  it('keeps variables out of the arguments every user of the host can read, and out of its configuration', async () => {
    await withBench(sandbox, async ({ run }) => {
      const token = sleepToken();
      const abort = new AbortController();
      const finished = run(['sleep', token], { env: { GIVEN: 'value-of-the-variable' }, signal: abort.signal });
      expect(await patiently(() => countOnHost(token) >= 2)).toBe(true);
      expect(countOnHost('value-of-the-variable')).toBe(0);
      expect(containersAbout(token)).toHaveLength(1);
      expect(containersAbout('value-of-the-variable')).toEqual([]);
      abort.abort();
      await finished;
    });
  });

  it('rejects with the words of podman when it cannot be set up', async () => {
    await withBench(sandbox, async ({ run }) => {
      const mount = { kind: 'writable', source: '/no/such/source', target: '/workspace' } as const;
      await expect(run(['true'], { mounts: [mount] })).rejects.toMatchObject({
        code: 'LW_SANDBOX_LAUNCH',
        message: expect.stringContaining('/no/such/source'),
      });
    });
  });

  const mayMount = process.geteuid?.() === 0;

  it.skipIf(!mayMount)('shows what is mounted below something read-only as read-only too', async () => {
    await withBench(sandbox, async ({ root, sh }) => {
      const below = join(root, 'shown', 'a b');
      mkdirSync(below, { recursive: true });
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'mode=777', 'none', below]).status).toBe(0);
      try {
        writeFileSync(join(below, 'file'), 'content');
        const { stdout } = await sh('cat "/shown/a b/file"; (: > "/shown/a b/new") 2>/dev/null || echo refused', {
          mounts: [
            { kind: 'read-only', source: join(root, 'shown'), target: '/shown' },
            { kind: 'writable', source: join(root), target: '/workspace' },
          ],
        });
        expect(textOf(stdout)).toBe('contentrefused\n');
        expect(readdirSync(below)).toEqual(['file']);
      } finally {
        spawnSync('umount', [below]);
      }
    });
  });

  it('ends a process that calls by another architecture (where this kernel knows one)', async () => {
    await withBench(sandbox, async ({ run, workspace }) => {
      const program = join(workspace, 'old-way-out');
      writeFileSync(program, oldWayOut());
      chmodSync(program, 0o755);
      if (process.arch !== 'x64' || spawnSync(program).status !== OLD_CODE) return;
      expect((await run(['./old-way-out'])).end).toEqual({ kind: 'signalled', signal: 'SIGSYS' });
    });
  });
});
