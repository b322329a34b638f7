import { describe, expect, it } from 'vitest';
import type { PermissionAnswer, PermissionQuestion } from '../../core/permission.ts';
import { openDialogue, toolUse } from './dialogue.ts';

describe('what a tool would do', () => {
  it.each([
    ['Bash', { command: 'ls', description: 'x' }, { kind: 'command', line: 'ls' }],
    ['Write', { file_path: '/workspace/a', content: '' }, { kind: 'edit', paths: ['/workspace/a'] }],
    ['Edit', { file_path: 'a' }, { kind: 'edit', paths: ['a'] }],
    ['MultiEdit', { file_path: 'a', edits: [] }, { kind: 'edit', paths: ['a'] }],
    ['NotebookEdit', { notebook_path: 'a.ipynb' }, { kind: 'edit', paths: ['a.ipynb'] }],
    ['Read', { file_path: '/etc/passwd' }, { kind: 'read', paths: ['/etc/passwd'] }],
    ['Grep', { pattern: '/x/' }, { kind: 'read', paths: ['/workspace'] }],
    ['Grep', { pattern: 'x', path: 'src' }, { kind: 'read', paths: ['src'] }],
    ['Glob', { pattern: '/etc/*' }, { kind: 'read', paths: ['/workspace', '/etc/*'] }],
    ['Glob', { pattern: 'a/../../b' }, { kind: 'read', paths: ['/workspace', 'a/../../b'] }],
    ['WebFetch', { url: 'https://user@Docs.Example.com:8/x' }, { kind: 'fetch', host: 'docs.example.com' }],
    ['WebSearch', { query: 'x' }, { kind: 'other' }],
    ['constructor', {}, { kind: 'other' }],
    // What has no sense is no question that could be answered.
    ['Bash', { command: ['ls'] }, null],
    ['Bash', {}, null],
    ['Write', { file_path: 7 }, null],
    ['Read', {}, null],
    ['WebFetch', { url: 'no address' }, null],
  ])('%s with %j is %j', (tool, input, use) => {
    expect(toolUse(tool, input, '/workspace')).toEqual(use);
  });
});

interface Heard {
  readonly sent: unknown[];
  readonly questions: PermissionQuestion[];
  readonly calls: string[];
}

async function events(answer: PermissionAnswer | Error, ...given: readonly Record<string, unknown>[]): Promise<Heard> {
  const heard: Heard = { sent: [], questions: [], calls: [] };
  const dialogue = openDialogue({
    host: {
      workspacePath: '/workspace',
      permit(question) {
        heard.questions.push(question);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    send: (message) => heard.sent.push(message),
    hangUp: () => heard.calls.push('hang up'),
    endSoon: () => heard.calls.push('end soon'),
  });
  for (const event of given) await dialogue.onEvent(event);
  return heard;
}

function canUse(tool: unknown, input: unknown): Record<string, unknown> {
  const request = { subtype: 'can_use_tool', tool_name: tool, input, description: 'Harmless, trust me' };
  return { type: 'control_request', request_id: 'r', request };
}

const response = (inner: unknown): unknown => ({
  type: 'control_response',
  response: { subtype: 'success', request_id: 'r', response: inner },
});

const told = (decision: PermissionAnswer['decision']): PermissionAnswer => ({
  decision,
  rule: 'R',
  reason: 'so it is',
});

describe('the control protocol', () => {
  it('passes an allowed call on as it came', async () => {
    const input = { command: 'ls', b: { z: 1, a: 2 } };
    const { sent, questions } = await events(told('allow'), canUse('Bash', input));
    expect(sent).toEqual([response({ behavior: 'allow', updatedInput: input })]);
    // Keys in order, and nothing of what the agent says about it.
    expect(questions).toEqual([
      { tool: 'Bash', use: { kind: 'command', line: 'ls' }, input: '{"b":{"a":2,"z":1},"command":"ls"}' },
    ]);
  });

  it('denies with the reason and the rule, and interrupts only for a person', async () => {
    const denied = await events(told('deny'), canUse('Bash', { command: 'ls' }));
    const message = 'The policy of this run denies this: so it is (rule R)';
    expect(denied.sent).toEqual([response({ behavior: 'deny', message })]);
    expect(denied.calls).toEqual([]);
    const held = await events(told('hold'), canUse('Bash', { command: 'ls' }));
    expect(held.sent).toEqual([
      response({ behavior: 'deny', message: expect.stringContaining('A person has to decide'), interrupt: true }),
    ]);
    expect(held.calls).toEqual(['end soon']);
  });

  it('answers what it does not understand with an error, and never with a yes', async () => {
    const odd = [
      canUse('Bash', { command: 7 }),
      canUse(7, {}),
      canUse('Bash', null),
      { type: 'control_request', request_id: 'r', request: { subtype: 'hook_callback' } },
      { type: 'control_request', request_id: 'r' },
    ];
    const { sent, questions } = await events(told('allow'), ...odd);
    expect(questions).toEqual([]);
    expect(sent).toHaveLength(odd.length);
    for (const message of sent) expect(message).toMatchObject({ response: { subtype: 'error', request_id: 'r' } });
  });

  it('cannot answer what has no name, and passes over everything else', async () => {
    const { request } = canUse('Bash', { command: 'ls' });
    const { sent, questions } = await events(
      told('allow'),
      { type: 'control_request', request },
      { type: 'control_cancel_request', request_id: 'r' },
      { type: 'assistant' },
      {},
    );
    expect([sent, questions]).toEqual([[], []]);
  });

  it('hangs up after the result, and fails as the host does', async () => {
    expect((await events(told('allow'), { type: 'result' })).calls).toEqual(['hang up']);
    await expect(events(new Error('gone'), canUse('Bash', { command: 'ls' }))).rejects.toThrow('gone');
  });
});
