/**
 * Splits a bill by weight: [2, 1, 1] means the first one pays for two.
 * Takes and returns whole cents.
 */
export function splitBill(total, weights) {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) throw new RangeError('somebody has to pay');
  return weights.map((weight) => Math.round((total * weight) / sum));
}
