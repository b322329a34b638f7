/**
 * XML reports that are a list of records inside nested groups: each record comes whole, with the groups it stands in, and
 * is let go again, so that a report of megabytes is never a tree in memory.
 */
import { unreadable } from './reading.ts';
import type { ReportOrigin, UnreadableReport } from './reading.ts';
import { readXml } from './xml-report.ts';
import type { Attributes, XmlHandler } from './xml-report.ts';

export interface Group {
  readonly name: string;
  readonly attributes: Attributes;
}

export interface XmlRecord extends Group {
  readonly children: readonly XmlRecord[];
  /** Its own text, bounded; that of its children is theirs. */
  readonly text: string;
}

export interface Records<T> {
  /** As in "is not a TRX report", article included. */
  readonly label: string;
  readonly roots: readonly string[];
  /** Names of elements that are records. */
  readonly records: ReadonlySet<string>;
  /** Groups from the outside in. */
  record(record: XmlRecord, groups: readonly Group[]): void;
  finish(root: Group): T;
}

interface Building extends XmlRecord {
  readonly children: Building[];
  text: string;
}

/** Kept of one text before it is cleaned and bounded; a system under test can print megabytes. */
const RAW_TEXT_CHARS = 16_000;

function recordsHandler<T>(rules: Records<T>): XmlHandler<T | UnreadableReport> {
  const groups: Group[] = [];
  const building: Building[] = [];
  let root: Group | null = null;
  return {
    open(name, attributes) {
      if (root === null) {
        if (!rules.roots.includes(name)) {
          return `is not ${rules.label}: its root element is <${name.slice(0, 40)}>`;
        }
        root = { name, attributes };
      }
      if (building.length === 0 && !rules.records.has(name)) groups.push({ name, attributes });
      else {
        const record: Building = { name, attributes, children: [], text: '' };
        building.at(-1)?.children.push(record);
        building.push(record);
      }
      return null;
    },
    text(part) {
      const record = building.at(-1);
      if (record !== undefined && record.text.length < RAW_TEXT_CHARS) record.text += part.slice(0, RAW_TEXT_CHARS);
    },
    close() {
      const record = building.pop();
      if (record === undefined) groups.pop();
      else if (building.length === 0) rules.record(record, groups);
    },
    finish: () => (root === null ? unreadable(`is not ${rules.label}: it has no root element`) : rules.finish(root)),
  };
}

/** Pure and total. These formats have one writer each, with an XML library; characters that XML forbids are damage. */
export function readRecords<T>(bytes: Uint8Array, origin: ReportOrigin, rules: Records<T>): T | UnreadableReport {
  return readXml(bytes, origin, { roots: rules.roots, tolerant: false, handler: recordsHandler(rules) });
}

/** The first element of that name, at any depth; null when there is none. */
export function findIn(record: XmlRecord, name: string): XmlRecord | null {
  for (const child of record.children) {
    const found = child.name === name ? child : findIn(child, name);
    if (found !== null) return found;
  }
  return null;
}

/** The texts of the named elements, one below the other. */
export function textsIn(record: XmlRecord, names: readonly string[]): string {
  return names
    .map((name) => findIn(record, name)?.text.trim() ?? '')
    .filter((text) => text !== '')
    .join('\n');
}
