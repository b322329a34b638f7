import { describe, expect, it } from 'vitest';
import { addedFile, changedFile, contentOf } from '../../../test/fixtures/content.ts';
import type { ChangedContent } from '../../ports/content.ts';
import { readDeadCode } from './index.ts';

async function seen(
  files: readonly ChangedContent[],
  around: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  return (await readDeadCode(contentOf(files, around))).map(
    ({ path, line, message }) => `${path}:${line ?? '-'} ${message}`,
  );
}

describe('functions that nothing names', () => {
  it.each([
    ['a.ts', 'export function unusedHelper(a: string) {'],
    ['a.ts', 'async function unusedHelper() {'],
    ['a.ts', 'const unusedHelper = async (a: string): Promise<void> => {'],
    ['a.py', 'def unusedHelper(a):'],
    ['a.go', 'func unusedHelper(a int) {'],
    ['a.rs', 'pub fn unusedHelper(a: u8) {'],
    ['a.php', 'function unusedHelper($a) {'],
  ])('%s: %s', async (path, line) => {
    expect(await seen([changedFile(path, 'a\n', `a\n${line}\n`)])).toEqual([
      `${path}:2 adds unusedHelper, which nothing in the repository names`,
    ]);
    // It was there before.
    expect(await seen([changedFile(path, `${line}\n`, `a\n${line}\n`)])).toEqual([]);
    // Its line changed.
    expect(await seen([changedFile(path, line.replace('unusedHelper', '  unusedHelper'), `${line}\n`)])).toEqual([]);
    // Used here, used in the change, used elsewhere.
    expect(await seen([addedFile(path, `${line}\nx = unusedHelper\n`)])).toEqual([]);
    expect(await seen([addedFile(path, `${line}\n`), addedFile('b.md', 'unusedHelper\n')])).toEqual([]);
    expect(await seen([addedFile(path, `${line}\n`)], { 'b.ts': 'unusedHelper()\n' })).toEqual([]);
    // A longer name is another one.
    expect(await seen([addedFile(path, `${line}\n`)], { 'b.ts': 'unusedHelperOf()\n' })).toHaveLength(1);
  });

  it.each([
    ['an entry point', 'main.go', 'func main() {'],
    ['a test', 'a.test.ts', 'function unusedHelper() {'],
    ['a decorated one', 'a.py', '@app.route("/")\ndef unusedHelper():'],
    ['an attribute', 'a.rs', '#[no_mangle]\npub fn unusedHelper() {'],
    ['a method', 'a.py', '    def unusedHelper(self):'],
    ['a method of Go', 'a.go', 'func (a *A) unusedHelper() {'],
    ['a route', 'app/page.tsx', 'export function UnusedPage() {'],
    ['a value', 'a.ts', 'const unusedHelper = 3;'],
    ['a generated file', 'a.ts', '// @generated\nfunction unusedHelper() {'],
    ['a document', 'a.md', 'function unusedHelper() {'],
  ])('%s is left out', async (_, path, text) => {
    expect(await seen([addedFile(path, `${text}\n`)])).toEqual([]);
  });
});
