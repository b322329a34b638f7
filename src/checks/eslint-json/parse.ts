/**
 * ESLint's JSON to findings: every message by its rule; severity 2, and everything fatal, is an error. What a file counts
 * beyond the messages it shows is there too, without a rule. What was examined are the files it lists, clean ones included,
 * without those that it says it ignores.
 */
import { isFields } from '../../core/fields.ts';
import { countAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placed, readFindings } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';

/** A count is one number, whatever it says; a report of that many messages would have been cut. */
const MAX_UNSHOWN = 1_000;

function findingOf(file: string, message: JsonObject): RawFinding {
  const words = textAt(message, 'message');
  const rule = textAt(message, 'ruleId');
  const place = { file, line: countAt(message, 'line'), column: countAt(message, 'column') };
  return {
    unit: file,
    rule: rule === '' ? words : rule,
    level: message['severity'] === 1 && message['fatal'] !== true ? 'warning' : 'error',
    message: placed(place, words),
  };
}

function unshown(file: string, entry: JsonObject, shown: readonly RawFinding[]): readonly RawFinding[] {
  const levels = [
    ['error', 'errorCount'],
    ['warning', 'warningCount'],
  ] as const;
  return levels.flatMap(([level, key]) => {
    const missing = countAt(entry, key) - shown.filter((finding) => finding.level === level).length;
    const message = `${file}: counts ${countAt(entry, key)} of level ${level}, and shows fewer`;
    const one: RawFinding = { unit: file, rule: 'not shown', level, message };
    return Array.from({ length: Math.min(Math.max(missing, 0), MAX_UNSHOWN) }, () => one);
  });
}

/** An ignored file that was named on the command line is listed with nothing but a warning that says so. */
function isIgnored(messages: readonly JsonObject[]): boolean {
  const [only, ...others] = messages;
  if (only === undefined || others.length > 0 || only['severity'] !== 1) return false;
  return textAt(only, 'ruleId') === '' && textAt(only, 'message').startsWith('File ignored');
}

function readFiles(value: unknown): ReadFindings | null {
  const files = objectsOf(isFields(value) ? value['results'] : value);
  if (files === null) return null;
  const findings: RawFinding[] = [];
  let examined = 0;
  for (const one of files) {
    const messages = objectsOf(one['messages']);
    const file = textAt(one, 'filePath');
    if (messages === null || file === '') return null;
    if (!isIgnored(messages)) examined += 1;
    const shown = messages.map((message) => findingOf(file, message));
    for (const finding of [...shown, ...unshown(file, one, shown)]) findings.push(finding);
  }
  return readFindings(findings, examined, null);
}

export function readEslint(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  return readJson(bytes, origin, { label: 'an ESLint report', read: readFiles });
}
