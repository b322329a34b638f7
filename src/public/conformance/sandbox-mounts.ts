/** What the mounts of a launch have to do. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopwrightError } from '../../core/errors.ts';
import type { FinishedProcess, Mount } from '../../ports/sandbox.ts';
import { textOf, withBench, WORKSPACE } from './sandbox-bench.ts';
import type { SandboxBench, SandboxHarness, SandboxSubject } from './sandbox-bench.ts';

type Case = (name: string, body: (bench: SandboxBench) => Promise<void>) => void;

interface Layers {
  readonly mount: Mount;
  readonly lower: string;
  readonly upper: string;
}

/** Two lower directories and an upper one, the first lower hiding the second in `both`. */
function layersIn(root: string, target: string): Layers {
  const [lower, second, upper, work] = ['lower', 'second', 'upper', 'work'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const directory of [lower, second, upper, work]) mkdirSync(directory);
  for (const name of ['kept', 'changed', 'gone', 'both']) writeFileSync(join(lower, name), 'first\n');
  for (const name of ['both', 'deep']) writeFileSync(join(second, name), 'second\n');
  return { mount: { kind: 'overlay', lower: [lower, second], upper, work, target }, lower, upper };
}

function overlayCases(test: Case, { expect }: SandboxHarness): void {
  test('keeps the lower directories of an overlay untouched over several launches, or refuses overlays', async (bench) => {
    const { mount, lower, upper } = layersIn(bench.root, WORKSPACE);
    const script = 'cat both deep; echo new >> changed; rm -f gone; mkdir -p d; echo made > d/made';
    const launch = (): Promise<FinishedProcess> => bench.sh(script, { mounts: [mount] });
    if (!(await bench.sandbox.offersOverlay())) {
      const refusal = await launch().catch((error: unknown) => error);
      expect(isLoopwrightError(refusal, 'LW_SANDBOX_LAUNCH')).toBe(true);
      return;
    }
    for (let round = 1; round <= 4; round += 1) {
      const { end, stdout, stderr } = await launch();
      expect(end, textOf(stderr)).toEqual({ kind: 'exited', code: 0 });
      expect(textOf(stdout)).toBe('first\nsecond\n');
      expect(readFileSync(join(upper, 'changed'), 'utf8')).toBe(`first\n${'new\n'.repeat(round)}`);
    }
    expect(readFileSync(join(lower, 'changed'), 'utf8')).toBe('first\n');
    expect(readdirSync(lower)).toEqual(['both', 'changed', 'gone', 'kept']);
    expect(readdirSync(upper)).toEqual(['changed', 'd', 'gone']);
    expect(lstatSync(join(upper, 'gone')).isCharacterDevice(), 'a removal is a white-out').toBe(true);
    expect(readFileSync(join(upper, 'd/made'), 'utf8')).toBe('made\n');
  });
}

export function mountCases(harness: SandboxHarness, subject: SandboxSubject): void {
  const { it, expect } = harness;
  const test: Case = (name, body) => {
    it(name, () => withBench(subject.create(process.env), body));
  };

  test('runs in the directory that is mounted at the working directory', async ({ sh, workspace }) => {
    mkdirSync(join(workspace, 'deep/er'), { recursive: true });
    const { end, stderr } = await sh('pwd > where; cat where', { cwd: `${WORKSPACE}/deep/er` });
    expect(end, textOf(stderr)).toEqual({ kind: 'exited', code: 0 });
    expect(existsSync(join(workspace, 'deep/er/where'))).toBe(true);
  });

  overlayCases(test, harness);
  if (!subject.confines) return;

  test('shows a read-only mount and refuses to write to it', async ({ sh, root, workspace }) => {
    const source = join(root, "line\nbreak 'n quote");
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'content');
    const { end, stdout } = await sh(
      'cat /data/file; if echo x > /data/file; then exit 1; fi; touch /data/new && exit 2; exit 0',
      {
        mounts: [
          { kind: 'writable', source: workspace, target: WORKSPACE },
          { kind: 'read-only', source, target: '/data' },
        ],
      },
    );
    expect([end, textOf(stdout)]).toEqual([{ kind: 'exited', code: 0 }, 'content']);
    expect(readFileSync(join(source, 'file'), 'utf8')).toBe('content');
  });

  test('locks part of a writable mount and covers a file, and leaves out what is not there', async (bench) => {
    const { root, workspace, sh } = bench;
    mkdirSync(join(workspace, 'kept/deep'), { recursive: true });
    for (const name of ['kept/file', 'kept/deep/file', 'secret', 'free'])
      writeFileSync(join(workspace, name), 'content');
    writeFileSync(join(root, 'nothing'), '');
    symlinkSync('kept', join(workspace, 'link'));
    const cover = (name: string): Mount => ({
      kind: 'read-only',
      source: join(root, 'nothing'),
      target: `${WORKSPACE}/${name}`,
      ifPresent: true,
    });
    const lock = (name: string): Mount => ({ kind: 'locked', target: `${WORKSPACE}/${name}` });
    const script = `cat kept/deep/file secret; for f in kept/file kept/deep/file kept/new secret free; do
      if (echo x > "$f") 2>/dev/null; then echo "wrote $f"; fi; done; mv kept gone 2>/dev/null || rm secret 2>/dev/null || echo held`;
    const { stdout } = await sh(script, {
      mounts: [
        { kind: 'writable', source: workspace, target: WORKSPACE },
        ...['kept', 'absent', 'absent/file', 'link/file', 'free/file'].map(lock),
        ...['secret', 'absent', 'link/deep/file'].map(cover),
      ],
    });
    expect(textOf(stdout)).toBe('contentwrote free\nheld\n');
    expect(readdirSync(workspace).sort()).toEqual(['free', 'kept', 'link', 'secret']);
    expect(readFileSync(join(workspace, 'secret'), 'utf8')).toBe('content');
  });

  test('makes links inside', async ({ sh, workspace }) => {
    writeFileSync(join(workspace, 'file'), 'content');
    const { stdout } = await sh('readlink /opt-link; cat /opt-link/file', {
      mounts: [
        { kind: 'writable', source: workspace, target: WORKSPACE },
        { kind: 'link', to: WORKSPACE, target: '/opt-link' },
      ],
    });
    expect(textOf(stdout)).toBe(`${WORKSPACE}\ncontent`);
  });
}
