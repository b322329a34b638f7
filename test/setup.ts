/**
 * Properties draw from one seed, so that a red build is red for everybody. `FAST_CHECK_SEED=random` looks further, and any
 * number replays what it found.
 */
import fc from 'fast-check';

const wanted = process.env['FAST_CHECK_SEED'] ?? '20261123';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
