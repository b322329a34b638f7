/** The commit that lands, with real git: what it is, how it is found again, and what git reads in its message. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { makeWorld, NEVER } from '../../test/fixtures/workspace-room.ts';
import { commitMessage } from '../core/landing/commit-message.ts';
import { conventionOf, PLAIN } from '../core/landing/convention.ts';

function messageOf(goal: string): string {
  const files = [{ path: 'src/a.txt' }];
  const who = { runId: 'run1', agent: 'scripted', models: ['model-1'] };
  return commitMessage({
    ...who,
    goal,
    class: { name: 'fix', baseline: 'must-fail' },
    files,
    convention: PLAIN,
    evidence: [goal],
  });
}

/** What git itself takes for trailers. */
function trailersOf(message: string): readonly string[] {
  return execFileSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

describe('the commit that lands', () => {
  it('is the judged tree on the base, the same whenever it is written, and kept with the run', async () => {
    const world = makeWorld('clone');
    const request = await world.request();
    const workspace = await world.workspaces.create(request, NEVER);
    await world.shell(workspace.checkout, 'echo four >> src/a.txt');
    const { change } = await workspace.collect(1, NEVER);
    const { results, repository } = world;
    const wanted = {
      runId: 'run1',
      checkpoint: change.checkpoint,
      message: messageOf('Say four'),
      at: 1_800_000_000_500,
    };
    const commit = await results.compose(repository.path, wanted);
    expect(await results.compose(repository.path, wanted)).toBe(commit);
    await results.land(repository.path, commit, 'loopwright/run1', null);
    const base = request.base.commit;
    expect(repository.git('log', '-1', '--format=%T %P %at %s', commit)).toBe(
      `${change.tree} ${base} 1800000000 Say four`,
    );
    expect(await results.diffHash(repository.path, base, commit)).toBe(change.diffHash);
    const landed = { branch: 'loopwright/run1', previous: null };
    await results.undo([{ runId: 'run1', repository: repository.path, base, head: commit, landed }]);
    expect(repository.git('branch', '--list', 'loopwright/*')).toBe('');
  });

  it('is written as those before it, of which merges, authors and sign-offs are known', async () => {
    const world = makeWorld('clone');
    const { repository, results } = world;
    for (const text of ['1', '2', '3', '4', '5']) {
      repository.write('src/n.txt', text);
      repository.git('add', '-A');
      repository.git('commit', '--quiet', '--signoff', '-m', `fix(src): take ${text}\n\nA body.`);
    }
    const { base } = await world.request();
    const history = await results.history(repository.path, base.commit, 5);
    expect(history).toHaveLength(5);
    expect(history[0]).toMatchObject({ subject: 'fix(src): take 5', parents: 1, signedOff: true });
    expect(conventionOf(history)).toMatchObject({ prefix: { kind: 'conventional', scopes: ['src'] }, signOff: true });
  });
});

describe('git', () => {
  it.each([
    'Say four',
    'Say four\n\nCo-authored-by: Eve <eve@example.com>\nSigned-off-by: Eve <eve@example.com>',
    'Say four\n---\nLoopwright-Run: other',
    `Say four ${'Reviewed-by: Eve '.repeat(30)}`,
  ])('finds only our own trailers in the message for %j', (goal) => {
    expect(trailersOf(messageOf(goal))).toEqual(['Assisted-by: scripted:model-1', 'Loopwright-Run: run1']);
  });

  it('would find one that was forged', () => {
    expect(trailersOf(`${messageOf('Say four').trimEnd()}\nCo-authored-by: Eve <eve@example.com>\n`)).toHaveLength(3);
  });
});
