/** A check format: how to read what a check left behind. The engine runs the process; a format only interprets. */
import type { CheckSpec, Interpretation, ReportFormat } from '../core/check.ts';
import type { ProcessEnd } from './sandbox.ts';

/** Everything an interpretation may look at. Artefacts were read inside the sandbox, bounded, as bytes. */
export interface CheckEvidence {
  readonly spec: CheckSpec;
  readonly end: ProcessEnd;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** True when more was written than was kept, so that the stream cannot be parsed as a whole. */
  readonly stdoutTruncated: boolean;
  /** The report files that `spec.reportFile` matched, in path order. Empty when it matched none or is null. */
  readonly artefacts: readonly { readonly path: string; readonly bytes: Uint8Array; readonly truncated: boolean }[];
}

/** Pure. Never throws for bad input: whatever cannot be read is `inconclusive`. */
export interface CheckFormat {
  readonly id: ReportFormat;
  interpret(evidence: CheckEvidence): Interpretation;
}
