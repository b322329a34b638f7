/** Coding agents from the command line: found or missing, pointed at the gateway, with a home of the run. Fakes, no model. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { RIGHT_FIX, SUM, repositoryWith } from '../scenario/harness.ts';
import type { Answer, Place } from '../scenario/harness.ts';
import { endAll } from '../scenario/undone.ts';

const open: Place[] = [];
afterEach(() => endAll(open));

interface Stage {
  readonly place: Place;
  /** With the fake on the PATH, and a provider of every protocol that nobody ever asks. */
  readonly cli: (...argv: readonly string[]) => Promise<Answer>;
}

const DIALECTS = '[anthropic-messages, openai-responses, openai-chat, gemini]';

/** `script`: the lines of a shell that is the agent. */
function stage(name: string, script: string, dialects: string = DIALECTS): Stage {
  const place = repositoryWith({ ...SUM, 'right.js': RIGHT_FIX });
  open.push(place);
  const bin = place.beside('bin');
  mkdirSync(bin);
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const providers = place.beside('providers.yaml');
  const acme = `{ dialects: ${dialects}, url: 'http://127.0.0.1:9', key: none }`;
  writeFileSync(providers, `version: 1\nproviders: { acme: ${acme}, anthropic: off, openai: off, google: off }\n`, {
    mode: 0o600,
  });
  const env = { PATH: [bin, process.env['PATH'] ?? ''].join(delimiter), LOOPWRIGHT_PROVIDERS: providers };
  return { place, cli: (...argv) => place.with(env, ...argv) };
}

function eventsIn({ out }: Answer): readonly RecordedEvent[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
}

function said(answer: Answer): readonly string[] {
  return eventsIn(answer).flatMap((event) =>
    event.type === 'turn.finished' ? event.claims.map(({ kind, text }) => `${kind}: ${text}`) : [],
  );
}

/** Says what `words` expands to in the shell, as Claude Code prints its result. */
function result(words: string): string {
  return `printf '{"type":"result","subtype":"success","is_error":false,"result":"%s"}\\n' "${words}"`;
}

describe('a coding agent', () => {
  it('that is not installed is refused before any run begins, with the command that installs it', async () => {
    const { place } = stage('other', 'exit 1');
    const { code, err } = await place.with({ PATH: '/usr/bin:/bin' }, 'run', 'x', '--agent', 'qwen', '--model', 'm');
    expect([code, err]).toEqual([20, expect.stringContaining('LW_AGENT_MISSING')]);
    expect(err).toContain('npm install -g @qwen-code/qwen-code');
    expect(JSON.parse((await place.cli('list', '--json')).out)).toMatchObject({ runs: [] });
  });

  it('needs a model, and a program that is no agent takes none', async () => {
    const { cli } = stage('claude', 'exit 1');
    const without = await cli('run', 'x', '--agent', 'claude');
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('--model NAME')]);
    const command = await cli('run', 'x', '--model', 'm', '--', 'true');
    expect([command.code, command.err]).toEqual([2, expect.stringContaining('LW_AGENT_OPTIONS')]);
  });

  it('works in the sandbox with a home of the run, and what it leaves there is there in its next turn', async () => {
    const script = `cat > prompt.txt
seen=$(cat "$HOME/left" 2>/dev/null); echo before >> "$HOME/left"
if [ -n "$seen" ]; then cp right.js sum.js; fi
rm prompt.txt; ${result('$seen at $HOME with $ANTHROPIC_BASE_URL')}`;
    const { place, cli } = stage('claude', script);
    const answer = await cli('run', 'make it add', '--agent', 'claude', '--model', 'm', '--json');
    expect(answer.code).toBe(0);
    const url = String.raw`http://127\.0\.0\.1:\d+/acme`;
    expect(said(answer)).toEqual([
      expect.stringMatching(`^message: at /run/loopwright/home with ${url}$`),
      'done: exit code 0',
      expect.stringMatching(`^message: before at /run/loopwright/home with ${url}$`),
      'done: exit code 0',
    ]);
    expect((await place.cli('diff', 'last')).out).not.toContain('left');
  });

  it('is given its configuration anew before each turn, whatever it made of it', async () => {
    const script = `cat > /dev/null
config=$(grep -c env_key "$HOME/.codex/config.toml"); echo broken > "$HOME/.codex/config.toml"
printf '{"type":"item.completed","item":{"type":"agent_message","text":"%s"}}\\n{"type":"turn.completed"}\\n' "$config"`;
    const { cli } = stage('codex', script);
    const run = ['run', 'x', '--agent', 'codex', '--model', 'm', '--json', '--max-iterations', '2'];
    expect(said(await cli(...run)).filter((claim) => claim.startsWith('message'))).toEqual([
      'message: 1',
      'message: 1',
    ]);
  });

  it('that puts a link where its configuration goes is not started again, and nothing is written through the link', async () => {
    const { cli, place } = stage(
      'codex',
      `cat > /dev/null; rm -r "$HOME/.codex"; ln -s "$(pwd)" "$HOME/.codex"
printf '{"type":"turn.completed"}\\n'; echo x > y`,
    );
    const answer = await cli('run', 'x', '--agent', 'codex', '--model', 'm', '--json');
    expect(answer.code).toBe(20);
    const last = eventsIn(answer).at(-1);
    expect(last).toMatchObject({ reason: 'agent-unavailable', detail: expect.stringContaining('is not a directory') });
    expect((await place.cli('diff', 'last')).out).not.toContain('config.toml');
  });

  it('has the same home without a sandbox, and not the one of the person', async () => {
    const { place, cli } = stage('claude', `cat > /dev/null; cp right.js sum.js; ${result('$HOME')}`);
    const answer = await cli('run', 'x', '--agent', 'claude', '--model', 'm', '--sandbox', 'none', '--json');
    expect(answer.code).toBe(0);
    expect(said(answer)[0]).toMatch(new RegExp(`^message: ${place.home}/runs/[a-z0-9-]+/home$`, 'u'));
  });

  it('that speaks what no provider speaks is not started', async () => {
    const { cli } = stage('gemini', 'exit 1', '[openai-chat]');
    const { code, err, out } = await cli('run', 'x', '--agent', 'gemini', '--model', 'm', '--json');
    expect(code).toBe(20);
    expect(`${out}${err}`).toContain('gemini speaks gemini, and no provider with a key does');
  });

  it('that leaves with 0 and says nothing of its turn did not do it', async () => {
    const { cli } = stage('claude', 'cat > /dev/null; echo "Please log in."');
    const answer = await cli('run', 'x', '--agent', 'claude', '--model', 'm', '--json', '--max-iterations', '1');
    const ends = eventsIn(answer).flatMap((event) => (event.type === 'turn.finished' ? [event.end] : []));
    expect(ends).toEqual([{ kind: 'crashed', detail: expect.stringContaining('did not say that its turn is over') }]);
  });
});

describe('what a repository configures for its agent', () => {
  const SETTINGS = '{ "hooks": {} }\n';
  // Tells what it is given to load, and then changes all that it could change of it.
  const script = `cat > /dev/null; while [ "$1" != --settings ] && [ $# -gt 0 ]; do shift; done
hash=$(sha256sum < "$2" | cut -c1-64); echo '{}' > .claude/settings.json; echo '{}' > "$2"
${result('$hash')}; echo $$ > made`;

  function allowing(sha256: string): Stage {
    const staged = stage('claude', script);
    const configuration = `[{ path: .claude/settings.json, sha256: "${sha256}" }]`;
    staged.place.commit('policy', {
      '.claude/settings.json': SETTINGS,
      'loopwright.yaml': `${SUM['loopwright.yaml'] ?? ''}agent: { driver: claude, options: { model: m, configuration: ${configuration} } }\n`,
    });
    return staged;
  }
  const right = createHash('sha256').update(SETTINGS).digest('hex');

  it('is loaded as the base has it, in every turn, where the policy names it and its hash', async () => {
    const answer = await allowing(right).cli('run', 'x', '--json', '--max-iterations', '2');
    expect(said(answer).filter((claim) => claim.startsWith('message'))).toEqual([
      `message: ${right}`,
      `message: ${right}`,
    ]);
  });

  it('refuses the run before it begins where the hash is another, with the right one', async () => {
    const { place, cli } = allowing('0'.repeat(64));
    const { code, err } = await cli('run', 'x', '--json');
    expect([code, err]).toEqual([2, expect.stringContaining('LW_AGENT_CONFIGURATION')]);
    expect(err).toContain(`sha256: "${right}"`);
    expect(JSON.parse((await place.cli('list', '--json')).out)).toMatchObject({ runs: [] });
  });
});

describe('the conversation of a run', () => {
  const script = `cat > /dev/null; echo "$*" >> "$HOME/calls"
printf '{"type":"system","session_id":"s-1"}\\n'; ${result('$(tail -n 1 "$HOME/calls" | grep -o \'resume s-1\')')}; echo $$ > made`;

  it.each([
    ['resumed', 'message: resume s-1'],
    ['fresh', 'done: exit code 0'],
  ] as const)('that is %s by its policy is so in the next leg too', async (session, claim) => {
    const { place, cli } = stage('claude', script);
    place.commit('policy', {
      'loopwright.yaml': `${SUM['loopwright.yaml'] ?? ''}agent: { driver: claude, options: { model: m, session: ${session} } }\n`,
    });
    const first = await cli('run', 'x', '--json', '--max-iterations', '1');
    expect(eventsIn(first)).toContainEqual(expect.objectContaining({ type: 'session.named', sessionId: 's-1' }));
    const second = await cli('resume', 'last', '--json', '--max-iterations', '2');
    expect(said(second)[0]).toBe(claim);
  });
});

describe('the program of a run', () => {
  const script = `cat > /dev/null; ${result('hi')}`;
  const found = (answer: Answer): readonly RecordedEvent[] =>
    eventsIn(answer).filter(({ type }) => type === 'agent.found');

  it('is in its record by its contents', async () => {
    const { place, cli } = stage('claude', script);
    const answer = await cli('run', 'x', '--agent', 'claude', '--model', 'm', '--json', '--max-iterations', '2');
    const program = place.beside('bin/claude');
    const sha256 = createHash('sha256').update(readFileSync(program)).digest('hex');
    const known = { driver: 'claude', program, foundBy: 'PATH', version: null, sha256, manifest: null };
    expect(found(answer)).toEqual([expect.objectContaining(known)]);
    expect((await place.show()).programs).toEqual([known]);
    expect((await place.cli('show', 'last')).out.replaceAll(/\s+/gu, ' ')).toContain(sha256);
    expect((await place.cli('report', 'last')).out).toContain(sha256);
  });

  it.each([
    ['refused', 20, 1],
    ['allowed', 10, 2],
  ] as const)('that becomes another one under the run is %s by its policy', async (update, exitCode, turns) => {
    // Nothing confines it, so it can do what an updater does.
    const { place, cli } = stage('claude', `${script}; echo '# newer' >> "$0"; echo "$$" > made`);
    place.commit('policy', {
      'loopwright.yaml': `${SUM['loopwright.yaml'] ?? ''}agent: { driver: claude, options: { model: m, update: ${update} } }\n`,
    });
    const answer = await cli('run', 'x', '--json', '--max-iterations', '2', '--sandbox', 'none');
    const ends = eventsIn(answer).flatMap((event) => (event.type === 'turn.finished' ? [event.end.kind] : []));
    expect([answer.code, ends.filter((end) => end === 'ended').length]).toEqual([exitCode, turns]);
    expect(found(answer)).toHaveLength(2);
    if (update === 'allowed') return;
    const detail = expect.stringContaining('is another program than the one the run began with');
    expect(eventsIn(answer).at(-1)).toMatchObject({ reason: 'agent-unavailable', detail });
  });

  it('that has not the version that was asked for is refused before any run begins', async () => {
    const { place, cli } = stage('claude', script);
    place.commit('policy', {
      'loopwright.yaml': `${SUM['loopwright.yaml'] ?? ''}agent: { driver: claude, options: { model: m, version: 2.1.330 } }\n`,
    });
    const { code, err } = await cli('run', 'x', '--json');
    expect([code, err]).toEqual([20, expect.stringContaining('LW_AGENT_VERSION')]);
    expect(JSON.parse((await place.cli('list', '--json')).out)).toMatchObject({ runs: [] });
  });
});

describe('`loopwright agents install`', () => {
  /** Says what npm is told, and puts an agent where npm would. */
  const npm = `while [ "$1" != --prefix ]; do printf '%s ' "$1" >&2; shift; done
grep -q '"@earendil-works/pi-coding-agent": "0' "$2/package.json" && test -s "$2/package-lock.json" || exit 9
mkdir -p "$2/node_modules/.bin"
printf '#!/bin/sh\\ncat > /dev/null; cp right.js sum.js; echo %s\\n' "'{\\"type\\":\\"agent_settled\\"}'" > "$2/node_modules/.bin/pi"
chmod +x "$2/node_modules/.bin/pi"`;

  it('installs the pinned one into the state directory, which is then the agent where none is named', async () => {
    const { place, cli } = stage('npm', npm);
    const before = await cli('run', 'x', '--json');
    expect([before.code, before.err]).toEqual([2, expect.stringContaining('`loopwright agents install pi`')]);
    const installed = await cli('agents', 'install', 'pi', '--json');
    expect(installed.err).toContain('no script of any package is run');
    const installation = { foundBy: 'loopwright', program: expect.stringContaining(`${place.home}/agents/pi-`) };
    expect(JSON.parse(installed.out)).toMatchObject({ installed: true, installation });
    const again = await cli('agents', 'install', 'pi');
    expect([again.code, again.err]).toEqual([0, expect.stringContaining('installed already')]);
    const ran = await cli('run', 'x', '--model', 'm', '--json');
    expect([ran.code, (await place.show()).agent]).toEqual([0, 'pi']);
  });

  it('says why npm failed, and leaves nothing that would be found', async () => {
    const { cli } = stage('npm', 'echo "no registry" >&2; exit 1');
    const { code, err } = await cli('agents', 'install', 'pi');
    expect([code, err]).toEqual([20, expect.stringContaining('no registry')]);
    const { agents } = JSON.parse((await cli('agents', '--json')).out) as { agents: Record<string, unknown>[] };
    expect(agents.find(({ id }) => id === 'pi')?.['installation'] ?? null).not.toMatchObject({ foundBy: 'loopwright' });
    expect((await cli('agents', 'install', 'codex')).code).toBe(2);
  });
});

describe('`loopwright agents`', () => {
  it('says which are here, and how the others are installed', async () => {
    const { cli } = stage('claude', 'exit 1');
    const { agents } = JSON.parse((await cli('agents', '--json')).out) as { agents: Record<string, unknown>[] };
    expect(agents.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['claude', 'codex', 'pi', 'gemini', 'qwen', 'opencode', 'command', 'scripted']),
    );
    const claude = agents.find(({ id }) => id === 'claude');
    expect(claude).toMatchObject({ installed: true, installation: { foundBy: 'PATH', version: null } });
    expect(agents.find(({ id }) => id === 'command')).toMatchObject({ installed: null, installation: null });
    expect((await cli('agents')).out).toMatch(/claude +yes +not told/u);
  });
});
