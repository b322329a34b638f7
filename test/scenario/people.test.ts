/** What people say to runs: signed approvals, freezes, owners, and who is behind a commit. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDecisions } from '../../src/public/decisions.ts';
import { RIGHT_FIX, SUM, repositoryWith } from './harness.ts';
import type { Files, Place } from './harness.ts';
import { endAll } from './undone.ts';

const places: Place[] = [];

afterEach(() => endAll(places));

function place(policy: string, files: Files = {}): Place {
  const made = repositoryWith({ ...SUM, ...files, 'loopwright.yaml': `${SUM['loopwright.yaml']}${policy}` });
  places.push(made);
  return made;
}

const SIGNED = `
owner: '@acme/maths'
approvals: { signed: true, other-than-operator: true }
risk: [{ name: sums, paths: [sum.js], reason: Sums are money. }]
`;

const FIX = `printf '%s' '${RIGHT_FIX}' > sum.js`;

describe('a change that waits for a signed approval', () => {
  it('takes nobody without a key, nothing from the agent, and lands only while the signature holds', async () => {
    const here = place(SIGNED);
    const approvers = here.beside('approvers');
    mkdirSync(join(here.home, 'keys'), { recursive: true });
    writeFileSync(join(here.home, 'keys', 'kim.pem'), 'secret', { mode: 0o644 });
    // What it can get hold of: no command, no key, no store, no variable; and a file that gives itself a key.
    const probe = [
      // Canary: what it does get hold of is seen.
      'ls sum.js',
      `cat ${here.home}/keys/kim.pem`,
      `ls ${here.home}`,
      'command -v loopwright',
      'env | grep LOOPWRIGHT_HOME',
      'env | grep LOOPWRIGHT_SIGNING',
    ].map((attempt) => `{ ${attempt}; } >> probe.txt 2>/dev/null`);
    const own = 'mkdir -p .loopwright; echo "kim ssh-ed25519 AAAA" > .loopwright/approvers';
    const agent = [FIX, ': > probe.txt', ...probe, own, 'true'].join('; ');
    expect((await here.run('make it add', '--', 'sh', '-c', agent)).code).toBe(11);

    expect((await here.cli('approve', 'last')).err).toMatch(/whoever started the run.*LW_APPROVAL_NOT_COUNTED/s);
    // The key there is no file of kim's alone.
    expect((await here.cli('approve', 'last', '--by', 'kim')).err).toContain('LW_SIGNING_KEY');
    const refused = await here.cli('approve', 'last', '--by', 'lee');
    expect(refused.err).toMatch(/neither `approvers` of this host.*LW_APPROVAL_FORGED/s);
    expect((await here.show()).approvals).toEqual([]);

    const line = /The line for this key: (lee .*)$/m.exec(refused.err)?.[1] ?? '';
    writeFileSync(approvers, `${line}\n`, { mode: 0o644 });
    const env = { LOOPWRIGHT_APPROVERS: approvers };
    expect(await here.with(env, 'approve', 'last', 'looked at it', '--by', 'lee')).toMatchObject({ code: 0 });
    const [approval] = (await here.show()).approvals;
    expect(approval).toMatchObject({ by: 'lee', policyHash: (await here.show()).policyHash });
    expect((await here.cli('report', 'last')).out).toContain('signed with SHA256:');

    // Taken back on the host, it counts no more; landing looks again.
    expect((await here.cli('land', 'last')).err).toContain('LW_APPROVAL_FORGED');
    // Nor does it land where a person froze what it touches, whatever the case of the name; other freezes are no concern.
    await here.cli('freeze', 'docs/**', '--reason', 'elsewhere');
    await here.cli('freeze', 'SUM.js', '--reason', 'audit', '--everywhere');
    const frozen = await here.with(env, 'land', 'last');
    expect([frozen.code, frozen.err]).toEqual([2, expect.stringMatching(/audit \(f2\).*LW_FROZEN/s)]);
    expect((await here.cli('freeze', 'list')).out).toMatch(/f1 .*elsewhere[\s\S]*f2 .*every repository/);
    await here.cli('thaw', 'SUM.js');
    expect(await here.with(env, 'land', 'last')).toMatchObject({ code: 0 });
    const { branch, id, head } = await here.show();
    expect(here.git('show', `${branch}:probe.txt`)).toBe('sum.js\n');

    // Who did it: by the commit, by a line, by the branch, after a squash, and not at all.
    const asked = async (what: string): Promise<unknown> =>
      JSON.parse((await here.cli('whodunit', what, '--json')).out);
    const lee = { run: id, operator: 'tester', approvers: ['lee'], owners: ['@acme/maths'], same: true };
    expect(await asked(head ?? '')).toMatchObject({ runs: [{ ...lee, by: 'trailer' }] });
    expect(await asked(branch)).toMatchObject({ runs: [lee] });
    here.git('merge', '--quiet', '--squash', branch);
    here.git('commit', '--quiet', '--message=sums are right now');
    expect(await asked('HEAD')).toMatchObject({ runs: [{ ...lee, by: 'diff' }] });
    expect(await asked('sum.js:1')).toMatchObject({ runs: [{ ...lee, by: 'diff' }] });
    here.commit(`something else\n\nLoop-Run: ${id}\n`, { 'other.txt': 'x' });
    expect(await asked('HEAD')).toMatchObject({ runs: [{ run: id, by: 'trailer', same: false }] });
    expect((await here.cli('whodunit', 'HEAD')).out).toContain('is not the change of the run as it was judged');
    expect(await here.cli('whodunit', 'zero.test.js:1')).toMatchObject({ code: 1, out: '' });
    for (const nothing of ['nothing-of-that-name', 'sum.js:99999', '../../etc/passwd:1', 'HEAD:sum.js']) {
      expect((await here.cli('whodunit', nothing)).code).toBe(1);
    }
  });

  it('can be decided by program, under the same rules', async () => {
    const here = place(SIGNED.replace('signed: true, ', ''));
    expect((await here.run('make it add', '--', 'sh', '-c', FIX)).code).toBe(11);
    const decisions = openDecisions({ PATH: process.env['PATH'], HOME: here.home, LOOPWRIGHT_HOME: here.home });
    try {
      const [item] = await decisions.inbox();
      expect(item).toMatchObject({ kind: 'approval', waitsFor: ['@acme/maths'] });
      const run = item?.run ?? '';
      const yes = { decision: 'approved', by: 'lee', reason: '', diffHash: null, endRun: false } as const;
      const { statement, text } = await decisions.prepare(run, yes);
      expect(JSON.parse(text)).toMatchObject({ run, by: 'lee', diff: statement.diff });
      const forged = { key: 'SHA256:x', text: '-----BEGIN SSH SIGNATURE-----' };
      const code = (wanted: string): object => ({ code: wanted });
      await expect(decisions.submit(run, { statement, signature: forged })).rejects.toMatchObject(
        code('LW_APPROVAL_FORGED'),
      );
      // A program may send anything.
      const bare = { statement, signature: forged.text } as never;
      await expect(decisions.submit(run, bare)).rejects.toMatchObject(code('LW_USAGE'));
      await expect(decisions.decide(run, { ...yes, by: 'Tester' })).rejects.toMatchObject(
        code('LW_APPROVAL_NOT_COUNTED'),
      );
      expect((await decisions.decide(run, yes)).stop?.reason).toBe('accepted');
      expect(await decisions.inbox()).toEqual([]);
    } finally {
      await decisions.close();
    }
  });
});

/** Waits for what another process does, as often as it takes; the time of the test is the only limit. */
async function until(seen: () => boolean): Promise<void> {
  while (!seen()) await new Promise((resolve) => void setTimeout(resolve, 50));
}

function below(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    // What is listed is being changed meanwhile.
    return [];
  }
}

describe('a freeze', () => {
  it('ends the turn under way, keeps what it did, and the run goes on after it', async () => {
    const here = place('autonomy: land\nowner: ann\n');
    const running = here.run('make it add', '--', 'sh', '-c', `${FIX}; : > begun.txt; exec sleep 1000`);
    await until(() => below(join(here.home, 'runs')).some((path) => path.endsWith('begun.txt')));
    const frozen = await here.cli('freeze', 'sum.js', '--reason', 'prices are wrong', '--until', '2h', '--json');
    const { freeze, runs } = JSON.parse(frozen.out) as { freeze: { id: string }; runs: string[] };
    const { code, events } = await running;
    expect(code).toBe(11);
    expect(runs).toEqual([(await here.show()).id]);
    const turn = events.find((event) => event.type === 'turn.finished');
    expect(turn).toMatchObject({ end: { kind: 'cancelled' } });
    expect(events.at(-1)).toMatchObject({ type: 'leg.ended', why: 'waiting' });
    expect(await here.show()).toMatchObject({ status: 'waiting', frozen: [{ reason: 'prices are wrong' }] });
    expect((await here.cli('show', 'last')).out).toContain('waiting: frozen');
    expect((await here.cli('inbox')).out).toContain('frozen');

    // It still waits, and says why again.
    const again = await here.cli('resume', 'last');
    expect([again.code, again.err.includes('prices are wrong')]).toEqual([11, true]);

    expect((await here.cli('thaw', 'src/**')).err).toContain('LW_FREEZE_UNKNOWN');
    expect((await here.cli('list')).out).toContain('  frozen  ');
    expect((await here.cli('thaw', freeze.id)).err).toContain(`loopwright resume ${runs[0] ?? ''}`);
    expect((await here.cli('list')).out).toContain('  to be resumed  ');
    // Only what it changed matters from here on; this is nothing of it.
    await here.cli('freeze', 'docs/**', '--reason', 'typos', '--until', '2h', '--repo', '.');
    await here.cli('thaw', 'docs/**');
    expect((await here.cli('resume', 'last')).code).toBe(0);
    expect(await here.show()).toMatchObject({ outcome: 'landed', iterations: 1, frozen: [] });
  });

  it('needs what makes sense of it', async () => {
    const here = place('');
    for (const [argv, words] of [
      [['sum.js'], 'needs a reason'],
      [['--reason', 'x'], 'nothing to freeze'],
      [['src/', '--reason', 'x'], 'would match nothing'],
      [['sum.js', '--reason', 'x', '--until', 'soon'], '--until'],
      [['sum.js', '--reason', 'x', '--until', '2020-01-01T00:00Z'], 'over already'],
    ] as const) {
      const { code, err } = await here.cli('freeze', ...argv);
      expect([code, err]).toEqual([2, expect.stringContaining(words)]);
    }
    expect((await here.cli('freeze', 'list', '--json')).out).toBe('{"freezes":[]}');
  });
});

describe('a run that nobody watches', () => {
  it('needs an owner, by the policy or by CODEOWNERS of what it may change', async () => {
    const dry = (here: Place, ...argv: readonly string[]): ReturnType<Place['cli']> =>
      here.cli('run', 'make it add', '--dry-run', ...argv, '--', 'true');
    const nobody = place('paths: { allow: [docs/**] }\n', { CODEOWNERS: '*.js @acme/js\n' });
    const refused = await dry(nobody, '--unattended');
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('LW_OWNER_MISSING')]);
    expect((await dry(nobody)).code).toBe(0);
    const owned = await dry(place('', { CODEOWNERS: '*.js @acme/js\n' }), '--unattended');
    expect([owned.code, owned.out]).toEqual([0, expect.stringContaining('@acme/js')]);
  });

  it('is one that lands by itself, too', async () => {
    const refused = await place('autonomy: land\n').cli('run', 'make it add', '--dry-run', '--', 'true');
    expect(refused.err).toMatch(/autonomy: land.*LW_OWNER_MISSING/s);
  });
});
