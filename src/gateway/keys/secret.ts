/** A value in a box that only opens when asked: it must not get out through a log, an error or a printed object. */
import type { Secret } from '../../ports/gateway.ts';

const HIDDEN = '[secret]';

export function createSecret(value: string): Secret {
  const hide = (): string => HIDDEN;
  const box: Secret = {
    // The value is in this closure and in no property, so nothing that walks over properties finds it.
    reveal: () => value,
  };
  for (const way of ['toString', 'toJSON', Symbol.toPrimitive, Symbol.for('nodejs.util.inspect.custom')]) {
    Object.defineProperty(box, way, { value: hide, enumerable: false });
  }
  return Object.freeze(box);
}
