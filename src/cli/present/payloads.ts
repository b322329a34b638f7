/** The payloads of an event: prompts, outputs, diffs. Kept beside the log as blobs, shown below their event. */
import type { RecordedEvent } from '../../core/event.ts';

export interface Payload {
  readonly label: string;
  /** SHA-256 of the blob. */
  readonly hash: string;
}

export function payloadsOf(event: RecordedEvent): readonly Payload[] {
  if (event.type === 'turn.requested') return [{ label: 'prompt', hash: event.prompt }];
  if (event.type === 'permission.asked') return [{ label: 'input of the tool', hash: event.input }];
  if (event.type === 'turn.finished') return [{ label: 'output of the agent', hash: event.output }];
  if (event.type === 'change.collected') return [{ label: 'diff', hash: event.change.diff }];
  if (event.type !== 'check.finished') return [];
  return [{ label: `output of ${event.result.checkId}`, hash: event.result.output }];
}
