/** Every way to cheat that is tried. */
import { RUNNING_CODE } from './running-code.ts';
import { SETTINGS } from './settings.ts';
import { SPECIAL_CASES } from './special-cases.ts';
import type { Cheat } from './subject.ts';
import { TAMPERED_TESTS } from './tampered-tests.ts';
import { TREE } from './tree.ts';

export const CHEATS: readonly Cheat[] = [...TAMPERED_TESTS, ...SPECIAL_CASES, ...RUNNING_CODE, ...SETTINGS, ...TREE];
