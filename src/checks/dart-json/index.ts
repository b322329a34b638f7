/** What `dart test --reporter json` and `flutter test --machine` write. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readDart } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'dart-json', label: 'Dart test report', read: readDart });
}
