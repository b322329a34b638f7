/** Money is a whole number of cents. Never a fraction: 0.1 + 0.2 is not 0.3. */

/** '12.34' -> 1234. Throws for anything that is not an amount with at most two decimals. */
export function parseCents(text) {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (match === null) throw new TypeError(`not an amount: ${text}`);
  const [, sign, euros, cents = ''] = match;
  const amount = Number(euros) * 100 + Number(cents.padEnd(2, '0'));
  return sign === '-' ? 0 - amount : amount;
}

/** 1234 -> '12.34' */
export function formatCents(cents) {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
