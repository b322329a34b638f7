/**
 * The last word with a digit in it has to be a plain number: `1234`, `1,234`, `-0.5`, `1e6`, with its unit attached (`12kB`)
 * or behind it (`12 kB`). A version, a date, a fraction, `NaN` and infinity are none, and then nothing is known: taking an
 * earlier number instead would measure something else without a word.
 */
import { cleanName, stripAnsi } from '../excerpt.ts';
import { decodeReport } from '../decode.ts';
import { measuredWords } from '../../core/measure.ts';
import type { ReadMeasure } from '../measure-format.ts';
import { unreadable } from '../reading.ts';
import type { ReportOrigin, UnreadableReport } from '../reading.ts';

/** The number stands at the end; what is before it may be megabytes of something else. */
const READ_CHARS = 64 * 1024;

/** Longer is no number a person wrote, and a double does not hold it. */
const MOST_DIGITS = 15;

const PLAIN = /^([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?)([A-Za-zµ%]{0,10})$/;

/** Words that are units when they stand behind a number; any other word is prose. */
const UNITS: ReadonlySet<string> = new Set(
  '% B kB KB KiB MB MiB GB GiB byte bytes ns us µs ms s sec min h px'.split(' '),
);

function isNumberLike(word: string): boolean {
  return /\d/.test(word) || /^[-+]?(?:nan|inf(?:inity)?)$/i.test(word);
}

export function readNumber(bytes: Uint8Array, _origin: ReportOrigin): ReadMeasure | UnreadableReport {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  const words = stripAnsi(decoded.text.slice(-READ_CHARS))
    .split(/[\s=:|]+/)
    .map((word) => word.replace(/^[("'[{<`]+|[)"'\]}>`,;!.]+$/g, ''))
    .filter((word) => word !== '');
  const at = words.findLastIndex(isNumberLike);
  const word = words[at];
  if (word === undefined) return unreadable('has no number in it');
  const [, digits = '', attached = ''] = PLAIN.exec(word) ?? [];
  const value = Number(digits.replaceAll(',', ''));
  if (digits === '' || !Number.isFinite(value) || digits.replaceAll(/\D/g, '').length > MOST_DIGITS) {
    return unreadable(`ends with "${cleanName(word).slice(0, 40)}", which is no plain number`);
  }
  const next = words[at + 1] ?? '';
  const unit = attached === '' && UNITS.has(next) ? next : attached;
  return { kind: 'measure', value, unit, words: `measured ${measuredWords({ value, unit })}`, counted: 1 };
}
