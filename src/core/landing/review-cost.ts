/**
 * What it costs a person to read a change, in minutes. Pure.
 *
 * The rate is from the code review study of SmartBear at Cisco Systems (Cohen and others, "Best Kept Secrets of Peer Code
 * Review", 2006; 2,500 reviews, 3.2 million lines): reviewers who go faster than 300 to 500 lines an hour miss what is there,
 * and after 60 to 90 minutes they find little more. So: 400 lines an hour of what is read line by line, and half a minute to
 * open a file. The weights are judgement. None of it was calibrated on reviews of agents' work: it is a measure to compare
 * changes by, not a forecast.
 */
import type { Change, ChangedFile } from '../change.ts';
import { fileKind } from './file-kind.ts';
import type { FileKind } from './file-kind.ts';

export const LINES_AN_HOUR = 400;

const MINUTES_A_FILE = 0.5;

/** What a removed line costs of an added one: it is looked at for what is lost, not for whether it is right. */
const REMOVED = 0.5;

/** Share of a line of source. A tool vouches for what it wrote; somebody has to see that it is only that. */
export const LINE_WEIGHTS: Readonly<Record<FileKind, number>> = {
  source: 1,
  configuration: 1,
  test: 0.5,
  documentation: 0.5,
  generated: 0.02,
  lockfile: 0.02,
};

type Sized = Pick<ChangedFile, 'path' | 'addedLines' | 'removedLines'>;

/** Not rounded. A binary file costs what opening it does. */
export function minutesOf({ path, addedLines, removedLines }: Sized): number {
  const kind = fileKind(path);
  const opened = kind === 'generated' || kind === 'lockfile' ? MINUTES_A_FILE / 5 : MINUTES_A_FILE;
  const lines = (addedLines ?? 0) + REMOVED * (removedLines ?? 0);
  return opened + (lines * LINE_WEIGHTS[kind] * 60) / LINES_AN_HOUR;
}

/** Whole minutes, rounded up; 0 for an empty change. Files beyond the listed ones, and their lines, count as source. */
export function reviewMinutes(change: Pick<Change, 'files' | 'fileCount' | 'addedLines' | 'removedLines'>): number {
  const { files } = change;
  const listed = files.reduce((sum, file) => sum + minutesOf(file), 0);
  const unlisted = Math.max(0, change.fileCount - files.length);
  if (unlisted === 0) return Math.ceil(listed);
  const added = change.addedLines - files.reduce((sum, file) => sum + (file.addedLines ?? 0), 0);
  const removed = change.removedLines - files.reduce((sum, file) => sum + (file.removedLines ?? 0), 0);
  const lines = Math.max(0, added) + REMOVED * Math.max(0, removed);
  return Math.ceil(listed + unlisted * MINUTES_A_FILE + (lines * 60) / LINES_AN_HOUR);
}

/** `about 12 minutes`; always said as what it is. */
export function reviewWords(minutes: number): string {
  return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} to review (an estimate, not calibrated)`;
}
