/**
 * Claude Code's control protocol on standard input and output, as its SDKs speak it. Measured with 2.1.330: `can_use_tool`
 * asks, a `control_response` answers, `interrupt` ends the turn within 0.1 s.
 */
import { canonicalInput } from '../../core/permission.ts';
import type { PermissionAnswer, ToolUse } from '../../core/permission.ts';
import type { Dialogue, Line } from '../dialogue.ts';
import type { AgentEvent } from '../event-lines.ts';
import { fields, words } from '../told.ts';

/** What leads out of the place a search begins in. */
const ELSEWHERE = /^[/~]|(?:^|\/)\.\.(?:\/|$)/u;

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}

/** Tools that name one file, by what they do to it. */
const FILE_TOOLS: Readonly<Record<string, { readonly kind: 'edit' | 'read'; readonly input: string }>> = {
  Edit: { kind: 'edit', input: 'file_path' },
  Write: { kind: 'edit', input: 'file_path' },
  MultiEdit: { kind: 'edit', input: 'file_path' },
  NotebookEdit: { kind: 'edit', input: 'notebook_path' },
  Read: { kind: 'read', input: 'file_path' },
};

/** A search: where it begins, and its pattern where that leads elsewhere. */
function search(tool: 'Glob' | 'Grep', input: AgentEvent, workspacePath: string): ToolUse {
  const pattern = words(input[tool === 'Glob' ? 'pattern' : 'glob']);
  const beside = pattern !== null && ELSEWHERE.test(pattern) ? [pattern] : [];
  return { kind: 'read', paths: [words(input['path']) ?? workspacePath, ...beside] };
}

/** null: the input is not what this tool takes, so nobody can say what would happen. */
export function toolUse(tool: string, input: AgentEvent, workspacePath: string): ToolUse | null {
  if (tool === 'Bash') {
    const line = words(input['command']);
    return line === null ? null : { kind: 'command', line };
  }
  if (tool === 'Glob' || tool === 'Grep') return search(tool, input, workspacePath);
  if (tool === 'WebFetch') {
    const host = hostOf(words(input['url']) ?? '');
    return host === null ? null : { kind: 'fetch', host };
  }
  const named = Object.hasOwn(FILE_TOOLS, tool) ? FILE_TOOLS[tool] : undefined;
  if (named === undefined) return { kind: 'other' };
  const path = words(input[named.input]);
  return path === null ? null : { kind: named.kind, paths: [path] };
}

function behaviour({ decision, rule, reason }: PermissionAnswer, input: unknown): unknown {
  if (decision === 'allow') return { behavior: 'allow', updatedInput: input };
  if (decision === 'hold') {
    const message = `A person has to decide: ${reason}. End your turn now; you go on once they have.`;
    return { behavior: 'deny', message, interrupt: true };
  }
  const which = rule === null ? '' : ` (rule ${rule})`;
  return { behavior: 'deny', message: `The policy of this run denies this: ${reason}${which}` };
}

export function openDialogue({ host, send, hangUp, endSoon }: Line): Dialogue {
  function respond(requestId: string, response: unknown): void {
    send({ type: 'control_response', response: { subtype: 'success', request_id: requestId, response } });
  }

  function refuse(requestId: string, error: string): void {
    send({ type: 'control_response', response: { subtype: 'error', request_id: requestId, error } });
  }

  async function answer(requestId: string, request: AgentEvent): Promise<void> {
    const tool = words(request['tool_name']);
    const { input } = request;
    const use = tool === null ? null : toolUse(tool, fields(input), host.workspacePath);
    if (tool === null || use === null) return refuse(requestId, 'loopwright cannot say what this would do');
    const answered = await host.permit({ tool, use, input: canonicalInput(input) });
    respond(requestId, behaviour(answered, input));
    if (answered.decision === 'hold') endSoon();
  }

  return {
    begin(prompt) {
      send({ type: 'user', message: { role: 'user', content: prompt } });
    },
    async onEvent(event) {
      // It waits for more to do until it is told that there is nothing.
      if (event['type'] === 'result') return hangUp();
      if (event['type'] !== 'control_request') return undefined;
      const request = fields(event['request']);
      // What has no name cannot be answered, and what is not answered does not happen.
      const requestId = words(event['request_id']);
      if (requestId === null) return undefined;
      if (request['subtype'] === 'can_use_tool') return answer(requestId, request);
      return refuse(requestId, 'loopwright does not know this request');
    },
    interrupt() {
      send({ type: 'control_request', request_id: 'loopwright-interrupt', request: { subtype: 'interrupt' } });
    },
  };
}
