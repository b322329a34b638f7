/** The bill with a tip on top, in cents. Half a cent goes to the waiter. */
export function withTip(total, percent) {
  if (percent < 0) throw new RangeError('a tip is never negative');
  return total + Math.ceil((total * percent) / 100);
}
