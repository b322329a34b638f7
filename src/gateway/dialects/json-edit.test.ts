import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from './json-document.ts';
import type { JsonObject } from './json-document.ts';
import { createBodyEditor } from './json-edit.ts';
import type { BodyEditor } from './json-edit.ts';

const encoder = new TextEncoder();

function edited(text: string, change: (root: JsonObject, editor: BodyEditor) => void): string {
  const reading = readJson(encoder.encode(text));
  if (!reading.ok || reading.document.root.kind !== 'object') throw new Error('no object');
  const editor = createBodyEditor(reading.document);
  change(reading.document.root, editor);
  return new TextDecoder().decode(editor.bytes());
}

/** Removes the members whose names are given and sets `limit`. */
function removeAndSet(text: string, removed: readonly string[]): string {
  return edited(text, (root, editor) => {
    for (const name of removed) editor.remove(root, name);
    editor.set(root, 'limit', '7');
  });
}

const anObject = fc.dictionary(
  fc.string().filter((name) => name !== '__proto__'),
  fc.jsonValue(),
  { noNullPrototype: true },
);

describe('edits by place', () => {
  it('give the expected object for any object, any set of members removed and one set, in any layout', () => {
    fc.assert(
      fc.property(anObject, fc.nat(3), fc.infiniteStream(fc.boolean()), (value, indent, coins) => {
        const removed = Object.keys(value).filter((name) => name !== 'limit' && coins.next().value === true);
        const text = JSON.stringify(value, null, indent);
        const kept = Object.entries(value).filter(([name]) => !removed.includes(name));
        const expected: unknown = JSON.parse(JSON.stringify({ ...Object.fromEntries(kept), limit: 7 }));
        expect(JSON.parse(removeAndSet(text, removed))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('give the expected list for any list and any elements removed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.jsonValue(), fc.boolean())), fc.nat(2), (pairs, indent) => {
        const text = JSON.stringify({ list: pairs.map(([value]) => value) }, null, indent);
        const result = edited(text, (root, editor) => {
          const list = root.members[0]?.value;
          if (list?.kind !== 'array') throw new Error('no list');
          for (const [at, element] of list.elements.entries()) if (pairs[at]?.[1]) editor.removeElement(list, element);
        });
        const kept = pairs.filter(([, removed]) => !removed).map(([value]) => value);
        expect(JSON.parse(result)).toEqual(JSON.parse(JSON.stringify({ list: kept })));
      }),
      { numRuns: 500 },
    );
  });

  it('leave every byte outside of the edited place as it was', () => {
    const text = '{ "a" :1.0e0,\n\t"limit":  900 , "b":"\\u00e9 Grüße" }';
    expect(edited(text, (root, editor) => editor.set(root, 'limit', '7'))).toBe(text.replace('900', '7'));
    expect(edited(text, (root, editor) => editor.set(root, 'new', '7'))).toBe(text.replace('{', '{"new":7,'));
    expect(edited(text, (root, editor) => editor.remove(root, 'limit'))).toBe(
      '{ "a" :1.0e0, "b":"\\u00e9 Grüße" }'.replace(', ', ' , '),
    );
    expect(edited('{ }', (root, editor) => editor.set(root, 'new', '7'))).toBe('{"new":7 }');
  });

  it('give back the very bytes when nothing is changed', () => {
    const reading = readJson(encoder.encode('{"a":1}'));
    if (!reading.ok) throw new Error(reading.problem);
    expect(createBodyEditor(reading.document).bytes()).toBe(reading.document.bytes);
  });

  it('drop a change inside of what is removed', () => {
    const result = edited('{"a":{"b":1},"c":2}', (root, editor) => {
      const inner = root.members[0]?.value;
      if (inner?.kind === 'object') editor.set(inner, 'b', '5');
      editor.remove(root, 'a');
    });
    expect(result).toBe('{"c":2}');
  });
});
