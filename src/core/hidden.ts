/** Characters nobody sees, in text from outside. Pure. */

/**
 * Characters that are invisible or move others around: controls, format characters (bidi, zero width, tags), line and
 * paragraph separators, lone surrogates, blank letters, and variation selectors other than the emoji one.
 */
export const HIDDEN: RegExp =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u2800\u3164\uFFA0\uFFFE\uFFFF]|[\u115F-\u1160]|[\u17B4-\u17B5]|[\uFE00-\uFE0E]|[\u{E0100}-\u{E01EF}]/gu;
