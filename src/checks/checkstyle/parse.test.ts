import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readCheckstyle } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readCheckstyle(bytesOf(text), 'file'));

const report = (files: string): string => `<checkstyle version="10">${files}</checkstyle>`;

describe('Checkstyle', () => {
  it('reads errors and warnings by their source, and counts clean files as examined', () => {
    const errors = [
      '<error line="3" column="5" severity="error" message="long" source="LineLength"/>',
      '<error line="4" severity="warning" message="odd" source="Odd"/>',
      '<error severity="info" message="fyi" source="Info"/>',
      '<error message="no severity, no source"/>',
    ];
    const text = report(
      `<file name="A.java">${errors.join('')}</file><file name="B.java"></file><file name="A.java"/>`,
    );
    expect(read(text)).toEqual([
      'error A.java > LineLength: A.java:3:5: long',
      'warning A.java > Odd: A.java:4: odd',
      'warning A.java > Info: A.java: fyi',
      'error A.java > no severity, no source: A.java: no severity, no source',
      'examined 2',
    ]);
  });

  it('does not know what was examined when it lists no file', () => {
    expect(read(report(''))).toEqual(['examined unknown']);
  });

  it('refuses other XML', () => {
    expect(read('<lint/>')).toEqual(['unreadable: is not a Checkstyle report: its root element is <lint>']);
  });
});
