export { formatCents, parseCents } from './money.js';
export { splitBill } from './split.js';
export { withTip } from './tip.js';
