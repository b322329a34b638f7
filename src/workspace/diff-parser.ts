/** Reads what `git diff-tree -r --raw --numstat -z` prints. Pure. */
import type { ChangeKind, FileMode } from '../core/change.ts';
import { LoopwrightError } from '../core/errors.ts';
import { splitNul } from './object-names.ts';

/** One entry of a diff, with names as bytes. */
export interface DiffEntry {
  readonly kind: ChangeKind;
  readonly oldMode: FileMode;
  readonly newMode: FileMode;
  readonly oldId: string;
  readonly newId: string;
  readonly name: Buffer;
  /** Only for renames and copies. */
  readonly previousName: Buffer | null;
  /** null for binary files, and where no counts were asked for. */
  readonly addedLines: number | null;
  readonly removedLines: number | null;
}

const KINDS: Readonly<Record<string, ChangeKind>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  T: 'type-changed',
};

const MODES: readonly string[] = ['000000', '100644', '100755', '120000', '160000'] satisfies FileMode[];

const RAW = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/;

/** The raw records come first, then one count record for each, in the same order. */
export function parseDiff(output: Buffer): readonly DiffEntry[] {
  const fields = splitNul(output);
  const entries: Omit<DiffEntry, 'addedLines' | 'removedLines'>[] = [];
  let at = 0;
  while (at < fields.length && fields[at]?.[0] === 0x3a) {
    const raw = RAW.exec(take(fields, at).toString('latin1'));
    if (raw === null) throw garbled(fields[at]);
    const kind = KINDS[raw[5] ?? ''];
    if (kind === undefined) throw garbled(fields[at]);
    const moved = kind === 'renamed' || kind === 'copied';
    entries.push({
      kind,
      oldMode: fileMode(raw[1]),
      newMode: fileMode(raw[2]),
      oldId: raw[3] ?? '',
      newId: raw[4] ?? '',
      name: take(fields, at + (moved ? 2 : 1)),
      previousName: moved ? take(fields, at + 1) : null,
    });
    at += moved ? 3 : 2;
  }
  if (at === fields.length) return entries.map((entry) => ({ ...entry, addedLines: null, removedLines: null }));
  return entries.map((entry) => {
    const counts = parseCounts(take(fields, at));
    at += counts.named ? 1 : 3;
    return { ...entry, addedLines: counts.addedLines, removedLines: counts.removedLines };
  });
}

/** `<added>\t<removed>\t<name>`, or without the name when the old and the new name follow as fields of their own. */
function parseCounts(field: Buffer): { addedLines: number | null; removedLines: number | null; named: boolean } {
  const firstTab = field.indexOf(0x09);
  const secondTab = field.indexOf(0x09, firstTab + 1);
  if (firstTab <= 0 || secondTab === -1) throw garbled(field);
  return {
    addedLines: count(field.subarray(0, firstTab)),
    removedLines: count(field.subarray(firstTab + 1, secondTab)),
    named: secondTab + 1 < field.length,
  };
}

function count(field: Buffer): number | null {
  const text = field.toString('latin1');
  if (text === '-') return null;
  if (!/^\d+$/.test(text)) throw garbled(field);
  return Number(text);
}

/** Group-writable modes of ancient trees mean the same as the plain ones. */
export function fileMode(text: string | undefined): FileMode {
  if (text !== undefined && MODES.includes(text)) return text as FileMode;
  if (text === '100664' || text === '100600') return '100644';
  if (text === '100775' || text === '100700') return '100755';
  throw garbled(Buffer.from(text ?? ''));
}

function take(fields: readonly Buffer[], at: number): Buffer {
  const field = fields[at];
  if (field === undefined) throw garbled(Buffer.from('(end of output)'));
  return field;
}

function garbled(field: Buffer | undefined): LoopwrightError {
  return new LoopwrightError('LW_GIT_FAILED', {
    message: `git printed a diff record that is not understood: ${JSON.stringify(field?.toString('latin1').slice(0, 200))}`,
    next: 'This is a defect of loopwright, or a git newer than it knows. Please report it with `git --version`.',
  });
}

/** One entry of `git ls-tree -z` that is not a directory. */
export interface TreeEntry {
  readonly mode: FileMode;
  readonly id: string;
  readonly name: Buffer;
}

export function parseTree(output: Buffer): readonly TreeEntry[] {
  return splitNul(output).flatMap((record) => {
    const tab = record.indexOf(0x09);
    const [mode, type, id] = record.subarray(0, Math.max(tab, 0)).toString('latin1').split(' ');
    if (tab === -1 || id === undefined) throw garbled(record);
    return type === 'tree' ? [] : [{ mode: fileMode(mode), id, name: record.subarray(tab + 1) }];
  });
}
