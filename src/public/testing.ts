/**
 * For plugin authors and for testing policies: the conformance suite of every port, and the scripted agent. The suites take
 * the test framework as an argument, so that this package depends on none.
 */
export { createScriptedDriver } from '../drivers/scripted/index.ts';
export { createMemoryStore } from '../store/memory/index.ts';
export { checkFormatConformance } from './conformance/check.ts';
export type { CheckFormatSubject } from './conformance/check.ts';
export { dialectConformance } from './conformance/dialect.ts';
export type { DialectAnswer, DialectSubject } from './conformance/dialect.ts';
export { driverConformance, hostInSandbox } from './conformance/driver.ts';
export type { DriverSubject } from './conformance/driver.ts';
export { escapeCanary, escapeConformance } from './conformance/escapes/index.ts';
export type { Attempt, EscapeSubject } from './conformance/escapes/index.ts';
export { forgeConformance } from './conformance/forge.ts';
export type { ForgeBench, ForgeFault, ForgeHands, ForgeSubject } from './conformance/forge.ts';
export { permissionConformance } from './conformance/permission.ts';
export type { PermissionSubject } from './conformance/permission.ts';
export type { TestHarness } from './conformance/harness.ts';
export { ledgerConformance } from './conformance/ledger.ts';
export { sandboxConformance } from './conformance/sandbox.ts';
export { storeConformance } from './conformance/store.ts';
